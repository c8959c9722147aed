"""Reads about shipments, and what must hold of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from comptoir.catalog.models import Stock
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib.invariants import Finding
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member

LATELY, MOST_WATCHED = 4, 40  # days a late arrival is kept in sight; shipments listed
WHY = ("late", "came_late", "untracked")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment with what is in it, as an order's page shows it."""

    shipment: Shipment
    lines: list[ShipmentLine]
    is_late: bool


def of_order(order: Order, member: Member, today: date) -> list[Parcel]:
    """The shipments that hold lines of an order, the latest first (two queries)."""
    return of_orders([order.pk], member, today).get(order.pk, [])


def of_orders(orders: Iterable[int], member: Member, today: date) -> dict[int, list[Parcel]]:
    """The shipments of some orders, the latest first, each with what of the order is in it (two queries)."""
    wanted, found = list(orders), dict[int, list[Parcel]]()
    if not wanted:
        return found
    inside = ShipmentLine.objects.filter(schedule_line__order__in=wanted).select_related("schedule_line__line")
    rows = Shipment.objects.visible_to(member).filter(lines__schedule_line__order__in=wanted).distinct()
    for one in rows.prefetch_related(Prefetch("lines", inside)).order_by("-handed_over_on", "-pk"):
        lines: dict[int, list[ShipmentLine]] = {}
        for line in one.lines.all():
            lines.setdefault(line.schedule_line.order_id, []).append(line)
        for order, packed in lines.items():
            found.setdefault(order, []).append(Parcel(one, packed, is_late(one, today)))
    return found


def is_late(shipment: Shipment, today: date) -> bool:
    """Under way, and expected for a day that has passed."""
    return shipment.state == "under_way" and shipment.expected_on is not None and shipment.expected_on < today


@dataclass(frozen=True, slots=True)
class Leaving:
    """A schedule line of which something can leave: how much is left to ship, and how much lies there."""

    row: ScheduleLine
    left: Decimal
    there: Decimal


def to_ship(order: Order) -> list[Leaving]:
    """The lines of an order of which something can leave (one query)."""
    there = Stock.objects.filter(
        product=OuterRef("line__product"), site=Coalesce(OuterRef("supplied_from"), order.site_id)
    ).values("on_hand")
    rows = order.schedule_lines.filter(
        state__in=("promised", "allocated", "picked"), shipped_quantity__lt=F("quantity")
    )
    zero = Value(Decimal(0), DecimalField())
    found = rows.select_related("line__product").annotate(there=Coalesce(Subquery(there[:1]), zero))
    return [Leaving(row, row.unshipped_quantity, row.there) for row in found]


def under_way(member: Member) -> QuerySet[Shipment]:
    """Shipments that have not arrived, those expected first."""
    inside = ShipmentLine.objects.select_related("schedule_line__line", "schedule_line__order")
    rows = Shipment.objects.visible_to(member).under_way().select_related("customer")
    return rows.prefetch_related(Prefetch("lines", inside)).order_by(F("expected_on").asc(nulls_last=True), "pk")


@dataclass(frozen=True, slots=True)
class Watched:
    """A shipment somebody should look after, and why: not there when expected, arrived late, or nobody can follow it."""

    shipment: Shipment
    orders: list[Order]
    why: str
    days: int


def to_watch(member: Member, today: date) -> list[Watched]:
    """Shipments to the member's customers that need a look: late on the way, then late arrivals, then untracked (two queries)."""
    since = today - timedelta(days=LATELY)
    late = Q(delivered_on=None, expected_on__lt=today)
    untracked = Q(delivered_on=None, tracking="") & ~Q(carrier="") & Q(handed_over_on__lt=today)
    came_late = Q(delivered_on__gte=since, lines__schedule_line__promised_on__lt=F("delivered_on"))
    rows = Shipment.objects.visible_to(member).filter(withdrawn_at=None, customer__owner=member)
    inside = ShipmentLine.objects.select_related("schedule_line__order")
    found = rows.filter(late | untracked | came_late).distinct().select_related("customer")
    kept = found.prefetch_related(Prefetch("lines", inside)).order_by("expected_on", "pk")[:MOST_WATCHED]
    return sorted((_watched(one, today) for one in kept), key=lambda one: WHY.index(one.why))


def _watched(shipment: Shipment, today: date) -> Watched:
    rows = [line.schedule_line for line in shipment.lines.all()]
    orders = list({row.order_id: row.order for row in rows}.values())
    if is_late(shipment, today) and shipment.expected_on is not None:
        return Watched(shipment, orders, "late", (today - shipment.expected_on).days)
    if shipment.delivered_on is not None:
        on = shipment.delivered_on
        promised = min((row.promised_on for row in rows if row.promised_on and row.promised_on < on), default=on)
        return Watched(shipment, orders, "came_late", (on - promised).days)
    return Watched(shipment, orders, "untracked", (today - shipment.handed_over_on).days)


def invariants() -> list[Finding]:
    """Schedule lines whose shipped and delivered quantities are not the sums of their shipments."""
    standing = Q(shipment_lines__shipment__withdrawn_at=None)
    arrived = standing & Q(shipment_lines__shipment__delivered_on__isnull=False)
    rows = ScheduleLine.objects.exclude(shipped_quantity=0, shipment_lines=None).annotate(
        left=Coalesce(Sum("shipment_lines__quantity", filter=standing), Value(Decimal(0)), output_field=DecimalField()),
        came=Coalesce(Sum("shipment_lines__quantity", filter=arrived), Value(Decimal(0)), output_field=DecimalField()),
    )
    off = rows.exclude(left=F("shipped_quantity"), came=F("delivered_quantity"))
    return [
        Finding(
            "Shipped and delivered quantities are not those of the shipments", off.count(), [str(r.pk) for r in off[:5]]
        )
    ]
