"""Goods leave: stock goes down, what was set aside is used, and the lines know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.actions.locks import own
from comptoir.catalog.actions import reserve, settle, shrink
from comptoir.catalog.actions.counts import refuse_hurt
from comptoir.catalog.actions.stock import lock_stocks
from comptoir.catalog.fields import Counted
from comptoir.catalog.models import Stock
from comptoir.catalog.queries import Flow
from comptoir.events import record
from comptoir.fulfilment import verbs
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib import clock, days
from comptoir.lib.numbers import with_check
from comptoir.lib.text import key
from comptoir.orders import verbs as orders
from comptoir.orders.actions.changes import refuse_uncounted, refuse_unready
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people import any_member
from comptoir.people.models import Member

State = ScheduleLine.State
WAITS = (State.PROMISED, State.ALLOCATED, State.PICKED)
LABELS = {
    "carrier": gettext_lazy("Carrier"),
    "tracking": gettext_lazy("Tracking number"),
    "handed_over_on": gettext_lazy("Handed over on"),
    "expected_on": gettext_lazy("Expected on"),
    "lines": gettext_lazy("Lines"),
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """How much of a schedule line leaves."""

    schedule_line: ScheduleLine
    quantity: Counted


def next_number() -> str:
    """The next shipment number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('shipment_number')")
        return f"SH-{with_check(cursor.fetchone()[0])}"


def _same_parcel(order: Order, inputs: Mapping[str, Any]) -> list[Shipment]:
    found = parcel(inputs.get("carrier", ""), inputs.get("tracking", ""))
    return [found] if found else []


def parcel(carrier: str, tracking: str) -> Shipment | None:
    """The standing shipment with this tracking number, however it was spelled."""
    if not (wanted := key(tracking)):
        return None
    found: Shipment | None = Shipment.objects.filter(
        carrier__iexact=carrier.strip(), tracking_key=wanted, withdrawn_at=None
    ).first()
    return found


@action(
    "fulfilment.ship",
    subject=Order,
    also=_same_parcel,
    authority=any_member,
    title=gettext_lazy("Ship"),
    labels=LABELS,
    stale=("version", "state"),
)
def ship(
    order: Order,
    *,
    by: Member,
    lines: list[Shipped],
    carrier: str = "",
    tracking: str = "",
    handed_over_on: date | None = None,
    expected_on: date | None = None,
    source: Shipment.Source = Shipment.Source.HAND,
) -> Shipment:
    """Hand lines of an order to a carrier; the same tracking number again joins the shipment that travels already."""
    _refuse_unready(order, lines)
    on = handed_over_on or clock.today()
    if on > clock.today():
        raise ActionError(_("What leaves on {day} has not left yet.").format(day=days.day(on)))
    if expected_on and expected_on < on:
        raise ActionError(_("It cannot arrive before it leaves."))
    shipment = _open(order, by, carrier.strip()[:80], tracking.strip()[:60], on, expected_on, source)
    rows = [_fresh(order, one.schedule_line) for one in lines]
    stocks = lock_stocks((row.line.product, row.site) for row in rows)
    for row, one in zip(rows, lines, strict=True):
        _leave(row, one.quantity, on, stocks[row.line.product_id, row.site.pk])
        line, new = ShipmentLine.objects.get_or_create(
            shipment=shipment, schedule_line=row, defaults={"quantity": one.quantity}
        )
        if not new:
            line.quantity += one.quantity
            line.save(update_fields=["quantity"])
        record(orders.SHIPPED, by=by, on=[order, row, order.customer], line=str(row.line), quantity=one.quantity)
    if order.state == Order.State.CONFIRMED:
        order.state = Order.State.IN_FULFILMENT
        order.save(update_fields=["state"])
    record(
        verbs.HANDED_OVER, by=by, on=[order, shipment, order.customer], number=shipment.number,
        carrier=shipment.carrier or "–", tracking=shipment.tracking,
    )  # fmt: skip
    if expected_on:
        expect_rows(shipment, expected_on, by)
    return shipment


def _refuse_unready(order: Order, lines: list[Shipped]) -> None:
    refuse_unready(order)
    if not lines:
        raise ActionError(_("Nothing is named to be shipped."))
    named = [one.schedule_line.pk for one in lines]
    if len(named) != len(set(named)):
        raise ActionError(_("A line is named twice."))


def _open(
    order: Order, by: Member, carrier: str, tracking: str, on: date, expected_on: date | None, source: str
) -> Shipment:
    known = parcel(carrier, tracking)
    if known is None:
        made = Shipment.objects.create(
            number=next_number(), customer=order.customer, carrier=carrier, tracking=tracking, tracking_key=key(tracking),
            handed_over_on=on, expected_on=expected_on, source=source, made_by=by, made_at=clock.now(),
        )  # fmt: skip
        own(made)
        return made
    if known.customer_id != order.customer_id:
        raise ActionError(_("{tracking} travels to {customer}.").format(tracking=tracking, customer=known.customer))
    if known.delivered_on:
        raise ActionError(_("{tracking} has been delivered already.").format(tracking=tracking))
    return known


def _fresh(order: Order, row: ScheduleLine) -> ScheduleLine:
    """The row as it stands, of this order."""
    rows = order.schedule_lines.select_related("line__product", "supplied_from").filter(pk=row.pk)
    found: ScheduleLine | None = rows.first()
    if found is None:
        raise ActionError(_("{line} is not a line of {order}.").format(line=row, order=order))
    found.order = order
    return found


def _leave(row: ScheduleLine, quantity: Decimal, on: date, stock: Stock) -> None:
    """Take the quantity from the shelf and from what was set aside."""
    if row.state not in WAITS:
        raise ActionError(_("{line} cannot be shipped: {state}.").format(line=row, state=State(row.state).label))
    refuse_uncounted(quantity)
    left = row.unshipped_quantity
    if not 0 < quantity <= left:
        raise ActionError(_("Of {line} at most {open} can be shipped.").format(line=row, open=f"{left.normalize():f}"))
    if stock.on_hand < quantity:
        told = _("Only {n} of {product} lie at {site}: receive goods or correct the stock first.")
        raise ActionError(told.format(n=f"{stock.on_hand.normalize():f}", product=row.line.product, site=stock.site))
    refuse_hurt(stock, lambda flow: _without(flow, row.pk, quantity))
    row.shipped_quantity += quantity
    row.shipped_on = on
    if row.shipped_quantity == row.quantity:
        row.state = State.SHIPPED
    row.save(update_fields=["shipped_quantity", "shipped_on", "state"])
    stock.on_hand -= quantity
    stock.save(update_fields=["on_hand"])
    shrink(stock, row.pk, row.unshipped_quantity)
    settle(stock)


def _without(flow: Flow, row: int, quantity: Decimal) -> Flow:
    """The flow after a quantity has left of what a schedule line had set aside."""
    held = [(pk, day, held - quantity if pk == row else held) for pk, day, held in flow.held]
    return Flow(flow.on_hand - quantity, flow.receipts, [one for one in held if one[2] > 0])


def expect_rows(shipment: Shipment, day: date, by: Member) -> None:
    """The lines in a shipment are expected when it is."""
    rows = ScheduleLine.objects.filter(shipment_lines__shipment=shipment).select_related("line__order", "order")
    for row in rows.exclude(state__in=ScheduleLine.DONE).exclude(expected_on=day):
        record(orders.EXPECTED, by=by, on=[row.order, row], line=str(row.line), before=row.expected_on, after=day)
        row.expected_on = day
        row.save(update_fields=["expected_on"])


def orders_of(shipment: Shipment, inputs: Mapping[str, Any] | None = None) -> list[Order]:
    """The orders whose lines travel in it."""
    return list(Order.objects.filter(schedule_lines__shipment_lines__shipment=shipment).distinct().order_by("pk"))


def refuse_withdrawn(shipment: Shipment) -> None:
    """Raise ActionError for a shipment that did not happen."""
    if shipment.withdrawn_at:
        raise ActionError(_("{shipment} was withdrawn.").format(shipment=shipment))


def _standing(shipment: Shipment) -> dict[str, Any]:
    return {"carrier": shipment.carrier, "tracking": shipment.tracking}


@action(
    "fulfilment.edit",
    subject=Shipment,
    authority=any_member,
    title=gettext_lazy("Change the shipment"),
    labels=LABELS,
    initial=_standing,
)
def edit_shipment(
    shipment: Shipment, *, by: Member, carrier: str = "", tracking: str = "", seen: Seen = Seen("")
) -> Shipment:
    """Another carrier or tracking number."""
    refuse_withdrawn(shipment)
    changing = edits(_standing(shipment), {"carrier": carrier.strip()[:80], "tracking": tracking.strip()[:60]}, seen)
    change(shipment, changing, verbs.CHANGED, by=by, on=[shipment, *orders_of(shipment)])
    shipment.tracking_key = key(shipment.tracking)
    shipment.save(update_fields=["tracking_key"])
    return shipment


@action(
    "fulfilment.withdraw",
    subject=Shipment,
    also=orders_of,
    authority=any_member,
    title=gettext_lazy("It did not leave"),
)
def withdraw(shipment: Shipment, *, by: Member, reason: str) -> Shipment:
    """The shipment was entered by mistake: goods and reservations are as before, and the promises still stand."""
    refuse_withdrawn(shipment)
    if shipment.delivered_on:
        raise ActionError(_("{shipment} has been delivered: undo the delivery first.").format(shipment=shipment))
    found = orders_of(shipment)
    lines = list(
        shipment.lines.select_related(
            "schedule_line__line__product", "schedule_line__order__site", "schedule_line__supplied_from"
        ).order_by("pk")
    )
    stocks = lock_stocks((one.schedule_line.line.product, one.schedule_line.site) for one in lines)
    for one in lines:
        row = one.schedule_line
        _come_back(row, one.quantity, shipment, stocks[row.line.product_id, row.site.pk])
    shipment.withdrawn_at = clock.now()
    shipment.save(update_fields=["withdrawn_at"])
    for order in found:
        _nothing_left(order)
    record(verbs.WITHDRAWN, by=by, on=[shipment, shipment.customer, *found], number=shipment.number, reason=reason)
    return shipment


def _come_back(row: ScheduleLine, quantity: Decimal, shipment: Shipment, stock: Stock) -> None:
    """Back on the shelf and set aside again."""
    stock.on_hand += quantity
    stock.save(update_fields=["on_hand"])
    row.shipped_quantity -= quantity
    row.state = State.PROMISED
    others = row.shipment_lines.filter(shipment__withdrawn_at=None).exclude(shipment=shipment)
    row.shipped_on = max((line.shipment.handed_over_on for line in others.select_related("shipment")), default=None)
    row.save(update_fields=["shipped_quantity", "state", "shipped_on"])
    assert row.ship_by_on is not None
    reserve(stock, row.pk, row.unshipped_quantity, row.ship_by_on)


def _nothing_left(order: Order) -> None:
    """An order of which nothing has left any more is as it was confirmed."""
    left = order.schedule_lines.aggregate(n=Sum("shipped_quantity"))["n"] or Decimal(0)
    if not left and order.state in (Order.State.IN_FULFILMENT, Order.State.FULFILLED):
        order.state = Order.State.CONFIRMED
        order.save(update_fields=["state"])
