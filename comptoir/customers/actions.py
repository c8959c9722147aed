"""Every change to a customer."""

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.customers import verbs
from comptoir.customers.identities import normal_of
from comptoir.customers.models import Address, Alert, Contact, Customer, Identity
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.numbers import with_check
from comptoir.lib.text import fold
from comptoir.people import any_member
from comptoir.people.models import Member


def next_number() -> str:
    """The next customer number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('customer_number')")
        return f"K-{with_check(cursor.fetchone()[0])}"


@action(
    "customers.add",
    subject=None,
    authority=any_member,
    title=gettext_lazy("New customer"),
    labels={"country": gettext_lazy("Country"), "language": gettext_lazy("Language"), "stage": gettext_lazy("Stage")},
)
def add_customer(
    *,
    by: Member,
    name: str,
    country: str,
    language: str = "en",
    stage: Customer.Stage = Customer.Stage.CUSTOMER,
    kind: Customer.Kind = Customer.Kind.COMPANY,
    customer_class: Customer.Class = Customer.Class.B,
    currency: str = "EUR",
    source: str = "",
) -> Customer:
    """Enter a customer or a prospect."""
    customer = Customer.objects.create(
        number=next_number(), name=name, sort_key=fold(name)[:200], country=country.upper()[:2], language=language,
        stage=stage, kind=kind, customer_class=customer_class, currency=currency.upper(), source=source,
    )  # fmt: skip
    record(verbs.ADDED, by=by, on=[customer], name=name)
    return customer


@action(
    "customers.edit",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("Edit customer"),
    labels={"language": gettext_lazy("Language"), "customer_class": gettext_lazy("Class")},
)
def edit_customer(
    customer: Customer,
    *,
    by: Member,
    name: str | None = None,
    language: str | None = None,
    customer_class: Customer.Class | None = None,
    stage: Customer.Stage | None = None,
) -> Customer:
    """Change what is given; each change stands in the story with before and after."""
    given = {"name": name, "language": language, "customer_class": customer_class, "stage": stage}
    for field, after in given.items():
        before = getattr(customer, field)
        if after not in (None, before):
            setattr(customer, field, after)
            label = str(Customer._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
            record(verbs.EDITED, by=by, on=[customer], field=label, before=before, after=after)
    customer.sort_key = fold(customer.name)[:200]
    customer.save()
    return customer


@action(
    "customers.add_contact",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("New contact"),
    labels={
        "email": gettext_lazy("E-mail"),
        "phone": gettext_lazy("Phone"),
        "position": gettext_lazy("Position"),
        "language": gettext_lazy("Language"),
    },
)
def add_contact(
    customer: Customer,
    *,
    by: Member,
    name: str,
    email: str = "",
    phone: str = "",
    position: str = "",
    language: str = "",
) -> Contact:
    """Enter a person at a customer; a person without e-mail is normal."""
    contact = Contact.objects.create(
        customer=customer, name=name, sort_key=fold(name)[:150], position=position, language=language
    )
    record(verbs.CONTACT_ADDED, by=by, on=[customer, contact], name=name)
    for kind, value in (("email", email), ("phone", phone)):
        if value:
            add_identity(customer, by=by, kind=Identity.Kind(kind), value=value, contact=contact)
    return contact


@action(
    "customers.add_identity",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("New e-mail or phone"),
    labels={"kind": gettext_lazy("Kind"), "value": gettext_lazy("Value"), "contact": gettext_lazy("Contact")},
)
def add_identity(
    customer: Customer, *, by: Member, kind: Identity.Kind, value: str, contact: Contact | None = None
) -> Identity:
    """A further way to reach or recognise them; refused when they have it already or it cannot be one."""
    normal = normal_of(kind, value, customer.country)
    if kind == Identity.Kind.EMAIL and ("@" not in normal or any(c in normal for c in " ,;<>\r\n")):
        raise ActionError(_("{value} is not an e-mail address.").format(value=value))
    if kind in (Identity.Kind.PHONE, Identity.Kind.FAX) and len(normal) < 6:
        raise ActionError(_("{value} is not a phone number.").format(value=value))
    try:
        with transaction.atomic():
            identity = Identity.objects.create(
                customer=customer, contact=contact, kind=kind, value=value.strip(), normal=normal
            )
    except IntegrityError as error:
        raise ActionError(_("{value} is known here already.").format(value=value)) from error
    record(verbs.IDENTITY_ADDED, by=by, on=[customer], value=value)
    return identity


@action(
    "customers.remove_identity",
    subject=Identity,
    root=lambda identity: identity.customer,
    authority=any_member,
    title=gettext_lazy("Remove"),
)
def remove_identity(identity: Identity, *, by: Member) -> None:
    """Forget a way to reach them; the story keeps that it was there."""
    record(verbs.IDENTITY_REMOVED, by=by, on=[identity.customer], value=identity.value)
    identity.delete()


@action(
    "customers.raise_alert",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("Alert"),
    labels={"until_on": gettext_lazy("Until")},
)
def raise_alert(customer: Customer, *, by: Member, text: str, until_on: date | None = None) -> Alert:
    """Tell everybody who deals with the customer what they have to know."""
    alert = Alert.objects.create(customer=customer, text=text, until_on=until_on, by=by)
    record(verbs.ALERT_RAISED, by=by, on=[customer], text=text)
    return alert


@action(
    "customers.clear_alert",
    subject=Alert,
    root=lambda alert: alert.customer,
    authority=any_member,
    title=gettext_lazy("Clear alert"),
)
def clear_alert(alert: Alert, *, by: Member) -> Alert:
    """The alert holds no longer."""
    alert.cleared_at = clock.now()
    alert.save(update_fields=["cleared_at"])
    record(verbs.ALERT_CLEARED, by=by, on=[alert.customer], text=alert.text)
    return alert


@action(
    "customers.add_address",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("New place"),
    labels={
        "street": gettext_lazy("Street"),
        "postcode": gettext_lazy("Postcode"),
        "city": gettext_lazy("City"),
        "country": gettext_lazy("Country"),
        "transit_days": gettext_lazy("Transit days"),
    },
)
def add_address(
    customer: Customer,
    *,
    by: Member,
    name: str,
    street: str,
    postcode: str,
    city: str,
    country: str,
    transit_days: int = 2,
) -> Address:
    """A place to ship to; the first one is billed to as well."""
    roles = [Address.Role.SHIP_TO] if customer.addresses.exists() else list(Address.Role)
    address = Address.objects.create(
        customer=customer, roles=roles, name=name, street=street, postcode=postcode, city=city,
        country=country.upper()[:2], transit_days=transit_days,
    )  # fmt: skip
    record(verbs.ADDRESS_ADDED, by=by, on=[customer], address=str(address))
    return address
