"""What left for the customers in the past, and what is on its way this morning."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from random import Random

from django.db import connection

from comptoir.fulfilment.actions import Shipped, ship
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.lib.numbers import with_check
from comptoir.lib.text import key
from comptoir.orders.actions import cancel_quantity
from comptoir.orders.models import Order, Reason, ScheduleLine
from comptoir.people import system
from comptoir.people.models import Member

CARRIERS = {
    "BE": ("bpost", "Transport Vandamme"), "FR": ("Geodis", "DPD"), "GB": ("DPD", "DHL Freight"), "IE": ("DHL Freight", "DPD"),
    "DK": ("DSV", "GLS"), "SK": ("Gebrüder Weiss", "GLS"), "BG": ("Econt", "DB Schenker"), "NL": ("PostNL", "DPD"),
}  # fmt: skip
ON_THE_WAY, IN_PART = 9, 3


def build() -> None:
    """One shipment a day and order for what was delivered; and some that left in these days, by the real action."""
    random, rep = Random("shipping"), system()
    gone: dict[tuple[int, date, date], list[ScheduleLine]] = defaultdict(list)
    rows = ScheduleLine.objects.filter(shipped_quantity__gt=0).select_related("order__ship_to")
    for row in rows.exclude(delivered_on=None).exclude(shipped_on=None).order_by("order_id", "pk"):
        assert row.shipped_on is not None
        assert row.delivered_on is not None
        gone[row.order_id, row.shipped_on, row.delivered_on].append(row)
    numbers = _numbers(len(gone))
    shipments = [
        _shipment(inside[0], shipped_on, delivered_on, numbers.pop(), random, rep)
        for (_order, shipped_on, delivered_on), inside in gone.items()
    ]
    Shipment.objects.bulk_create(shipments, 2_000)
    ShipmentLine.objects.bulk_create(
        [
            ShipmentLine(shipment=made, schedule_line=row, quantity=row.shipped_quantity)
            for made, inside in zip(shipments, gone.values(), strict=True)
            for row in inside
        ],
        2_000,
    )
    _leave_now(random)


def _numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('shipment_number') FROM generate_series(1, %s)", [count])
        return [n for (n,) in cursor.fetchall()][::-1]


def _shipment(row: ScheduleLine, left: date, came: date, number: int, random: Random, by: Member) -> Shipment:
    tracking = _tracking(random)
    return Shipment(
        number=f"SH-{with_check(number)}", customer_id=row.order.customer_id, carrier=_carrier(row.order, random),
        tracking=tracking, tracking_key=key(tracking), handed_over_on=left, expected_on=row.promised_on, delivered_on=came,
        made_by=by, made_at=datetime.combine(left, time(16), clock.now().tzinfo),
    )  # fmt: skip


def _carrier(order: Order, random: Random) -> str:
    return random.choice(CARRIERS.get(order.ship_to.country, ("DHL",)))


def _tracking(random: Random) -> str:
    return f"{random.choice(('JD', '3S', '00', 'LV'))}{random.randrange(10**9, 10**10)}"


def _leave_now(random: Random) -> None:
    """Orders that are due these days left yesterday or the day before, one is late at the carrier's; some left in part."""
    by = Member.objects.filter(department__name="Logistics").order_by("pk").first() or system()
    ready = _ready()
    for n, row in enumerate(islice(ready, ON_THE_WAY), 1):
        late = n == 4
        moment = clock.now() - timedelta(days=6 if late else 1)
        expected = (
            clock.today() - timedelta(days=1)
            if late
            else add_business_days(clock.today(), 2, row.order.ship_to.country)
        )
        ship(
            row.order, by=by, lines=[Shipped(row, row.quantity)], carrier=_carrier(row.order, random),
            tracking=_tracking(random), handed_over_on=moment.date(), expected_on=expected,
        )  # fmt: skip
    for n, row in enumerate(islice((row for row in ready if row.quantity >= 3), IN_PART), 1):
        _leave_in_part(row, random, by)
        if n == IN_PART:
            _give_up_the_rest(row)


def _ready() -> Iterator[ScheduleLine]:
    """A schedule line of each order that is due and whose goods lie there still, the one promised first."""
    rows = ScheduleLine.objects.filter(state="promised", order__state="confirmed", order__holds=None)
    due = rows.filter(promised_on__gte=clock.today()).select_related(
        "order__ship_to", "order__site", "order__customer__owner", "line__product", "supplied_from"
    )
    seen: set[int] = set()
    for row in due.order_by("promised_on", "pk")[:80]:
        stock = row.line.product.stock.filter(site=row.site).first() if row.order_id not in seen else None
        if stock is not None and stock.on_hand >= row.quantity:
            seen.add(row.order_id)
            yield row


def _leave_in_part(row: ScheduleLine, random: Random, by: Member) -> None:
    """Two thirds of it left yesterday."""
    part = Decimal(int(row.quantity * 2 / 3))
    with clock.at(clock.now() - timedelta(days=1)):
        ship(
            row.order, by=by, lines=[Shipped(row, part)], carrier=_carrier(row.order, random), tracking=_tracking(random),
            expected_on=add_business_days(clock.today(), 3, row.order.ship_to.country),
        )  # fmt: skip


def _give_up_the_rest(row: ScheduleLine) -> None:
    """Its customer does not want what has not left."""
    reason = Reason.objects.filter(kind="cancel", is_active=True).order_by("code").first()
    with clock.at(clock.now() - timedelta(hours=3)):
        cancel_quantity(row, by=row.order.customer.owner or system(), reason=reason, note="By phone")  # type: ignore[arg-type]
