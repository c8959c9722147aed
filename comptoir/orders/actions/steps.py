"""The steps of an order change, carried out each by its type: called by changes, which lock the order and make the version."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from comptoir.actions import ActionError, lock
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import reserve, shrink, stock_of
from comptoir.catalog.actions.stock import lock_stocks
from comptoir.catalog.fields import Counted
from comptoir.catalog.models import Product
from comptoir.catalog.shelves import shelves_of
from comptoir.catalog.taxes import reason_for
from comptoir.customers.models import Address
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import verbs
from comptoir.orders.actions.changes import refuse_uncounted, refuse_unmoveable
from comptoir.orders.actions.dates import leaving, moved, refuse_day, shown
from comptoir.orders.actions.entry import NewLine, first_possible, line_of, refuse_line, tax_of
from comptoir.orders.actions.quantities import cancelled, parted
from comptoir.orders.actions.rests import about_rest, rest_of
from comptoir.orders.actions.versions import promise_first, ship_by
from comptoir.orders.merging import OF_SCHEDULE, Type, plain, standing, stuck
from comptoir.orders.models import ChangeStep, Line, Order, OrderChange, ScheduleLine
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is asked for; `seen` is what stood when it was asked, in the form of ChangeStep.before as text.

    `requested_on`: the day the customer wished a new line for, where it is promised for another one.
    """

    type: ChangeStep.Type
    line: Line | None = None
    schedule_line: ScheduleLine | None = None
    product: Product | None = None
    quantity: Counted | None = None
    day: date | None = None
    unit_price: Decimal | None = None
    address: Address | None = None
    requested_on: date | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Doing:
    """What carrying out needs besides the step: for whom, in whose name, why, and whether freight is paid for extra."""

    order: Order
    by: Member
    reason: str
    is_wish: bool
    is_express: bool
    is_moved: frozenset[int]


def written(change: OrderChange, asked: Sequence[Step]) -> list[ChangeStep]:
    """The steps as rows of a change, not saved yet. Raises ActionError for what cannot be asked for at all."""
    if not asked:
        raise ActionError(_("Nothing was changed."))
    steps = [_written(change, one) for one in asked]
    fields = [(_field(step), step.schedule_line_id or step.line_id) for step in steps if step.type != Type.ADD]
    if len(fields) != len(set(fields)):
        raise ActionError(_("The same is changed twice."))
    removed = {step.line_id for step in steps if step.type == Type.REMOVE}
    for step in steps:
        if step.type != Type.REMOVE and step.line_id in removed:
            raise ActionError(_("{line} is removed: nothing else of it can be changed.").format(line=step.line))
    return steps


def _field(step: ChangeStep) -> str:
    return "quantity" if step.type in (Type.QUANTITY, Type.SPLIT, Type.CANCEL) else str(step.type)


def _written(change: OrderChange, asked: Step) -> ChangeStep:
    row = asked.schedule_line
    line = asked.line or (row.line if row is not None else None)
    _refuse_foreign(change.order, asked, line)
    step = ChangeStep(change=change, type=asked.type, line=line, schedule_line=row, outcome=ChangeStep.Outcome.OPEN)
    if line is not None:
        step.line = line
    step.before = standing(step)
    step.after = _after(asked, step, change.order)
    if asked.seen:
        step.before = _seen(asked, step)
    if why := stuck(step):
        raise ActionError(why)
    if step.before == step.after:
        raise ActionError(_("{what} stands so already.").format(what=row or line or change.order))
    return step


def _seen(asked: Step, step: ChangeStep) -> Any:
    """What the form showed, in the form of a step's `before`."""
    try:
        if step.type == Type.ADD:
            return None
        if step.type == Type.SHIP_TO:
            return int(asked.seen)
        if step.type == Type.DATE:
            return date.fromisoformat(asked.seen).isoformat()
        amount = Decimal(asked.seen)
        if amount.is_finite():
            return [plain(amount), step.before[1]] if step.type == Type.PRICE else plain(amount)
    except (ValueError, InvalidOperation):
        pass
    raise ActionError(_("What the form showed cannot be read: open it anew."))


def _refuse_foreign(order: Order, asked: Step, line: Line | None) -> None:
    needs = {Type.ADD: asked.product, Type.SHIP_TO: asked.address, Type.PRICE: line, Type.REMOVE: line}
    about = asked.schedule_line if asked.type in OF_SCHEDULE else needs[ChangeStep.Type(asked.type)]
    if about is None:
        label = ChangeStep.Type(asked.type).label
        raise ActionError(_("«{type}» does not say what it is about.").format(type=label))
    for row in (asked.schedule_line, line):
        if row is not None and row.order_id != order.pk:
            raise ActionError(_("{line} is not a line of {order}.").format(line=row, order=order))
    if asked.address is not None and asked.address.customer_id != order.customer_id:
        raise ActionError(_("{row} does not belong to {customer}.").format(row=asked.address, customer=order.customer))


def _after(asked: Step, step: ChangeStep, order: Order) -> Any:
    if step.type == Type.ADD:
        return _added(asked, order)
    if step.type == Type.REMOVE:
        return "0"
    if step.type == Type.SHIP_TO:
        return asked.address and asked.address.pk
    if step.type == Type.DATE:
        return _needed(asked.day, _("Which day?")).isoformat()
    if step.type == Type.PRICE:
        price: Decimal = _needed(asked.unit_price, _("Which price?"))
        if price < 0:
            raise ActionError(_("A price is not below zero."))
        return [plain(price), 1]
    quantity: Decimal = _needed(asked.quantity, _("How many?"))
    refuse_uncounted(quantity)
    if step.type == Type.SPLIT:
        rest = Decimal(step.before) - quantity
        return [plain(rest), plain(quantity), _needed(asked.day, _("Which day?")).isoformat()]
    if quantity < 0 or (step.type == Type.QUANTITY and not quantity):
        raise ActionError(_("The quantity has to be above zero; to give all of it up, cancel it."))
    if step.type == Type.CANCEL and quantity > Decimal(step.before):
        raise ActionError(_("There are only {n} of {line}.").format(n=step.before, line=step.schedule_line))
    return plain(quantity)


def _needed(value: Any, sentence: str) -> Any:
    if value is None:
        raise ActionError(sentence)
    return value


def _added(asked: Step, order: Order) -> dict[str, Any]:
    product: Product = _needed(asked.product, _("Which product?"))
    quantity: Decimal = _needed(asked.quantity, _("How many?"))
    day: date = _needed(asked.day, _("Which day?"))
    wished = asked.requested_on or day
    refuse_uncounted(quantity)
    refuse_line(NewLine(product, quantity, wished), order.customer)
    promised = {"promised_on": day.isoformat()} if day != wished else {}
    return {
        "product": product.pk, "quantity": plain(quantity), "requested_on": wished.isoformat(),
        "unit_price": plain(asked.unit_price) if asked.unit_price is not None else None, "name": str(product),
    } | promised  # fmt: skip


ORDER = (Type.PRICE, Type.REMOVE, Type.CANCEL, Type.SHIP_TO, Type.DATE, Type.SPLIT, Type.QUANTITY, Type.ADD)


def _turn(step: ChangeStep) -> int:
    """When a step has its turn: what gives goods back before what takes some or sends them elsewhere."""
    is_less = step.type == Type.QUANTITY and Decimal(step.after) < Decimal(step.before)
    return ORDER.index(Type.CANCEL if is_less else ChangeStep.Type(step.type))


def carry_out(steps: Iterable[ChangeStep], doing: Doing) -> None:
    """Do the steps; they share the rows, and all rows the one order at hand."""
    todo, stood = sorted(steps, key=_turn), doing.order.state
    lock_goods(todo, doing.order)
    for step in todo:
        if step.schedule_line is not None:
            refuse_unmoveable(step.schedule_line)
            _apart(step.schedule_line, todo, doing)
        STEPS[ChangeStep.Type(step.type)](step, doing)
        step.outcome = ChangeStep.Outcome.DONE
    if any(step.type == Type.ADD for step in todo):
        doing.order.state = stood  # it ended with its last line only until another one was added


def _apart(row: ScheduleLine, steps: Iterable[ChangeStep], doing: Doing) -> None:
    """Where part of the row has left, all steps about it are about its rest from now on."""
    mine = [step for step in steps if step.schedule_line_id == row.pk]
    rest = rest_of(row, by=doing.by, but=mine[0].change)
    for step in mine if rest is not row else ():
        about_rest(step, row, rest)


def lock_goods(steps: Sequence[ChangeStep], order: Order) -> None:
    """Every stock the steps may touch, in one order."""
    rows = order.schedule_lines.select_related("line__product", "supplied_from")
    if not any(step.type == Type.SHIP_TO for step in steps):
        rows = rows.filter(line__in=[step.line_id for step in steps if step.line_id])
    added = Product.objects.in_bulk([step.after["product"] for step in steps if step.type == Type.ADD])
    wanted = [(row.line.product, row.supplied_from or order.site) for row in rows]
    lock_stocks([*wanted, *((product, order.site) for product in added.values())])


def _date(step: ChangeStep, doing: Doing) -> None:
    day = date.fromisoformat(step.after)
    moved(_row(step), day, by=doing.by, reason=doing.reason, is_express=doing.is_express)


def _split(step: ChangeStep, doing: Doing) -> None:
    quantity, day = Decimal(step.after[1]), date.fromisoformat(step.after[2])
    parted(_row(step), quantity, day, by=doing.by, reason=doing.reason, is_wish=doing.is_wish)


def _cancel(step: ChangeStep, doing: Doing) -> None:
    row = _row(step)
    cancelled(row, row.quantity - Decimal(step.after), by=doing.by, reason=doing.reason)


def _remove(step: ChangeStep, doing: Doing) -> None:
    """All that is left of a line is given up, part by part."""
    line = _line(step)
    for row in line.schedule_lines.exclude(state=ScheduleLine.State.CANCELLED):
        row.order, row.line = doing.order, line
        cancelled(row, row.quantity, by=doing.by, reason=doing.reason)


def _quantity(step: ChangeStep, doing: Doing) -> None:
    """The ordered quantity itself is another; more of it has to be there for the promised day."""
    row, after = _row(step), Decimal(step.after)
    before, line, stock = row.quantity, row.line, stock_of(row.line.product, row.site)
    row.quantity = after
    if after > before:
        assert row.promised_on is not None
        if row.promised_on < clock.today(row.zone):
            raise ActionError(_("{line} is late: more of it needs another day as well.").format(line=row))
        row.ship_by_on = leaving(row, row.promised_on)
        reserve(stock, row.pk, after, row.ship_by_on)
        row.save(update_fields=["ship_by_on"])
    else:
        shrink(stock, row.pk, after)
    row.save(update_fields=["quantity"])
    line.ordered_quantity, line.ordered_unit = line.said(line.quantity + after - before)
    line.quantity += after - before
    line.net = line.net_of(line.open_quantity).amount
    line.save(update_fields=["quantity", "ordered_quantity", "ordered_unit", "net"])
    on = [doing.order, row, doing.order.customer]
    record(verbs.QUANTITY_CHANGED, by=doing.by, on=on, line=str(line), before=before, after=after)


def _price(step: ChangeStep, doing: Doing) -> None:
    line = _line(step)
    before = Money(line.unit_price / line.per, doing.order.currency)
    line.unit_price, line.per, line.price_source = Decimal(step.after[0]), int(step.after[1]), "manual"
    line.net = line.net_of(line.open_quantity).amount
    line.save(update_fields=["unit_price", "per", "price_source", "net"])
    after = Money(line.unit_price / line.per, doing.order.currency)
    record(
        verbs.PRICE_CHANGED, by=doing.by, on=[doing.order, doing.order.customer], line=str(line), before=before, after=after
    )  # fmt: skip


def _ship_to(step: ChangeStep, doing: Doing) -> None:
    """Everything goes elsewhere: it leaves in time for the promised days, and is taxed as there."""
    order, before = doing.order, doing.order.ship_to
    order.ship_to = Address.objects.get(pk=step.after, customer=order.customer_id)
    order.tax_reason = reason_for(order.customer, order.ship_to.country, order.site)
    order.save(update_fields=["ship_to", "tax_reason"])
    tax = tax_of(order)
    for line in order.lines.select_related("product"):
        line.tax_category, line.tax_rate = tax.of(line.product.tax_category)
        line.save(update_fields=["tax_category", "tax_rate"])
    rows = order.schedule_lines.select_related("line__product").exclude(state__in=ScheduleLine.DONE)
    for row in rows.exclude(pk__in=doing.is_moved):
        row.order = row.line.order = order
        _leave_anew(row, is_express=doing.is_express)
    on = [order, order.customer]
    record(verbs.SHIP_TO_CHANGED, by=doing.by, on=on, before=str(before), after=str(order.ship_to))


def _leave_anew(row: ScheduleLine, *, is_express: bool) -> None:
    """The promised day stands; the goods leave in time for it by the way to the new place, unless that day has come."""
    assert row.promised_on is not None
    if row.promised_on <= clock.today(row.zone):
        return
    refuse_day(row, row.promised_on, express=is_express)
    leaves = max(ship_by(row, row.promised_on), clock.today())
    if leaves != row.ship_by_on:
        reserve(stock_of(row.line.product, row.site), row.pk, row.quantity, leaves)
        row.ship_by_on = leaves
        row.save(update_fields=["ship_by_on"])


def _add(step: ChangeStep, doing: Doing) -> None:
    """A line more, promised for its day or the one it was offered for; ActionError names the first day possible."""
    order, after = doing.order, step.after
    product, quantity = Product.objects.get(pk=after["product"]), Decimal(after["quantity"])
    price = Decimal(after["unit_price"]) if after["unit_price"] else None
    entered = NewLine(product, quantity, date.fromisoformat(after["requested_on"]), price)
    refuse_line(entered, order.customer)
    last = order.lines.order_by("-position").values_list("position", flat=True).first() or 0
    quoted = catalog.price_for(order.customer, product, quantity, clock.today())
    line = line_of(order, last + 10, entered, quantity, quoted)
    line.tax_category, line.tax_rate = tax_of(order).of(product.tax_category)
    line.save()
    row = ScheduleLine.objects.create(order=order, line=line, quantity=quantity, requested_on=entered.requested_on)
    stock = stock_of(product, order.site)
    lock(stock)
    day = first_possible(row, shelves_of([stock], clock.today())[stock.pk])
    offered = date.fromisoformat(after.get("promised_on", after["requested_on"]))
    if day > offered:
        told = _("{quantity} {unit} of {product} can arrive on {day} at the earliest.")
        raise ActionError(told.format(quantity=plain(quantity), unit=line.unit, product=product, day=shown(day)))
    if "promised_on" in after:
        refuse_day(row, day := offered, express=doing.is_express)
    promise_first([(row, day)], order, by=doing.by)
    reserve(stock, row.pk, quantity, row.ship_by_on or day)
    step.line, step.schedule_line = line, row
    record(
        verbs.LINE_ADDED, by=doing.by, on=[order, row, order.customer], line=str(line), quantity=quantity, day=day
    )  # fmt: skip


def _row(step: ChangeStep) -> ScheduleLine:
    assert step.schedule_line is not None
    return step.schedule_line


def _line(step: ChangeStep) -> Line:
    assert step.line is not None
    return step.line


STEPS: dict[ChangeStep.Type, Callable[[ChangeStep, Doing], None]] = {
    Type.DATE: _date, Type.SPLIT: _split, Type.CANCEL: _cancel, Type.REMOVE: _remove, Type.QUANTITY: _quantity,
    Type.PRICE: _price, Type.SHIP_TO: _ship_to, Type.ADD: _add,
}  # fmt: skip
