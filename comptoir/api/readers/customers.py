"""Customers with their people, places and alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from comptoir.api.readers.orders import Place, place
from comptoir.api.reading import Reader, Rows, of_row, one_of, reader, text_in
from comptoir.customers.models import Alert, Contact, Customer, Identity
from comptoir.lib.money import Money
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """A value by which the customer or a person there is known on a channel."""

    id: int
    kind: str
    value: str
    is_preferred: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person at the customer."""

    id: int
    name: str
    position: str
    language: str
    is_active: bool
    identities: list[IdentityRow]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An address and what it is used as."""

    roles: list[str]
    transit_days: int
    address: Place


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What everybody who deals with the customer has to know."""

    id: int
    text: str
    until_on: date | None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A company or person we sell to, or may sell to."""

    id: int
    number: str
    name: str
    kind: str
    stage: str
    customer_class: str
    language: str
    currency: str
    country: str
    tax_id: str
    terms: str
    incoterm: str
    credit_limit: Money | None
    owner: str | None
    parent: str | None
    created_at: datetime
    identities: list[IdentityRow]
    contacts: list[ContactRow]
    addresses: list[PlaceRow]
    alerts: list[AlertRow]


def with_parts(rows: Rows) -> Rows:
    """Read together with everything of a customer."""
    own = Prefetch("identities", Identity.objects.order_by("pk"))
    people = Prefetch("contacts", Contact.objects.order_by("pk").prefetch_related(own))
    alerts = Prefetch("alerts", Alert.objects.filter(cleared_at=None).order_by("pk"))
    return rows.select_related("owner", "parent").prefetch_related(own, people, "addresses", alerts)


def shapes(member: Member, rows: Sequence[Customer]) -> list[CustomerRow]:
    """The customers."""
    return [_customer(row) for row in rows]


def _customer(row: Customer) -> CustomerRow:
    return CustomerRow(
        id=row.pk, number=row.number, name=row.name, kind=row.kind, stage=row.stage, customer_class=row.customer_class,
        language=row.language, currency=row.currency, country=row.country, tax_id=row.tax_id, terms=row.terms,
        incoterm=row.incoterm, credit_limit=row.credit, owner=row.owner.email if row.owner else None,
        parent=row.parent.number if row.parent else None, created_at=row.created_at,
        identities=[_identity(one) for one in row.identities.all() if one.contact_id is None],
        contacts=[_contact(one) for one in row.contacts.all()],
        addresses=[PlaceRow(list(one.roles), one.transit_days, place(one)) for one in row.addresses.all()],
        alerts=[AlertRow(one.pk, one.text, one.until_on) for one in row.alerts.all()],
    )  # fmt: skip


def _identity(row: Identity) -> IdentityRow:
    return IdentityRow(row.pk, row.kind, row.value, row.is_preferred)


def _contact(row: Contact) -> ContactRow:
    own = [_identity(one) for one in row.identities.all()]
    return ContactRow(row.pk, row.name, row.position, row.language, row.is_active, own)


reader(
    Reader(
        "customers", "customers", "Customers with people, places and alerts", Customer, CustomerRow, shapes, with_parts,
        {
            "stage": one_of("stage", Customer.Stage.values),
            "customer_class": one_of("customer_class", Customer.Class.values),
            "country": text_in("country"),
            "tax_id": text_in("tax_id"),
            "owner": of_row("owner", Member),
        },
    )
)  # fmt: skip
