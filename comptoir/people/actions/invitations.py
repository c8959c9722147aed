"""One-time links: how a member gets to their password."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Denied, Secret, Verdict, action
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import verbs
from comptoir.people.models import Invitation, Member
from comptoir.people.queries import digest, invitation_of
from comptoir.people.roles import Role, at_least

VALID = timedelta(hours=24)
administers = at_least(Role.ADMINISTRATOR)


def new_invitation(member: Member | None) -> Invitation:
    """A fresh link, with its token for this once; links made before for the same end are void."""
    Invitation.objects.filter(member=member, used_at=None).delete()
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(member=member, token_hash=digest(token), expires_at=clock.now() + VALID)
    made.token = token
    return made


@action(
    "people.invite",
    subject=Member,
    authority=administers,
    title=gettext_lazy("New invitation link"),
    is_public=False,
)
def invite(member: Member, *, by: Member) -> Invitation:
    """A one-time link by which the member chooses a password; the password they have holds until then."""
    if not member.is_active:
        raise ActionError(_("{member} has been deactivated.").format(member=member))
    made = new_invitation(member)
    record(verbs.INVITED, by=by, on=[member], until=made.expires_at)
    return made


def is_oneself(member: Member, subject: Member, inputs: Mapping[str, Any]) -> Verdict:
    """Everybody for themselves only."""
    if member.pk == subject.pk:
        return ALLOWED
    return Denied(_("Everybody changes only their own account here."))


WORDS = {
    "token_hash": gettext_lazy("Invitation"),
    "password": gettext_lazy("Password"),
    "current": gettext_lazy("Password now"),
    "new": gettext_lazy("New password"),
}


@action(
    "people.join",
    subject=Member,
    authority=is_oneself,
    title=gettext_lazy("Choose a password"),
    labels=WORDS,
    is_public=False,
)
def join(member: Member, *, by: Member, token_hash: Secret, password: Secret) -> Member:
    """Choose a password by an invitation, which works this once."""
    found = invitation_of(token_hash)
    if found is None or found.member_id != member.pk:
        raise ActionError(_("This link has been used or is too old: ask an administrator for a new one."))
    set_checked(member, password)
    found.used_at = clock.now()
    found.save(update_fields=["used_at"])
    record(verbs.JOINED, by=by, on=[member])
    return member


@action(
    "people.change_password",
    subject=Member,
    authority=is_oneself,
    title=gettext_lazy("Change the password"),
    labels=WORDS,
    is_public=False,
)
def change_password(member: Member, *, by: Member, current: Secret, new: Secret) -> Member:
    """Change one's own password; every other session of the member ends."""
    if not member.check_password(current):
        raise ActionError(_("This is not the password you have now."))
    set_checked(member, new)
    record(verbs.PASSWORD, by=by, on=[member])
    return member


@action(
    "people.set_password",
    subject=Member,
    authority=administers,
    title=gettext_lazy("Set password"),
    labels=WORDS,
    is_public=False,
)
def set_password(member: Member, *, by: Member, new: Secret) -> Member:
    """Give a member a password from the command line."""
    set_checked(member, new)
    record(verbs.PASSWORD, by=by, on=[member])
    return member


def set_checked(member: Member, password: str) -> None:
    """Set a password that is long and odd enough; a member's sessions end with it."""
    try:
        validate_password(password, member)
    except ValidationError as error:
        raise ActionError(" ".join(error.messages)) from error
    member.set_password(password)
    member.save(update_fields=["password"])
