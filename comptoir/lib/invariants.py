"""What a self-check reports."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Rows that break an invariant: its name, how many there are, and a few of their ids or numbers."""

    name: str
    count: int
    sample: list[str] = field(default_factory=list)
