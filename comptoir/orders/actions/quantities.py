"""Splitting and cancelling."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Change, Text, action
from comptoir.catalog.actions import reserve, shrink, stock_of
from comptoir.catalog.fields import Counted
from comptoir.catalog.models import Site
from comptoir.events import record
from comptoir.orders import verbs
from comptoir.orders.actions.changes import apply, refuse_uncounted, refuse_unmoveable
from comptoir.orders.actions.dates import date_facts, leaving, refuse_impossible, rest_facts, shown, stock_change
from comptoir.orders.actions.rests import next_position, rest_of
from comptoir.orders.actions.versions import DELIVER, set_promised
from comptoir.orders.models import ChangeStep, Order, OrderChange, ScheduleLine
from comptoir.orders.reasons import CancelReason, SplitReason
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises import actions as promises

Initiator = OrderChange.Initiator
STALE = ("quantity", "shipped_quantity", "promised_on", "state")


def split_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """What splitting does: to the quantities, to what is promised when, and to stock."""
    quantity, to = inputs["quantity"], inputs["to"]
    refuse_unmoveable(row)
    refuse_no_part(row, quantity)
    refuse_impossible(row, to, quantity=quantity)
    left = row.unshipped_quantity
    return [
        Change(
            _("Promised delivery"), _amount(row, left, row.promised_on), _amount(row, left - quantity, row.promised_on)
        ),
        Change(_("Promised as well"), "–", _amount(row, quantity, to)),
        stock_change(row, to, quantity),
    ]


def _amount(row: ScheduleLine, quantity: Decimal, day: date | None) -> str:
    return f"{quantity.normalize():f} {row.line.unit}, {shown(day)}"


def refuse_no_part(row: ScheduleLine, quantity: Decimal) -> None:
    """Raise ActionError for what is not a part of a schedule line."""
    refuse_uncounted(quantity)
    if not 0 < quantity < row.unshipped_quantity:
        most = f"{row.unshipped_quantity.normalize():f}"
        raise ActionError(_("A split takes more than nothing and less than {all}.").format(all=most))


@action(
    "orders.split",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Split"),
    stale=STALE,
    diff=split_changes,
    facts=date_facts,
    labels={"initiator": gettext_lazy("Asked for by"), "quantity": gettext_lazy("Quantity on the other day")},
)
def split(
    row: ScheduleLine,
    *,
    by: Member,
    quantity: Counted,
    to: date,
    reason: SplitReason,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Deliver part of a schedule line on another day."""
    refuse_unmoveable(row)
    refuse_no_part(row, quantity)
    rest = rest_of(row, by=by)
    step = parted(rest, quantity, to, by=by, reason=str(reason), is_wish=initiator == Initiator.CUSTOMER)
    return apply(row.order, [step], by=by, reason=reason, initiator=initiator, note=note)


def parted(
    row: ScheduleLine, quantity: Decimal, to: date, *, by: Member, reason: str, is_wish: bool, site: Site | None = None
) -> ChangeStep:
    """Part of a schedule line on another day, as a schedule line of its own, from another site where one is named.

    `is_wish`: the customer asked for that day.
    """
    refuse_no_part(row, quantity)
    before = row.quantity
    part = _part_of(row, quantity, to, is_wish=is_wish, site=site)
    refuse_impossible(part, to)
    reserve(stock_of(row.line.product, part.site), part.pk, quantity, leaving(part, to))
    set_promised(part, to, by=by, reason=reason)
    on = [row.order, row, part, row.order.customer]
    record(verbs.SPLIT, by=by, on=on, line=str(row.line), quantity=quantity, day=to)
    return ChangeStep(
        type=ChangeStep.Type.SPLIT, schedule_line=row,
        before=str(before), after=[str(row.quantity), str(quantity), to.isoformat()],
    )  # fmt: skip


def _part_of(row: ScheduleLine, quantity: Decimal, to: date, *, is_wish: bool, site: Site | None) -> ScheduleLine:
    """A new schedule line with part of the quantity; it keeps what was first promised for that quantity."""
    row.quantity -= quantity
    row.save(update_fields=["quantity"])
    shrink(stock_of(row.line.product, row.site), row.pk, row.quantity)
    return ScheduleLine.objects.create(
        order=row.order, line=row.line, position=next_position(row), quantity=quantity, state=row.state,
        requested_on=to if is_wish else row.requested_on, first_promised_on=row.first_promised_on,
        supplied_from=site or row.supplied_from,
    )  # fmt: skip


def cancel_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """What cancelling does: to the quantity still promised and to the order's sum."""
    gone = refuse_too_much(row, inputs.get("quantity"))
    line, left = row.line, row.unshipped_quantity
    rest = left - gone
    net = line.net_of(line.open_quantity - gone)
    return [
        Change(
            _("Promised delivery"),
            _amount(row, left, row.promised_on),
            _amount(row, rest, row.promised_on) if rest else "–",
        ),
        Change(_("Net amount of the line"), str(line.net_of(line.open_quantity)), str(net)),
    ]


def refuse_too_much(row: ScheduleLine, quantity: Decimal | None) -> Decimal:
    """The quantity to cancel: all of it when none is named."""
    refuse_unmoveable(row)
    left = row.unshipped_quantity
    gone = left if quantity is None else quantity
    refuse_uncounted(gone)
    if not 0 < gone <= left:
        raise ActionError(_("At most {all} can be cancelled.").format(all=f"{left.normalize():f}"))
    return gone


@action(
    "orders.cancel_quantity",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Cancel"),
    stale=STALE,
    diff=cancel_changes,
    facts=rest_facts,
    labels={"initiator": gettext_lazy("Asked for by"), "quantity": gettext_lazy("Quantity (empty: all)")},
)
def cancel_quantity(
    row: ScheduleLine,
    *,
    by: Member,
    reason: CancelReason,
    quantity: Counted | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Cancel what has not been shipped of a schedule line, or part of it; an order of which nothing is left ends."""
    gone = refuse_too_much(row, quantity)
    step = cancelled(rest_of(row, by=by), gone, by=by, reason=str(reason))
    return apply(row.order, [step], by=by, reason=reason, initiator=initiator, note=note)


def cancelled(row: ScheduleLine, gone: Decimal, *, by: Member, reason: str) -> ChangeStep:
    """A quantity of a schedule line is given up; with all of it its promise, with the last one the order ends."""
    before, row.quantity = row.quantity, row.quantity - gone
    shrink(stock_of(row.line.product, row.site), row.pk, row.quantity)
    _shrink_line(row, gone)
    if not row.quantity:
        _end(row, by, reason)
    row.save(update_fields=["quantity", "state"])
    on = [row.order, row, row.order.customer]
    record(verbs.CANCELLED, by=by, on=on, line=str(row.line), quantity=gone)
    return ChangeStep(type=ChangeStep.Type.CANCEL, schedule_line=row, before=str(before), after=str(row.quantity))


def _shrink_line(row: ScheduleLine, gone: Decimal) -> None:
    line = row.line
    line.cancelled_quantity += gone
    line.net = line.net_of(line.open_quantity).amount
    line.save(update_fields=["cancelled_quantity", "net"])


def _end(row: ScheduleLine, by: Member, reason: str) -> None:
    """Nothing of the schedule line is left: its promise is withdrawn, and the order ends with its last one."""
    row.state = ScheduleLine.State.CANCELLED
    if standing := promises.standing_on(row, DELIVER):
        promises.withdraw(standing, by=by, reason=reason, on=(row.order,))
    others = row.order.schedule_lines.exclude(pk=row.pk).exclude(state=ScheduleLine.State.CANCELLED)
    states = set(others.values_list("state", flat=True))
    if not states:
        row.order.state = Order.State.CANCELLED
    elif states == {ScheduleLine.State.DELIVERED}:
        row.order.state = Order.State.FULFILLED
