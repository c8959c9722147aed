"""Several stock rows at once: what each can still give away when, while one act gives away from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from comptoir.catalog.models import Stock


@dataclass(frozen=True, slots=True)
class Level:
    """What is still available to promise from a day on."""

    on: date
    available: Decimal


@dataclass(slots=True)
class Shelf:
    """What lies and arrives at a stock row less what is set aside, day by day; `take` gives some of it away."""

    stock: Stock
    start: date
    flow: dict[date, Decimal]
    held: Decimal = Decimal(0)

    def first(self, quantity: Decimal) -> date | None:
        """The first day a quantity can leave without taking it from anybody, or None when nothing planned suffices."""
        found, least = None, None
        for day, left in reversed(self._balances()):
            least = left if least is None else min(least, left)
            if least < quantity:
                return found
            found = day
        return found

    def levels(self) -> list[Level]:
        """What is left to promise from each day on: the least that will be left from then on."""
        least, found = None, []
        for day, left in reversed(self._balances()):
            least = left if least is None else min(least, left)
            found.append(Level(day, least))
        return found[::-1]

    def _balances(self) -> list[tuple[date, Decimal]]:
        left, balances = Decimal(0), []
        for day in sorted(self.flow):
            left += self.flow[day]
            balances.append((day, left))
        return balances

    def take(self, quantity: Decimal, on: date) -> None:
        """Give a quantity away that leaves on a day."""
        day = max(on, self.start)
        self.flow[day] = self.flow.get(day, Decimal(0)) - quantity


FLOW = """
SELECT stock_id, day, sum(coming), sum(held) FROM (
    SELECT stock_id, greatest(due_on, %(start)s) AS day, quantity AS coming, 0 AS held
    FROM catalog_supply WHERE stock_id = ANY(%(stocks)s)
    UNION ALL
    (SELECT stock_id, greatest(needed_on, %(start)s), 0, sum(quantity)
     FROM catalog_reservation WHERE stock_id = ANY(%(stocks)s) GROUP BY stock_id, needed_on)
    UNION ALL
    SELECT stock_id, greatest(needed_on, %(start)s), 0, -quantity
    FROM catalog_reservation WHERE schedule_line_id = %(without)s AND stock_id = ANY(%(stocks)s)
    UNION ALL
    SELECT stock_id, greatest(needed_on, %(start)s), 0, quantity
    FROM catalog_pledge WHERE until >= %(start)s AND stock_id = ANY(%(stocks)s)
) moved GROUP BY stock_id, day
"""


def shelves_of(stocks: Iterable[Stock], start: date, without_line: int | None = None) -> dict[int, Shelf]:
    """The shelves of stock rows by their id, as things stand (one query, one row a stock and day).

    `without_line` leaves one schedule line's own reservation out, for asking whether it may move.
    """
    found = {stock.pk: Shelf(stock, start, {start: stock.on_hand}) for stock in stocks}
    with connection.cursor() as cursor:
        cursor.execute(FLOW, {"stocks": list(found), "start": start, "without": without_line})
        for pk, day, coming, held in cursor.fetchall():
            shelf = found[pk]
            shelf.flow[day] = shelf.flow.get(day, Decimal(0)) + coming - held
            shelf.held += held
    return found
