"""Several stock rows at once: what each can still give away when, while one act gives away from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from comptoir.catalog.models import Reservation, Stock, Supply


@dataclass(slots=True)
class Shelf:
    """What lies and arrives at a stock row less what is set aside, day by day; `take` gives some of it away."""

    stock: Stock
    start: date
    flow: dict[date, Decimal]

    def first(self, quantity: Decimal) -> date | None:
        """The first day a quantity can leave without taking it from anybody, or None when nothing planned suffices."""
        found, least = None, None
        for day, left in reversed(self._balances()):
            least = left if least is None else min(least, left)
            if least < quantity:
                return found
            found = day
        return found

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


def shelves_of(stocks: Iterable[Stock], start: date) -> dict[int, Shelf]:
    """The shelves of stock rows by their id, as things stand (two queries, one row a stock and day)."""
    found = {stock.pk: Shelf(stock, start, {start: stock.on_hand}) for stock in stocks}
    supplies = Supply.objects.filter(stock__in=found).values_list("stock", "due_on")
    held = Reservation.objects.filter(stock__in=found).values_list("stock", "needed_on")
    for rows, sign in ((supplies, 1), (held, -1)):
        for pk, day, quantity in rows.annotate(total=Sum("quantity")).order_by():
            flow, on = found[pk].flow, max(day, start)
            flow[on] = flow.get(on, Decimal(0)) + sign * quantity
    return found
