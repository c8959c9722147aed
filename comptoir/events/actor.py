"""What the journal and the door need to know of whoever acts; `people.Member` fulfils it."""

from typing import Protocol


class Actor(Protocol):
    """A person, bot, assistant or the system."""

    pk: int
    name: str
    role: str
    is_active: bool

    @property
    def rank(self) -> int:
        """How far the role's authority reaches; higher includes lower."""

    def sees_team(self, team_id: int) -> bool:
        """True when the member may read what belongs to that team."""
