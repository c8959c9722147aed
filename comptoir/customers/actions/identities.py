"""The values by which a customer, or a person there, is reached and recognised."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Notice, action
from comptoir.customers import verbs
from comptoir.customers.identities import normal_of
from comptoir.customers.models import Contact, Customer, Identity
from comptoir.customers.queries import others_with
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member

Kind = Identity.Kind


def _known_elsewhere(customer: Customer, inputs: Mapping[str, Any]) -> list[Notice]:
    """The other customers who have the value too: allowed, a shared switchboard is one, but told."""
    found = others_with(customer, inputs["kind"], inputs["value"])
    return [
        Notice(
            _("{value} also belongs to {customer}.").format(value=row.value, customer=row.contact or row.customer),
            row.customer.get_absolute_url(),
        )
        for row in found
    ]


@action(
    "customers.add_identity",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("New e-mail or phone"),
    labels={"kind": gettext_lazy("Kind"), "value": gettext_lazy("Value"), "contact": gettext_lazy("Contact")},
    warn=_known_elsewhere,
)
def add_identity(
    customer: Customer, *, by: Member, kind: Identity.Kind, value: str, contact: Contact | None = None
) -> Identity:
    """A further way to reach or recognise them; refused when they have it already or it cannot be one."""
    normal = normal_of(kind, value, customer.country)
    if kind == Kind.EMAIL and ("@" not in normal or any(c in normal for c in " ,;<>\r\n")):
        raise ActionError(_("{value} is not an e-mail address.").format(value=value))
    if kind in (Kind.PHONE, Kind.FAX) and len(normal) < 6:
        raise ActionError(_("{value} is not a phone number.").format(value=value))
    if contact is not None and contact.customer_id != customer.pk:
        raise ActionError(_("{contact} does not work there.").format(contact=contact))
    try:
        with transaction.atomic():
            identity = Identity.objects.create(
                customer=customer, contact=contact, kind=kind, value=value.strip(), normal=normal
            )
    except IntegrityError as error:
        raise ActionError(_("{value} is known here already.").format(value=value)) from error
    record(verbs.IDENTITY_ADDED, by=by, on=_about(identity), value=identity.value)
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
    record(verbs.IDENTITY_REMOVED, by=by, on=_about(identity), value=identity.value)
    identity.delete()


@action(
    "customers.prefer_identity",
    subject=Identity,
    root=lambda identity: identity.customer,
    authority=any_member,
    title=gettext_lazy("Prefer"),
)
def prefer_identity(identity: Identity, *, by: Member) -> Identity:
    """The one to use first among those of its kind; the one preferred before gives way."""
    siblings = Identity.objects.filter(customer=identity.customer, contact=identity.contact_id, kind=identity.kind)
    siblings.exclude(pk=identity.pk).update(is_preferred=False)
    return _mark(identity, by, verbs.IDENTITY_PREFERRED, is_preferred=True)


@action(
    "customers.verify_identity",
    subject=Identity,
    root=lambda identity: identity.customer,
    authority=any_member,
    title=gettext_lazy("Verified"),
)
def verify_identity(identity: Identity, *, by: Member) -> Identity:
    """Somebody made sure that it is theirs."""
    return _mark(identity, by, verbs.IDENTITY_VERIFIED, verified_at=clock.now())


@action(
    "customers.works_again",
    subject=Identity,
    root=lambda identity: identity.customer,
    authority=any_member,
    title=gettext_lazy("Works again"),
)
def works_again(identity: Identity, *, by: Member) -> Identity:
    """Mail to it no longer comes back: it is used again."""
    return _mark(identity, by, verbs.IDENTITY_WORKS, bounced_at=None)


def _mark(identity: Identity, by: Member, verb: Any, **values: Any) -> Identity:
    for name, value in values.items():
        setattr(identity, name, value)
    identity.save(update_fields=list(values))
    record(verb, by=by, on=_about(identity), value=identity.value)
    return identity


def _about(identity: Identity) -> list[Any]:
    return [identity.customer, identity.contact] if identity.contact else [identity.customer]
