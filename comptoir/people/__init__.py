"""Who acts: members (people, bots, assistants, the system), their roles, teams and departments.

Words: member, role, rank, team, department. Invariants: one system member; a deactivated member keeps their name in
every story and can do nothing.
"""

from typing import TYPE_CHECKING

from comptoir.people.roles import Role, any_member, at_least

if TYPE_CHECKING:
    from comptoir.people.queries import system

__all__ = ["Role", "any_member", "at_least", "system"]


def __getattr__(name: str) -> object:
    if name == "system":
        from comptoir.people.queries import system

        return system
    raise AttributeError(name)
