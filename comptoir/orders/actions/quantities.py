"""Splitting and cancelling."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Change, Text, action
from comptoir.catalog.actions import release, reserve, stock_of
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders import verbs
from comptoir.orders.actions.dates import refuse_impossible
from comptoir.orders.changes import apply, refuse_unmoveable
from comptoir.orders.models import ChangeStep, OrderChange, Reason, ScheduleLine
from comptoir.orders.versions import DELIVER, set_promised, ship_by
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises import actions as promises

Initiator = OrderChange.Initiator
STALE = ("quantity", "promised_on", "state")


def split_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    quantity: Decimal = inputs["quantity"]
    label, unit = str(row.line), row.line.unit
    return [Change(label, f"{row.quantity:f} {unit}", f"{row.quantity - quantity:f} + {quantity:f} {unit}")]


@action(
    "orders.split",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Split"),
    stale=STALE,
    diff=split_changes,
    labels={"initiator": gettext_lazy("Asked for by")},
)
def split(
    row: ScheduleLine,
    *,
    by: Member,
    quantity: Decimal,
    to: date,
    reason: Reason,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Deliver part of a schedule line on another day."""
    refuse_unmoveable(row)
    if not 0 < quantity < row.quantity:
        raise ActionError(_("A split takes more than nothing and less than {all}.").format(all=f"{row.quantity:f}"))
    last = row.line.schedule_lines.aggregate(last=Max("position"))["last"]
    stock = stock_of(row.line.product, row.order.site)
    row.quantity -= quantity
    row.save(update_fields=["quantity"])
    reserve(stock, row.pk, row.quantity, max(row.ship_by_on or clock.today(), clock.today()), clock.today())
    part = ScheduleLine.objects.create(
        order=row.order, line=row.line, position=last + 1, quantity=quantity, requested_on=to, state=row.state
    )
    refuse_impossible(part, to)
    reserve(stock, part.pk, quantity, max(ship_by(part, to), clock.today()), clock.today())
    set_promised(part, to, by=by, reason=str(reason))
    record(verbs.SPLIT, by=by, on=[row.order, row, row.order.customer], line=str(row.line), quantity=quantity, day=to)
    step = ChangeStep(
        type=ChangeStep.Type.SPLIT, schedule_line=row,
        before=str(row.quantity + quantity), after=[str(row.quantity), str(quantity), to.isoformat()],
    )  # fmt: skip
    return apply(row.order, [step], by=by, reason=reason, initiator=initiator, note=note)


def cancel_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    quantity = inputs.get("quantity") or row.quantity
    unit = row.line.unit
    return [Change(str(row.line), f"{row.quantity:f} {unit}", f"{row.quantity - quantity:f} {unit}")]


@action(
    "orders.cancel_quantity",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Cancel"),
    stale=STALE,
    diff=cancel_changes,
    labels={"initiator": gettext_lazy("Asked for by"), "quantity": gettext_lazy("Quantity (empty: all)")},
)
def cancel_quantity(
    row: ScheduleLine,
    *,
    by: Member,
    reason: Reason,
    quantity: Decimal | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Cancel what has not been shipped of a schedule line, or part of it."""
    refuse_unmoveable(row)
    gone = row.quantity if quantity is None else quantity
    if not 0 < gone <= row.quantity:
        raise ActionError(_("At most {all} can be cancelled.").format(all=f"{row.quantity:f}"))
    before, row.quantity = row.quantity, row.quantity - gone
    _shrink_line(row, gone)
    if row.quantity:
        stock = stock_of(row.line.product, row.order.site)
        reserve(stock, row.pk, row.quantity, max(row.ship_by_on or clock.today(), clock.today()), clock.today())
    else:
        row.state = ScheduleLine.State.CANCELLED
        release(row.pk)
        if standing := promises.standing_on(row, DELIVER):
            promises.withdraw(standing, by=by, reason=str(reason), on=(row.order,))
    row.save()
    record(verbs.CANCELLED, by=by, on=[row.order, row, row.order.customer], line=str(row.line), quantity=gone)
    step = ChangeStep(type=ChangeStep.Type.CANCEL, schedule_line=row, before=str(before), after=str(row.quantity))
    return apply(row.order, [step], by=by, reason=reason, initiator=initiator, note=note)


def _shrink_line(row: ScheduleLine, gone: Decimal) -> None:
    line = row.line
    line.cancelled_quantity += gone
    line.net = line.net_of(line.open_quantity).amount
    line.save(update_fields=["cancelled_quantity", "net"])
