"""The neutral inbound document: what a customer's order says, whoever wrote it down (PDF, sheet, mail, EDI, UBL).

    document = {"language": "fr", "header": {field: value}, "lines": [{field: value}], "problems": [sentence]}
    value    = {"raw": as it stands there, "text": read, "place": [page, x0, top, x1, bottom] or null}

Header fields: po_number, po_date, requested_on, currency, ship_to, terms, total.
Line fields: position, part, description, quantity, unit, requested_on, unit_price, per, discount, net.
A discount reads as what it takes off the price: 10% or an amount; empty where the document leaves open what it means.
A part named by words reads as the name that was taught for it; where `raw` is another form of that, a person decides.
`text` holds days as ISO 8601, numbers with a decimal point and no thousands, currencies as ISO 4217; `raw` is never changed.
Pages count from one; a place is in fractions of the page's width and height from its upper left corner, null where the writer
has no page (EDI). A field that is not there is left out: an empty text means it could not be read.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

HEADER = ("po_number", "po_date", "requested_on", "currency", "ship_to", "terms", "total")
LINE = ("position", "part", "description", "quantity", "unit", "requested_on", "unit_price", "per", "discount", "net")
SIGNS = "-•*,;:.!?()[]«»\"'"
Place = tuple[int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Value:
    """What is written in one place, and how it reads."""

    raw: str
    text: str
    place: Place | None = None


Fields = dict[str, Value]


@dataclass(slots=True)
class Inbound:
    """A document: its header, its lines, and what could not be read of it."""

    header: Fields = field(default_factory=dict)
    lines: list[Fields] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    language: str = ""

    def as_json(self) -> dict[str, Any]:
        """The document as it is kept."""
        return asdict(self)

    def said(self, name: str) -> str:
        """What a header field reads; nothing where it is not there."""
        return self.header[name].text if name in self.header else ""


def from_json(kept: dict[str, Any]) -> Inbound:
    """The document that was kept."""
    return Inbound(
        header=_fields(kept.get("header") or {}),
        lines=[_fields(line) for line in kept.get("lines") or []],
        problems=list(kept.get("problems") or []),
        language=kept.get("language") or "",
    )


def _fields(kept: dict[str, Any]) -> Fields:
    return {name: _value(value) for name, value in kept.items()}


def _value(kept: dict[str, Any]) -> Value:
    place = kept.get("place")
    where = (int(place[0]), *map(float, place[1:5])) if place else None
    return Value(kept["raw"], kept["text"], where)  # type: ignore[arg-type]


def other_form(line: Fields) -> str:
    """How a mail writes the name of a part where it is another form of the one that was taught; nothing where it is that one."""
    part = line.get("part")
    if part is None:
        return ""
    raw, text = ([word.strip(SIGNS).casefold() for word in said.split()] for said in (part.raw, part.text))
    return " ".join(word.strip(SIGNS) for word in part.raw.split()) if len(raw) == len(text) > 1 and raw != text else ""


def said(line: Fields, name: str) -> str:
    """What a field of a line reads; nothing where it is not there."""
    return line[name].text if name in line else ""
