"""Confirmed versions as they were, and what one changed from the one before."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.actions import Change
from comptoir.customers.models import Address
from comptoir.lib.days import day as said_day
from comptoir.lib.money import Money
from comptoir.orders.models import ChangeStep, Line

NONE = "–"
Type = ChangeStep.Type
TEXTS = ("position", "part", "customer_part", "description", "unit", "per")


@dataclass(frozen=True, slots=True)
class Due:
    """A quantity as it was confirmed for a day."""

    quantity: Decimal
    requested_on: date | None
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class FrozenLine:
    """A line as it was confirmed."""

    position: int
    part: str
    customer_part: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    per: int
    tax_rate: Decimal
    net: Money
    schedule: list[Due]
    ordered_quantity: Decimal | None = None
    ordered_unit: str = ""

    @property
    def said(self) -> str:
        """The quantity as the customer ordered it: 5 box (60 pcs)."""
        own = f"{_number(self.quantity)} {self.unit}"
        return f"{_number(self.ordered_quantity)} {self.ordered_unit} ({own})" if self.ordered_quantity else own


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot with typed values; `texts` has the plain ones by their name."""

    texts: dict[str, Any]
    po_date: date | None
    lines: list[FrozenLine]
    net: Money
    tax: Money
    gross: Money
    rates: list[tuple[Decimal, Money, Money]]


def thaw(snapshot: dict[str, Any]) -> Frozen:
    """A version's snapshot, typed."""
    currency = snapshot["currency"]
    amounts = {name: Money(Decimal(snapshot[name]), currency) for name in ("net", "tax", "gross")}
    rates = [(Decimal(r), Money(Decimal(b), currency), Money(Decimal(t), currency)) for r, b, t in snapshot["rates"]]
    lines = [_line(line, currency) for line in snapshot["lines"]]
    return Frozen(snapshot, _day(snapshot.get("po_date")), lines, rates=rates, **amounts)


def _line(line: dict[str, Any], currency: str) -> FrozenLine:
    texts: dict[str, Any] = {name: line[name] for name in TEXTS}
    numbers: dict[str, Any] = {name: Decimal(line[name]) for name in ("quantity", "unit_price", "tax_rate")}
    schedule = [
        Due(Decimal(due["quantity"]), _day(due["requested_on"]), _day(due["promised_on"])) for due in line["schedule"]
    ]
    theirs: dict[str, Any] = {
        "ordered_quantity": Decimal(line["ordered_quantity"]) if line.get("ordered_quantity") else None,
        "ordered_unit": line.get("ordered_unit", ""),
    }
    return FrozenLine(**texts, **numbers, **theirs, net=Money(Decimal(line["net"]), currency), schedule=schedule)


def shown(day: date | None) -> str:
    """A day as a reader of the active language writes it, with its weekday."""
    return said_day(day) if day else NONE


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def differences(before: Frozen, after: Frozen) -> list[Change]:
    """What a later version says differently: heads, lines, dates and sums."""
    changes = [
        Change(label, _text(before.texts.get(name)), _text(after.texts.get(name)))
        for name, label in _heads().items()
        if before.texts.get(name) != after.texts.get(name)
    ]
    earlier, later = ({line.position: line for line in frozen.lines} for frozen in (before, after))
    for position in sorted(earlier.keys() | later.keys()):
        changes += _line_changes(position, earlier.get(position), later.get(position))
    if before.gross != after.gross:
        language = get_language() or "en"
        changes.append(Change(_("Total with VAT"), before.gross.format(language), after.gross.format(language)))
    return changes


def _heads() -> dict[str, str]:
    return {
        "po_number": _("Customer PO"), "ship_to": _("Ship-to"), "bill_to": _("Bill-to"), "terms": _("Payment terms"),
        "incoterm": _("Delivery terms"), "contact": _("Contact"),
    }  # fmt: skip


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or NONE)


def _line_changes(position: int, before: FrozenLine | None, after: FrozenLine | None) -> list[Change]:
    if before is None or after is None:
        return [Change(_("Position {n}").format(n=position), _said(before), _said(after))]
    changes = []
    if (before.said, before.part) != (after.said, after.part):
        changes.append(Change(_("Position {n}, ordered").format(n=position), _said(before), _said(after)))
    if (before.unit_price, before.per) != (after.unit_price, after.per):
        changes.append(Change(_("Position {n}, price").format(n=position), _priced(before), _priced(after)))
    if _days(before) != _days(after):
        changes.append(Change(_("Position {n}, promised").format(n=position), _days(before), _days(after)))
    return changes


def _said(line: FrozenLine | None) -> str:
    return f"{line.said} {line.part}" if line else NONE


def _priced(line: FrozenLine) -> str:
    shown = Money(line.unit_price, line.net.currency).format(get_language() or "en")
    return shown if line.per == 1 else f"{shown} / {line.per}"


def _days(line: FrozenLine) -> str:
    return "; ".join(f"{_number(due.quantity)} {line.unit}, {shown(due.promised_on)}" for due in line.schedule) or NONE


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def step_change(step: ChangeStep, *, is_split_whole: bool = False) -> Change:
    """A step of an order change as a reader sees it: where, before and after.

    `is_split_whole`: a split says only how much there was and is.
    """
    label = _("{where}: {type}").format(where=_where(step), type=step.get_type_display())
    if step.type == Type.ADD:
        return Change(label, NONE, _added(step))
    if step.type == Type.SHIP_TO:
        places = Address.objects.in_bulk([pk for pk in (step.before, step.after) if pk])
        return Change(label, _text(places.get(step.before)), _text(places.get(step.after)))
    if step.type == Type.DATE:
        return Change(label, shown(_day(step.before)), shown(_day(step.after)))
    if step.type == Type.PRICE:
        return Change(label, *(_price(step, value) for value in (step.before, step.after)))
    if step.type == Type.SPLIT and not is_split_whole:
        return Change(label, _amount(step, step.before), _parts(step))
    return Change(label, _amount(step, step.before), _amount(step, step.after))


def _where(step: ChangeStep) -> str:
    line = _line_of(step)
    if line is None:
        return _("New line") if step.type == Type.ADD else _("Order")
    row = step.schedule_line
    of_many = row is not None and row.position > 1 and step.type != Type.ADD
    named = f"{line.position}/{row.position}" if of_many and row is not None else str(line.position)
    if row is not None and row.is_moveable and row.is_partly_shipped and step.type == Type.DATE:
        told = _("Position {n}, {quantity} not shipped yet")
        return told.format(n=named, quantity=f"{_number(row.unshipped_quantity)} {line.unit}")
    return _("Position {n}").format(n=named)


def _line_of(step: ChangeStep) -> Line | None:
    return step.schedule_line.line if step.schedule_line is not None else step.line


def _amount(step: ChangeStep, value: str) -> str:
    line = _line_of(step)
    return f"{_number(Decimal(value))} {line.unit if line else ''}".strip()


def _parts(step: ChangeStep) -> str:
    rest, part, day = step.after
    unit = step.schedule_line.line.unit if step.schedule_line else ""
    return _("{rest} and {part} {unit} on {day}").format(
        rest=_number(Decimal(rest)), part=_number(Decimal(part)), unit=unit, day=shown(_day(day))
    )


def _price(step: ChangeStep, value: Any) -> str:
    price, per = value
    line = _line_of(step)
    money = Money(Decimal(price), line.order.currency if line else "EUR").format(get_language() or "en")
    return money if int(per) == 1 else f"{money} / {per}"


def _added(step: ChangeStep) -> str:
    after = step.after
    return _("{quantity} of {product} on {day}").format(
        quantity=_number(Decimal(after["quantity"])),
        product=after["name"],
        day=shown(_day(after.get("promised_on", after["requested_on"]))),
    )
