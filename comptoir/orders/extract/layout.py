"""How the documents of one layout are read: what a person taught, as plain words somebody can read and take away.

labels   field of the header → the text that stands before or above it
columns  field of a line → the text at the head of its column; or its number from the left where there is no head
days     dmy or mdy
decimals the decimal sign
discount how a discount is meant where the document does not tell: percent, each (off the price of one) or line
parts    what they write → our part number, where their text alone names none of ours
ship_to  what they write, folded → the address it means
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Layout:
    """The rules of one layout."""

    labels: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    days: str = ""
    decimals: str = ""
    discount: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    ship_to: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The rules as they are kept and shown."""
        return asdict(self)


def layout_from(kept: dict[str, Any]) -> Layout:
    """The rules that were kept."""
    return Layout(**{name: kept[name] for name in Layout.__dataclass_fields__ if name in kept})
