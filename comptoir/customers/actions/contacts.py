"""The people at a customer."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, action
from comptoir.actions.editing import edits, shown
from comptoir.customers import verbs
from comptoir.customers.actions.identities import add_identity
from comptoir.customers.fields import Language
from comptoir.customers.models import Contact, Customer, Identity
from comptoir.events import record
from comptoir.lib.text import fold
from comptoir.people import any_member
from comptoir.people.models import Member

LABELS = {
    "email": gettext_lazy("E-mail"),
    "language": gettext_lazy("Language"),
    "phone": gettext_lazy("Phone"),
    "position": gettext_lazy("Position"),
}
EDITED = ("name", "position", "language")


@action(
    "customers.add_contact", subject=Customer, authority=any_member, title=gettext_lazy("New contact"), labels=LABELS
)
def add_contact(
    customer: Customer,
    *,
    by: Member,
    name: str,
    position: str = "",
    email: str = "",
    phone: str = "",
    language: Language = Language(""),
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
    "customers.edit_contact",
    subject=Contact,
    root=lambda contact: contact.customer,
    authority=any_member,
    title=gettext_lazy("Edit contact"),
    labels=LABELS,
    initial=lambda contact: {name: getattr(contact, name) for name in EDITED},
)
def edit_contact(
    contact: Contact,
    *,
    by: Member,
    name: str,
    position: str = "",
    language: Language = Language(""),
    seen: Seen = Seen(""),
) -> Contact:
    """Change what is given; the story keeps before and after."""
    before, known_as = {field: getattr(contact, field) for field in EDITED}, contact.name
    for field, after in edits(before, {"name": name, "position": position, "language": language}, seen).items():
        setattr(contact, field, after)
        record(
            verbs.CONTACT_EDITED, by=by, on=[contact.customer, contact], contact=known_as,
            field=str(LABELS.get(field) or _("Name")), before=shown(before[field]), after=shown(after),
        )  # fmt: skip
    contact.sort_key = fold(contact.name)[:150]
    contact.save()
    return contact


@action(
    "customers.has_left",
    subject=Contact,
    root=lambda contact: contact.customer,
    authority=any_member,
    title=gettext_lazy("No longer there"),
)
def has_left(contact: Contact, *, by: Member) -> Contact:
    """The person works there no longer: kept in the story, offered nowhere."""
    if not contact.is_active:
        raise ActionError(_("{contact} has left already.").format(contact=contact))
    return _turn(contact, by, active=False)


@action(
    "customers.is_back",
    subject=Contact,
    root=lambda contact: contact.customer,
    authority=any_member,
    title=gettext_lazy("There again"),
)
def is_back(contact: Contact, *, by: Member) -> Contact:
    """The person can be reached there again."""
    return _turn(contact, by, active=True)


def _turn(contact: Contact, by: Member, *, active: bool) -> Contact:
    contact.is_active = active
    contact.save(update_fields=["is_active"])
    verb = verbs.CONTACT_BACK if active else verbs.CONTACT_LEFT
    record(verb, by=by, on=[contact.customer, contact], name=contact.name)
    return contact
