"""When schedule lines can arrive as stock and supply stand, those who need goods first being served first."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from comptoir.catalog.models import Stock
from comptoir.catalog.shelves import shelves_of
from comptoir.lib import clock
from comptoir.orders.models import ScheduleLine
from comptoir.orders.queries import arrival


def arrivals(rows: Iterable[ScheduleLine]) -> dict[int, date | None]:
    """The first day each can arrive by the usual transport, the goods of one not promised to another (three queries).

    The rows have their line, order, ship-to and site at hand; None: no planned supply suffices.
    """
    waiting = sorted(rows, key=lambda row: (row.ship_by_on or date.max, row.pk))
    wanted = Q(pk__in=[])
    for row in waiting:
        wanted |= Q(product=row.line.product_id, site=row.site)
    stocks = {(stock.product_id, stock.site_id): stock for stock in Stock.objects.filter(wanted)}
    shelves, found = shelves_of(stocks.values(), clock.today()), dict[int, date | None]()
    at_hand = [(row, stocks.get((row.line.product_id, row.site.pk))) for row in waiting]
    for row, stock in at_hand:
        if stock and row.ship_by_on:
            shelves[stock.pk].take(-(row.unshipped_quantity), row.ship_by_on)
    for row, stock in at_hand:
        shelf, left = shelves[stock.pk] if stock else None, row.unshipped_quantity
        leaves = shelf.first(left) if shelf else None
        if shelf and leaves:
            shelf.take(left, leaves)
        found[row.pk] = arrival(leaves, row.order.ship_to, row.site) if leaves else None
    return found
