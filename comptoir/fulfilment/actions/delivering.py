"""Goods arrive: the delivery is the evidence that keeps the promise."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.events import record
from comptoir.fulfilment import verbs
from comptoir.fulfilment.actions.shipping import LABELS, WAITS, expect_rows, orders_of, refuse_withdrawn
from comptoir.fulfilment.models import Shipment
from comptoir.lib import clock, days
from comptoir.orders import verbs as orders
from comptoir.orders.actions.rests import follows_rests
from comptoir.orders.actions.versions import DELIVER
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise

State = ScheduleLine.State
ON = {"on": gettext_lazy("Delivered on"), "to": gettext_lazy("Expected on")} | LABELS


@action(
    "fulfilment.expect", subject=Shipment, also=orders_of, authority=any_member, title=gettext_lazy("Expected date"),
    labels=ON,
)  # fmt: skip
def expect(shipment: Shipment, *, by: Member, to: date) -> Shipment:
    """Note when the carrier will be there as things look now; what was promised stays as it is."""
    refuse_withdrawn(shipment)
    if shipment.delivered_on:
        raise ActionError(_("{shipment} has been delivered already.").format(shipment=shipment))
    if to < shipment.handed_over_on:
        raise ActionError(_("It cannot arrive before it leaves."))
    before, shipment.expected_on = shipment.expected_on, to
    shipment.save(update_fields=["expected_on"])
    record(
        verbs.EXPECTED, by=by, on=[shipment, *orders_of(shipment)], number=shipment.number, before=before, after=to
    )  # fmt: skip
    expect_rows(shipment, to, by)
    return shipment


@action(
    "fulfilment.deliver", subject=Shipment, also=orders_of, authority=any_member, title=gettext_lazy("Delivered"),
    labels=ON,
)  # fmt: skip
def deliver(shipment: Shipment, *, by: Member, on: date | None = None) -> Shipment:
    """All of it has arrived: the promises it keeps are kept, late ones late, and orders that are complete are fulfilled."""
    refuse_withdrawn(shipment)
    day = on or clock.today()
    if shipment.delivered_on:
        raise ActionError(_("{shipment} has been delivered already.").format(shipment=shipment))
    if not shipment.handed_over_on <= day <= clock.today():
        raise ActionError(_("{day} is not between the day it left and today.").format(day=days.day(day)))
    shipment.delivered_on = day
    shipment.save(update_fields=["delivered_on"])
    found = orders_of(shipment)
    for line in shipment.lines.select_related("schedule_line__line__order", "schedule_line__order__ship_to").order_by(
        "pk"
    ):
        _arrive(line.schedule_line, line.quantity, day, shipment, by)
    for order in found:
        _complete(order)
    record(verbs.ARRIVED, by=by, on=[shipment, shipment.customer, *found], number=shipment.number, day=day)
    return shipment


def _arrive(row: ScheduleLine, quantity: Decimal, day: date, shipment: Shipment, by: Member) -> None:
    row.delivered_quantity += quantity
    row.delivered_on = max(row.delivered_on or day, day)
    on = [row.order, row, row.order.customer]
    record(orders.DELIVERED, by=by, on=on, line=str(row.line), quantity=quantity)
    _keep(row, shipment, by)
    row.save(update_fields=["delivered_quantity", "delivered_on", "state"])


def _keep(row: ScheduleLine, shipment: Shipment, by: Member) -> None:
    """Where all of it has arrived, with this shipment at last, its promise is kept."""
    if row.delivered_quantity != row.quantity:
        return
    row.state = State.DELIVERED
    standing = promises.standing_on(row, DELIVER)
    if standing is not None and row.delivered_on is not None:
        noon = datetime.combine(row.delivered_on, time(12), ZoneInfo(row.zone))
        promises.keep(standing, shipment, by=by, on=(row.order, row), at=noon)


@follows_rests
def keep_what_came(row: ScheduleLine, rest: ScheduleLine, by: Member) -> None:
    """What had left of a schedule line is all of it now: it may have arrived already."""
    lines = row.shipment_lines.filter(shipment__withdrawn_at=None, shipment__delivered_on=row.delivered_on)
    last = lines.select_related("shipment").order_by("pk").last() if row.delivered_on else None
    if last is not None:
        _keep(row, last.shipment, by)
        row.save(update_fields=["state"])


def _complete(order: Order) -> None:
    """Fulfilled when nothing is left to deliver; in fulfilment while something is."""
    open_rows = order.schedule_lines.exclude(state__in=ScheduleLine.DONE).exists()
    state = Order.State.IN_FULFILMENT if open_rows else Order.State.FULFILLED
    if order.state != state:
        order.state = state
        order.save(update_fields=["state"])


@action(
    "fulfilment.undo_delivery", subject=Shipment, also=orders_of, authority=any_member,
    title=gettext_lazy("Not delivered after all"),
)  # fmt: skip
def undo_delivery(shipment: Shipment, *, by: Member) -> Shipment:
    """The delivery was entered by mistake: what it kept stands again."""
    refuse_withdrawn(shipment)
    if not shipment.delivered_on:
        raise ActionError(_("{shipment} has not been delivered.").format(shipment=shipment))
    shipment.delivered_on = None
    shipment.save(update_fields=["delivered_on"])
    found = orders_of(shipment)
    for line in shipment.lines.select_related("schedule_line__order").order_by("pk"):
        _take_back(line.schedule_line, line.quantity, shipment, by)
    for order in found:
        _complete(order)
    record(verbs.NOT_ARRIVED, by=by, on=[shipment, shipment.customer, *found], number=shipment.number)
    return shipment


def _take_back(row: ScheduleLine, quantity: Decimal, shipment: Shipment, by: Member) -> None:
    row.delivered_quantity -= quantity
    others = row.shipment_lines.filter(shipment__withdrawn_at=None).exclude(shipment__delivered_on=None)
    row.delivered_on = max((line.shipment.delivered_on for line in others.select_related("shipment")), default=None)
    if row.state == State.DELIVERED:
        full = row.shipped_quantity == row.quantity
        row.state = State.SHIPPED if full else WAITS[0]
        kept = Promise.objects.filter(evidence_noun="shipment", evidence_id=shipment.pk).on(row).first()
        if kept is None:  # another shipment was the last to arrive
            kept = Promise.objects.filter(state__in=("kept", "kept_late"), kind=DELIVER).on(row).last()
        if kept is not None and promises.standing_on(row, DELIVER) is None:
            promises.stand_again(kept, by=by, on=(row.order,))
    row.save(update_fields=["delivered_quantity", "delivered_on", "state"])
