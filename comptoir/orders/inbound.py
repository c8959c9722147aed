"""The neutral inbound document: what a customer's order says, whoever wrote it down (PDF, sheet, mail, EDI, UBL).

    document = {"language": "fr", "header": {field: value}, "lines": [{field: value}], "problems": [sentence]}
    value    = {"raw": as it stands there, "text": read, "place": [page, x0, top, x1, bottom] or null}

Header fields: po_number, po_date, requested_on, currency, ship_to, terms, total.
Line fields: position, part, description, quantity, unit, requested_on, unit_price, per, discount, net.
A discount reads as what it takes off the price: 10% or an amount; empty where the document leaves open what it means.
A part named by words reads as the name that was taught for it or the catalogue's; where `raw` is another form of that, a person
decides.
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


def taken(line: Fields) -> Value | None:
    """What is written where it is another form of a part's name, and the name it was taken for; None where it is that name."""
    return next((line[name] for name in ("part", "description") if name in line and is_other_form(line[name])), None)


def other_form(line: Fields) -> str:
    """How a document writes the name of a part where it is another form of that; nothing where it is that one."""
    value = taken(line)
    return spelled(value.raw) if value else ""


def written(line: Fields) -> str:
    """What a document calls a line's part, as it is written."""
    value = line.get("part") or line.get("description")
    return "" if value is None else spelled(value.raw) if is_other_form(value) else value.text


def spelled(text: str) -> str:
    """The words of a text without the signs around them."""
    return " ".join(bare for word in text.split() if (bare := word.strip(SIGNS)))


def is_other_form(value: Value) -> bool:
    """True where, word by word, something else is written than what it reads as."""
    raw, text = (spelled(said).casefold().split() for said in (value.raw, value.text))
    return len(raw) == len(text) > 1 and raw != text


def said(line: Fields, name: str) -> str:
    """What a field of a line reads; nothing where it is not there."""
    return line[name].text if name in line else ""
