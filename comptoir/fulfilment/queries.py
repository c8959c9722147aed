"""Reads about shipments, and what must hold of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from comptoir.catalog.models import Stock
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib.invariants import Finding
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment with what is in it, as an order's page shows it."""

    shipment: Shipment
    lines: list[ShipmentLine]
    is_late: bool


def of_order(order: Order, member: Member, today: date) -> list[Parcel]:
    """The shipments that hold lines of an order, the latest first (two queries)."""
    inside = ShipmentLine.objects.filter(schedule_line__order=order).select_related("schedule_line__line")
    rows = Shipment.objects.visible_to(member).filter(lines__schedule_line__order=order).distinct()
    found = rows.prefetch_related(Prefetch("lines", inside)).order_by("-handed_over_on", "-pk")
    return [Parcel(one, list(one.lines.all()), is_late(one, today)) for one in found]


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
    there = Stock.objects.filter(product=OuterRef("line__product"), site=order.site).values("on_hand")
    rows = order.schedule_lines.filter(
        state__in=("promised", "allocated", "picked"), shipped_quantity__lt=F("quantity")
    )
    zero = Value(Decimal(0), DecimalField())
    found = rows.select_related("line__product").annotate(there=Coalesce(Subquery(there[:1]), zero))
    return [Leaving(row, row.quantity - row.shipped_quantity, row.there) for row in found]


def under_way(member: Member) -> QuerySet[Shipment]:
    """Shipments that have not arrived, those expected first."""
    rows = Shipment.objects.visible_to(member).under_way().select_related("customer")
    return rows.order_by(F("expected_on").asc(nulls_last=True), "pk")


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
