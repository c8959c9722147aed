"""What has to be kept back while a change is offered, so that the customer's yes does not find it gone. Writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from comptoir.catalog.models import Pledge, Product, Reservation, Stock
from comptoir.lib import clock
from comptoir.orders.models import Order, OrderChange
from comptoir.people.models import Member

MOST = 20
Kept = tuple[int, date, Decimal]
Aside = Mapping[tuple[int, date], Decimal]


def set_aside(order: Order) -> Aside:
    """What is set aside for an order, by stock row and the day it has to leave (one query)."""
    found: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    rows = Reservation.objects.filter(schedule_line_id__in=order.schedule_lines.values("pk"))
    for stock, day, quantity in rows.values_list("stock_id", "needed_on", "quantity"):
        found[stock, max(day, clock.today())] += quantity
    return found


def more_kept(before: Aside, after: Aside) -> list[Kept]:
    """By how much more is set aside after than before, from each day on; less is not given back yet."""
    kept: list[Kept] = []
    total, held = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
    for stock, day in sorted(before.keys() | after.keys(), key=lambda one: (one[0], one[1])):
        total[stock] += after.get((stock, day), Decimal(0)) - before.get((stock, day), Decimal(0))
        more = max(total[stock], Decimal(0)) - held[stock]
        if more:
            kept.append((stock, day, more))
            held[stock] += more
    return kept


def told(kept: Iterable[Kept]) -> list[tuple[Product, Decimal]]:
    """The products that are kept back, each with the most that is at a time (one query)."""
    most, now = dict[int, Decimal](), defaultdict[int, Decimal](Decimal)
    for stock, _day, quantity in kept:
        now[stock] += quantity
        most[stock] = max(most.get(stock, Decimal(0)), now[stock])
    stocks = Stock.objects.select_related("product").in_bulk(most) if most else {}
    return [(stocks[pk].product, quantity) for pk, quantity in most.items()]


def pledged_for(changes: Sequence[OrderChange]) -> dict[int, list[tuple[Product, Decimal]]]:
    """What is kept back for changes until their last day, by the change's id."""
    rows = Pledge.objects.filter(change_id__in=[one.pk for one in changes], until__gte=clock.today())
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in rows.order_by("stock_id", "needed_on"):
        found[row.change_id].append((row.stock_id, row.needed_on, row.quantity))
    return {pk: told(kept) for pk, kept in found.items()}


def uncovered(changes: Collection[int]) -> dict[int, list[Product]]:
    """The products of which what is kept back for changes does not lie there any more, by the change's id (one query)."""
    rows = Pledge.objects.filter(change_id__in=changes, until__gte=clock.today(), is_covered=False)
    found: dict[int, list[Product]] = defaultdict(list)
    for row in rows.select_related("stock__product").order_by("stock_id").distinct("stock_id", "change_id"):
        found[row.change_id].append(row.stock.product)
    return found


def uncovered_for(member: Member) -> list[OrderChange]:
    """The offers of the member, or to the member's customers, whose goods do not lie there any more."""
    lacking = Pledge.objects.filter(is_covered=False, until__gte=clock.today()).values("change_id")
    rows: Any = OrderChange.objects.visible_to(member).filter(pk__in=lacking, state=OrderChange.State.OFFERED)
    mine = rows.filter(Q(by=member) | Q(order__customer__owner=member))
    return list(mine.select_related("order__customer", "by").order_by("valid_until", "pk")[:MOST])
