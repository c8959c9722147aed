"""Lookups of members and invitations."""

import hashlib

from comptoir.lib import clock
from comptoir.people.models import Invitation, Member


def system() -> Member:
    """The member in whose name the desk itself acts; the migration makes it."""
    return Member.objects.get(kind=Member.Kind.SYSTEM)


def is_empty() -> bool:
    """True when nobody works here yet."""
    return not Member.objects.people().exists()


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token_hash: str, *, to_found: bool = False) -> Invitation | None:
    """The invitation of a token's hash while it is unused and in time; `to_found`: the one to an empty desk."""
    rows = Invitation.objects.select_related("member__department")
    found = rows.filter(token_hash=token_hash, used_at=None, expires_at__gt=clock.now())
    return found.filter(member=None).first() if to_found else found.filter(member__is_active=True).first()
