"""What a table of shipments would do, row by row: nothing is written here."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from comptoir.catalog import sheet
from comptoir.fulfilment.actions.shipping import WAITS, parcel
from comptoir.fulfilment.models import Shipment
from comptoir.lib import clock
from comptoir.lib.said_days import day
from comptoir.lib.text import key
from comptoir.orders.models import Order, ScheduleLine

MOST_BYTES = sheet.MOST_BYTES
NAMES: dict[str, tuple[str, ...]] = {
    "order": ("order", "order number", "our order"),
    "position": ("position", "pos", "line"),
    "quantity": ("quantity", "qty", "shipped quantity"),
    "carrier": ("carrier",),
    "tracking": ("tracking", "tracking number"),
    "handed_over_on": ("shipped", "shipped on", "handed over"),
    "expected_on": ("expected", "eta", "expected on"),
    "delivered_on": ("delivered", "delivered on"),
}
COLUMNS = {name: column for column, names in NAMES.items() for name in names}


@dataclass(slots=True)
class Row:
    """A row of the table: what leaves or has arrived, or why it is refused."""

    line: int
    order: Order | None = None
    rows: list[tuple[ScheduleLine, Decimal]] = field(default_factory=list)
    carrier: str = ""
    tracking: str = ""
    handed_over_on: date | None = None
    expected_on: date | None = None
    delivered_on: date | None = None
    known: Shipment | None = None
    refused: str = ""

    @property
    def fate(self) -> str:
        """ships, arrives, expected, unchanged or refused."""
        if self.refused:
            return "refused"
        if self.rows:
            return "ships"
        if self.known and self.delivered_on and not self.known.delivered_on:
            return "arrives"
        if self.known and self.expected_on and self.known.expected_on != self.expected_on:
            return "expected"
        return "unchanged"

    @property
    def told(self) -> str:
        what = ", ".join(f"{quantity.normalize():f} × {row}" for row, quantity in self.rows)
        return what or (self.known.number if self.known else "")


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, the columns nobody understands, and a digest by which the same plan is known again."""

    rows: list[Row]
    unknown: list[str]

    @property
    def counts(self) -> dict[str, int]:
        fates = ("ships", "arrives", "expected", "unchanged", "refused")
        return {fate: sum(row.fate == fate for row in self.rows) for fate in fates}

    @property
    def to_do(self) -> list[Row]:
        return [row for row in self.rows if row.fate in ("ships", "arrives", "expected")]

    @property
    def digest(self) -> str:
        told = "\n".join(f"{r.line} {r.fate} {r.told} {r.tracking} {r.delivered_on} {r.expected_on}" for r in self.rows)
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def plan(text: str) -> Plan:
    """What the table would do as things stand; a row repeats nothing that was shipped under its tracking number."""
    lines, unknown = sheet.lines(text, COLUMNS)
    sign = sheet.decimal_sign(line.cells.get("quantity", "") for line in lines)
    taken: dict[int, Decimal] = {}
    return Plan([_read(line, sign, taken) for line in lines], unknown)


def _read(line: sheet.Line, sign: str, taken: dict[int, Decimal]) -> Row:
    row = Row(line.number, carrier=line.cells.get("carrier", "")[:80], tracking=line.cells.get("tracking", "")[:60])
    try:
        for name in ("handed_over_on", "expected_on", "delivered_on"):
            setattr(row, name, day(line.cells.get(name, "")))
        _refuse_days(row)
        row.known = parcel(row.carrier, row.tracking) if key(row.tracking) else None
        _find(row, line, sign, taken)
    except ValueError as error:
        row.refused = str(error)
    return row


def _refuse_days(row: Row) -> None:
    today = clock.today()
    if (row.handed_over_on or today) > today or (row.delivered_on or today) > today:
        raise ValueError(_("What has not happened yet is no fact: the day lies ahead."))


def _find(row: Row, line: sheet.Line, sign: str, taken: dict[int, Decimal]) -> None:
    """The order's lines the row is about, in the order in which they are due."""
    number = line.cells.get("order", "").strip()
    order = Order.objects.filter(number__iexact=number).select_related("customer", "site").first()
    if order is None:
        raise ValueError(_("There is no order «{number}».").format(number=number))
    row.order = order
    position = line.cells.get("position", "").strip()
    parts = order.schedule_lines.select_related("line__product").order_by("promised_on", "pk")
    if position:
        parts = parts.filter(line__position=position) if position.isdecimal() else parts.none()
        if not parts:
            raise ValueError(_("{order} has no position {position}.").format(order=order, position=position))
    if row.known and row.known.lines.filter(schedule_line__in=parts).exists():
        return
    if not order.is_confirmed:
        raise ValueError(_("{order} is {state}.").format(order=order, state=order.get_state_display()))
    wanted = sheet.number(line.cells["quantity"], sign) if line.cells.get("quantity", "").strip() else None
    row.rows = _shares(list(parts), wanted, taken)


def _shares(
    parts: list[ScheduleLine], wanted: Decimal | None, taken: dict[int, Decimal]
) -> list[tuple[ScheduleLine, Decimal]]:
    """The wanted quantity spread over what is open, or all that is open; ValueError when there is not so much."""
    found, left = [], wanted
    for part in parts:
        free = (
            part.quantity - part.shipped_quantity - taken.get(part.pk, Decimal(0))
            if part.state in WAITS
            else Decimal(0)
        )
        share = free if left is None else min(free, left)
        if share > 0:
            found.append((part, share))
            taken[part.pk] = taken.get(part.pk, Decimal(0)) + share
            left = None if left is None else left - share
    if not found or left:
        raise ValueError(_("So much is not open there."))
    return found
