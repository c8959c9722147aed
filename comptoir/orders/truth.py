"""Comparing an order with the customer's document and with what is agreed, value by value. Writes nothing."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q

from comptoir.catalog.queries import Part, Quoted, by_agreement, prices_for
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.text import fold
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.extract.values import as_text
from comptoir.orders.extract.vocabulary import unit_of
from comptoir.orders.inbound import Fields, Inbound, other_form, said
from comptoir.orders.matching import alike, price_of_one, products_of
from comptoir.orders.models import Difference, InboundDocument, Line, Order, ToleranceRule

Colour, Field = Difference.Colour, Difference.Field
GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
# Without a rule: a price may be off by two per cent before it is red; quantities and days are as the customer says.
DEFAULTS = {
    "quantity": (Decimal(0), Decimal(0)),
    "unit_price": (Decimal(0), Decimal(2)),
    "requested_on": (Decimal(0), Decimal(0)),
}
ENTERED = (Field.PART, Field.QUANTITY, Field.UNIT, Field.DATE, Field.LINE)


@dataclass(frozen=True, slots=True)
class Tolerances:
    """By field from how much on a difference is amber, and red."""

    limits: dict[str, tuple[Decimal, Decimal]]

    def colour(self, field: str, off: Decimal) -> str:
        amber, red = self.limits[field]
        return RED if off > red else AMBER if off > amber else GREEN


def tolerances_of(customer: Customer) -> Tolerances:
    """The customer's own rules before everybody's."""
    limits = dict(DEFAULTS)
    for rule in ToleranceRule.objects.filter(Q(customer=customer) | Q(customer=None)).order_by(
        F("customer").asc(nulls_first=True)
    ):
        limits[rule.field] = (rule.amber, rule.red)
    return Tolerances(limits)


def compare(order: Order, document: InboundDocument) -> list[Difference]:
    """Every value of the document beside ours and the agreement's, the header first (unsaved rows)."""
    inbound = document.read
    layout = layout_from(document.template.rules) if document.template else Layout()
    rules = tolerances_of(order.customer)
    ordered = order.lines.select_related("product", "agreement_line__agreement")
    lines: list[Line] = list(ordered.prefetch_related("schedule_lines"))
    prices = prices_for(order.customer, [(line.product, line.quantity) for line in lines], clock.today())
    agreed = {line.pk: _bound(line) or quoted for line, quoted in zip(lines, prices, strict=True)}
    rows = _header(order, inbound, layout)
    at = {id(theirs): index for index, theirs in enumerate(inbound.lines)}
    for theirs, part, line in _paired(inbound, products_of(order.customer, inbound, layout), lines):
        found = _line(theirs, part, line, agreed.get(line.pk) if line else None, inbound, rules)
        for row in found:
            row.source_line = at.get(id(theirs))
        rows += found
    return rows


def _bound(line: Line) -> Quoted | None:
    """The agreement that the line calls off from, whatever the catalogue would choose."""
    return by_agreement(line.agreement_line) if line.agreement_line else None


def _paired(
    inbound: Inbound, parts: list[Part | None], lines: list[Line]
) -> list[tuple[Fields | None, Part | None, Line | None]]:
    """Lines of the document with ours: by product and quantity, then by product, what is left by quantity or its order."""
    left, pairs = list(lines), dict.fromkeys(range(len(inbound.lines)))
    taken: dict[int, Line | None] = dict(pairs)
    for is_exact in (True, False):
        for index, (theirs, part) in enumerate(zip(inbound.lines, parts, strict=True)):
            if taken[index] is None and part is not None:
                fit = (
                    x for x in left if x.product_id == part.product.pk and (not is_exact or _same_quantity(theirs, x))
                )
                taken[index] = next(fit, None)
                left = [x for x in left if x is not taken[index]]
    _pair_the_rest(inbound, parts, taken, left)
    told: list[tuple[Fields | None, Part | None, Line | None]] = [
        (theirs, parts[i], taken[i]) for i, theirs in enumerate(inbound.lines)
    ]
    return told + [(None, None, line) for line in left]


def _pair_the_rest(inbound: Inbound, parts: list[Part | None], taken: dict[int, Line | None], left: list[Line]) -> None:
    """Lines of another product than ours, or of none we know: the one of the same quantity, else as they follow each other."""
    rest = [index for index, line in taken.items() if line is None]
    is_as_many = len(rest) == len(left)
    for index in rest:
        if not left:
            return
        same = next((line for line in left if _same_quantity(inbound.lines[index], line)), None)
        chosen = left[0] if is_as_many or (same is None and parts[index] is None) else same
        if chosen is not None:
            taken[index] = chosen
            left.remove(chosen)


def _same_quantity(theirs: Fields, line: Line) -> bool:
    return bool(said(theirs, "quantity")) and Decimal(said(theirs, "quantity")) == _ours(theirs, line)


def _ours(theirs: Fields, line: Line) -> Decimal:
    """Our quantity in the unit the document speaks in: boxes where both say boxes."""
    in_theirs = is_said_in(line, said(theirs, "unit"))
    return line.ordered_quantity if in_theirs and line.ordered_quantity is not None else line.quantity


def is_said_in(line: Line, unit: str) -> bool:
    """True when the customer ordered in this unit, another than the product's own."""
    return line.is_said_otherwise and unit_of(line.ordered_unit) == unit_of(unit)


def _header(order: Order, inbound: Inbound, layout: Layout) -> list[Difference]:
    rows = []
    if told := inbound.said("currency"):
        rows.append(
            _row(
                Field.CURRENCY, told, order.currency, order.customer.currency, GREEN if told == order.currency else RED
            )
        )
    if told := inbound.said("ship_to"):
        is_taught = layout.ship_to.get(fold(told)) == order.ship_to_id
        match = alike(order.ship_to, told)
        rows.append(
            _row(
                Field.SHIP_TO,
                told,
                ", ".join(order.ship_to.lines),
                "",
                GREEN if is_taught or match >= 2 else AMBER if match else RED,
            )
        )
    if told := inbound.said("terms"):
        same = re.findall(r"\d+", told) == re.findall(r"\d+", order.terms)
        rows.append(_row(Field.TERMS, told, order.terms, order.customer.terms, GREEN if same else AMBER))
    return rows


def _line(
    theirs: Fields | None,
    part: Part | None,
    line: Line | None,
    agreed: Quoted | None,
    inbound: Inbound,
    rules: Tolerances,
) -> list[Difference]:
    if line is None:
        assert theirs is not None
        told = f"{said(theirs, 'quantity')} × {said(theirs, 'part') or said(theirs, 'description')}"
        return [_row(Field.LINE, told, "", "", RED, at=_position(theirs))]
    if theirs is None:
        return [_row(Field.LINE, "", f"{as_text(line.quantity)} × {line.product.number}", "", RED, line)]
    rows = [_part(theirs, part, line)]
    if told := said(theirs, "quantity"):
        ours = _ours(theirs, line)
        off = abs(Decimal(told) - ours) / ours * 100
        rows.append(_row(Field.QUANTITY, told, as_text(ours), "", rules.colour("quantity", off), line))
    if told := said(theirs, "unit"):
        unit = line.ordered_unit if is_said_in(line, told) else line.unit
        rows.append(_row(Field.UNIT, told, unit, "", GREEN if unit_of(told) == unit_of(unit) else AMBER, line))
    rows += _price(theirs, line, agreed, rules, is_foreign=inbound.said("currency") not in ("", line.order.currency))
    if told := said(theirs, "requested_on") or inbound.said("requested_on"):
        wished = line.schedule_lines.all()[0].requested_on
        off = Decimal(abs((date.fromisoformat(told) - wished).days))
        rows.append(_row(Field.DATE, told, wished.isoformat(), "", rules.colour("requested_on", off), line))
    return rows


def _position(theirs: Fields) -> int:
    digits = re.sub(r"\D", "", said(theirs, "position"))[:6]
    return int(digits) if digits else 0


def _part(theirs: Fields, part: Part | None, line: Line) -> Difference:
    told = other_form(theirs) or said(theirs, "part") or said(theirs, "description")
    is_sure = part is not None and not other_form(theirs)
    colour = RED if part and part.product.pk != line.product_id else GREEN if is_sure else AMBER
    return _row(Field.PART, told, f"{line.product.number} {line.description}"[:300], line.customer_part, colour, line)


def _price(
    theirs: Fields, line: Line, agreed: Quoted | None, rules: Tolerances, *, is_foreign: bool
) -> list[Difference]:
    """Theirs against ours, and ours against what is agreed: the worse of both counts; in two currencies nothing is alike."""
    told = said(theirs, "unit_price")
    ours = line.unit_price / line.per
    contract = agreed.unit_price / agreed.per if agreed else None
    if not told and (contract is None or contract == ours):
        return []
    factor = line.factor if is_said_in(line, said(theirs, "unit")) else Decimal(1)
    said_price = price_of_one(theirs, factor, ours) if told else None
    colours = [rules.colour("unit_price", _apart(said_price, ours)), rules.colour("unit_price", _apart(contract, ours))]
    worst = RED if told and is_foreign else max(colours, key=(GREEN, AMBER, RED).index)
    return [
        _row(
            Field.PRICE,
            as_text(said_price) if said_price is not None else "",
            as_text(ours),
            _agreed(agreed),
            worst,
            line,
        )
    ]


def _agreed(agreed: Quoted | None) -> str:
    if agreed is None:
        return ""
    reference = getattr(agreed, "reference", "")
    return as_text(agreed.unit_price / agreed.per) + (f" · {reference}" if reference else "")


def _apart(one: Decimal | None, other: Decimal) -> Decimal:
    """How far two prices lie apart, in per cent of ours."""
    if one is None or one == other:
        return Decimal(0)
    return abs(one - other) / other * 100 if other else Decimal(100)


def _row(
    field: str, theirs: str, ours: str, agreement: str, colour: str, line: Line | None = None, at: int = 0
) -> Difference:
    return Difference(
        field=field, theirs=theirs[:300], ours=ours[:300], agreement=agreement[:300], colour=colour, line=line,
        position=line.position if line else at,
    )  # fmt: skip


def exact_lines(rows: list[Difference], count: int) -> int:
    """How many of the document's lines were entered as sent: part, quantity, unit and day (prices are agreed, not typed)."""
    wrong = {row.position for row in rows if row.field in ENTERED and row.colour != GREEN and row.theirs}
    return max(count - len(wrong), 0)
