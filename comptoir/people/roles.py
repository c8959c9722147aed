"""The authorities that roles give."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from comptoir.actions.authority import ALLOWED, Denied, Verdict
from comptoir.events.actor import Actor
from comptoir.lib.roles import RANKS, Role

__all__ = ["RANKS", "Role", "any_member", "at_least"]


def any_member(member: Actor, subject: Any, inputs: Mapping[str, Any]) -> Verdict:
    """Authority of whoever is active and may see the subject."""
    return ALLOWED


def at_least(role: Role) -> Callable[[Actor, Any, Mapping[str, Any]], Verdict]:
    """Authority of a role and those above it."""

    def authority(member: Actor, subject: Any, inputs: Mapping[str, Any]) -> Verdict:
        if member.rank >= RANKS[role]:
            return ALLOWED
        return Denied(_("This needs the role {role} or higher.").format(role=role.label))

    return authority
