"""The account itself: entered, edited, owned, promoted, put under another."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, NeedsApproval, Notice, Seen, Verdict, action
from comptoir.actions.editing import edits, shown
from comptoir.customers import verbs
from comptoir.customers.actions.identities import add_identity
from comptoir.customers.fields import Country, Currency, Language, Zone
from comptoir.customers.models import Customer, Identity
from comptoir.customers.queries import like
from comptoir.customers.tax import tidy
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.events.verbs import Ref
from comptoir.lib.numbers import with_check
from comptoir.lib.roles import RANKS, Role
from comptoir.lib.text import fold
from comptoir.people import any_member, at_least
from comptoir.people.models import Member

LABELS = {
    "country": gettext_lazy("Country"),
    "credit_limit": gettext_lazy("Credit limit"),
    "currency": gettext_lazy("Currency"),
    "customer_class": gettext_lazy("Class"),
    "email": gettext_lazy("E-mail of the company"),
    "incoterm": gettext_lazy("Delivery terms"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "phone": gettext_lazy("Phone of the company"),
    "source": gettext_lazy("Where they come from"),
    "stage": gettext_lazy("Stage"),
    "tax_id": gettext_lazy("VAT number"),
    "terms": gettext_lazy("Payment terms"),
    "time_zone": gettext_lazy("Time zone (empty: the country's)"),
}
EDITED = (
    "name", "kind", "customer_class", "country", "language", "currency", "tax_id", "terms", "incoterm",
    "credit_limit", "time_zone", "source",
)  # fmt: skip


def next_number() -> str:
    """The next customer number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('customer_number')")
        return f"K-{with_check(cursor.fetchone()[0])}"


def _alike(_subject: None, inputs: Mapping[str, Any]) -> list[Notice]:
    """The customers a new one may be."""
    found = like(inputs["name"], tax_id=inputs["tax_id"], email=inputs["email"])
    return [
        Notice(f"{near.customer} · {near.customer.number} – {near.why}", near.customer.get_absolute_url())
        for near in found
    ]


@action(
    "customers.add",
    subject=None,
    authority=any_member,
    title=gettext_lazy("New customer"),
    labels=LABELS,
    warn=_alike,
)
def add_customer(
    *,
    by: Member,
    name: str,
    country: Country,
    stage: Customer.Stage = Customer.Stage.CUSTOMER,
    kind: Customer.Kind = Customer.Kind.COMPANY,
    customer_class: Customer.Class = Customer.Class.B,
    language: Language = Language("en"),
    currency: Currency = Currency("EUR"),
    tax_id: str = "",
    email: str = "",
    phone: str = "",
    source: str = "",
) -> Customer:
    """Enter a customer or a prospect."""
    customer = Customer.objects.create(
        number=next_number(), name=name, sort_key=fold(name)[:200], country=country.upper()[:2], language=language,
        stage=stage, kind=kind, customer_class=customer_class, currency=currency.upper(), source=source,
        tax_id=tidy(tax_id), owner=None if by.kind == Member.Kind.SYSTEM else by,
    )  # fmt: skip
    record(verbs.ADDED, by=by, on=[customer], name=name)
    for known, value in ((Identity.Kind.EMAIL, email), (Identity.Kind.PHONE, phone)):
        if value:
            add_identity(customer, by=by, kind=known, value=value)
    return customer


def may_edit(member: Actor, customer: Customer, inputs: Mapping[str, Any]) -> Verdict:
    """Everybody edits; a higher credit limit is agreed to by a senior."""
    before, after = customer.credit_limit, inputs.get("credit_limit")
    higher = before is not None and (after is None or after > before)
    if higher and member.rank < RANKS[Role.SENIOR]:
        return NeedsApproval(_("A credit limit is raised by a senior or above."))
    return ALLOWED


@action(
    "customers.edit",
    subject=Customer,
    authority=may_edit,
    title=gettext_lazy("Edit customer"),
    labels=LABELS,
    initial=lambda customer: {name: getattr(customer, name) for name in EDITED} | {
        "kind": Customer.Kind(customer.kind), "customer_class": Customer.Class(customer.customer_class)
    },
)  # fmt: skip
def edit_customer(
    customer: Customer,
    *,
    by: Member,
    name: str,
    kind: Customer.Kind,
    customer_class: Customer.Class,
    country: Country,
    language: Language,
    currency: Currency,
    tax_id: str = "",
    terms: str = "",
    incoterm: str = "",
    credit_limit: Decimal | None = None,
    time_zone: Zone = Zone(""),
    source: str = "",
    seen: Seen = Seen(""),
) -> Customer:
    """Change what is given; each change stands in the story with before and after."""
    given = {
        "name": name, "kind": kind, "customer_class": customer_class, "country": country, "language": language,
        "currency": currency, "tax_id": tidy(tax_id), "terms": terms, "incoterm": incoterm,
        "credit_limit": credit_limit, "time_zone": time_zone, "source": source,
    }  # fmt: skip
    standing = {field: getattr(customer, field) for field in EDITED}
    for field, after in edits(standing, given, seen).items():
        setattr(customer, field, after)
        record(
            verbs.EDITED, by=by, on=[customer], field=str(LABELS.get(field) or _("Name")),
            before=shown(standing[field]), after=shown(after),
        )  # fmt: skip
    customer.sort_key = fold(customer.name)[:200]
    customer.save()
    return customer


@action(
    "customers.set_owner",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("Set owner"),
    labels={"owner": gettext_lazy("Owner")},
    initial=lambda customer: {"owner": customer.owner},
)
def set_owner(customer: Customer, *, by: Member, owner: Member | None = None, seen: Seen = Seen("")) -> Customer:
    """Who looks after the customer; nobody when it is left empty."""
    before = customer.owner
    if "owner" in edits({"owner": before}, {"owner": owner}, seen):
        customer.owner = owner
        customer.save(update_fields=["owner"])
        record(verbs.OWNER_SET, by=by, on=[customer], before=before, after=owner)
    return customer


@action(
    "customers.set_sponsor",
    subject=Customer,
    authority=at_least(Role.SUPERVISOR),
    title=gettext_lazy("Name a sponsor"),
    labels={"sponsor": gettext_lazy("Sponsor")},
    initial=lambda customer: {"sponsor": customer.sponsor},
)
def set_sponsor(customer: Customer, *, by: Member, sponsor: Member | None = None, seen: Seen = Seen("")) -> Customer:
    """The manager who stands up for the customer and hears of what is raised; nobody when it is left empty."""
    if sponsor is not None and not (sponsor.is_active and sponsor.at_least(Role.MANAGER)):
        told = _("{member} is {role}: a sponsor is a manager or above.")
        raise ActionError(told.format(member=sponsor, role=sponsor.get_role_display()))
    before = customer.sponsor
    if "sponsor" in edits({"sponsor": before}, {"sponsor": sponsor}, seen):
        customer.sponsor = sponsor
        customer.save(update_fields=["sponsor"])
        record(verbs.SPONSOR_SET, by=by, on=[customer, *filter(None, (sponsor,))], before=before, after=sponsor)
    return customer


@action(
    "customers.set_parent",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("Belongs to"),
    labels={"parent": gettext_lazy("Parent company")},
    initial=lambda customer: {"parent": customer.parent},
)
def set_parent(customer: Customer, *, by: Member, parent: Customer | None = None, seen: Seen = Seen("")) -> Customer:
    """The company it is a part of; none when it is left empty."""
    before, above = customer.parent, parent
    while above is not None:
        if above.pk == customer.pk:
            raise ActionError(_("{parent} belongs to {customer} itself.").format(parent=parent, customer=customer))
        above = above.parent
    if "parent" in edits({"parent": before}, {"parent": parent}, seen):
        customer.parent = parent
        customer.save(update_fields=["parent"])
        record(
            verbs.PARENT_SET, by=by, on=[customer, *filter(None, (before, parent))],
            before=Ref.to(before) if before else None, after=Ref.to(parent) if parent else None,
        )  # fmt: skip
    return customer


@action("customers.promote", subject=Customer, authority=any_member, title=gettext_lazy("Make a customer"))
def promote(customer: Customer, *, by: Member) -> Customer:
    """A prospect has become a customer."""
    if customer.stage == Customer.Stage.CUSTOMER:
        raise ActionError(_("{customer} is a customer already.").format(customer=customer))
    customer.stage = Customer.Stage.CUSTOMER
    customer.save(update_fields=["stage"])
    record(verbs.PROMOTED, by=by, on=[customer], name=customer.name)
    return customer
