"""Links by which a customer sees one row without signing in."""

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.customers import verbs
from comptoir.customers.models import Contact, Customer, Link
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.people.queries import digest

TOKEN_BYTES = 16  # 128 bits, RFC 4086: beyond guessing
DAYS = 60


def issue(
    row: models.Model, *, by: Member, customer: Customer, contact: Contact | None, kind: str, days: int = DAYS
) -> Link:
    """A link to a row of the customer for one purpose; its `token` is there this once. Called inside an action."""
    if contact is not None and (contact.customer_id != customer.pk or not contact.is_active):
        raise ActionError(_("{contact} is no contact of {customer}.").format(contact=contact, customer=customer))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Link.objects.create(
        customer=customer, contact=contact, token_hash=digest(token), kind=kind,
        subject_noun=str(row._meta.model_name), subject_id=row.pk, by=by,
        language=(contact and contact.language) or customer.language, expires_at=clock.now() + timedelta(days=days),
    )  # fmt: skip
    made.token = token
    record(verbs.LINK_ISSUED, by=by, on=[row, customer], whom=str(made), until=made.expires_at)
    return made


@action(
    "customers.revoke_link",
    subject=Link,
    root=lambda link: link.customer,
    authority=any_member,
    title=gettext_lazy("Revoke the link"),
)
def revoke_link(link: Link, *, by: Member) -> Link:
    """The link leads nowhere from now on."""
    if link.revoked_at is not None:
        raise ActionError(_("The link was revoked already."))
    link.revoked_at = clock.now()
    link.save(update_fields=["revoked_at"])
    record(verbs.LINK_REVOKED, by=by, on=[link.customer], whom=str(link))
    return link


def note_use(link: Link) -> None:
    """Count that the link was followed."""
    Link.objects.filter(pk=link.pk).update(uses=F("uses") + 1, used_at=clock.now())
