"""What must hold of goods at each site and of those kept back for offers, written from the rules alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from comptoir.catalog.models import Pledge, Reservation, Stock, Supply
from comptoir.lib import clock
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine

ZERO, ALL = Decimal(0), 0
COUNTED = ("count_stock", "receive")
TAKES_GOODS = (
    *COUNTED,
    "change_receipt",
    "drop_receipt",
    "ship",
)  # what planning and the warehouse say is taken as it is
Days = dict[date, Decimal]


class GoodsKept:
    """What lay at each site, and what was kept back for whom, after the act before."""

    def __init__(self) -> None:
        self.goods: dict[tuple[int, int], Decimal] = {}
        self.pledges: dict[int, list[tuple[int, date, Decimal, date]]] = {}
        self.lacks: dict[tuple[int, int], Days] = {}

    def check(self, name: str, rows: list[ScheduleLine]) -> None:
        """Raise AssertionError naming what no longer holds after an act."""
        stocks = list(Stock.objects.all())
        self._sites(name, rows, stocks)
        kept = list(Pledge.objects.order_by("pk"))
        self._offers(name, rows, kept, {(one.product_id, one.site_id): one.pk for one in stocks})
        self._promised_to_nobody_else(name, kept, stocks)

    def _sites(self, name: str, rows: list[ScheduleLine], stocks: list[Stock]) -> None:
        """Goods leave the site that supplies them, come back there, and are otherwise only counted or received."""
        found = {(one.product_id, one.site_id): one.on_hand for one in stocks}
        assert min(found.values()) >= 0, f"{name}: less than nothing lies there"
        for row in rows:
            if row.shipped_quantity:
                key = row.line.product_id, row.supplied_from_id or row.order.site_id
                found[key] = found.get(key, ZERO) + row.shipped_quantity
        if name not in COUNTED:
            for key, quantity in found.items():
                assert self.goods.get(key, quantity) == quantity, f"{name}: {quantity} of {key}, not {self.goods[key]}"
        self.goods = found

    def _offers(
        self, name: str, rows: list[ScheduleLine], kept: list[Pledge], stocks: Mapping[tuple[int, int], int]
    ) -> None:
        """Something is kept back exactly for what is offered: as much more as it asks for, until its last day."""
        found: dict[int, list[tuple[int, date, Decimal, date]]] = defaultdict(list)
        for one in kept:
            found[one.change_id].append((one.stock_id, one.needed_on, one.quantity, one.until))
        offers = {one.pk: one for one in OrderChange.objects.filter(state__in=("offered", "accepted"))}
        assert set(found) <= set(offers), f"{name}: kept back for what is off: {set(found) - set(offers)}"
        for pk, pledges in found.items():
            one, total = offers[pk], defaultdict[int, Decimal](Decimal)
            assert {until for *_rest, until in pledges} == {one.valid_until}, (
                f"{name}: {one} is valid until another day"
            )
            assert one.state == "accepted" or one.valid_until >= clock.today(), f"{name}: {one} is over and keeps goods"
            for stock, _day, quantity, _until in sorted(pledges):
                total[stock] += quantity
                assert total[stock] >= 0, f"{name}: {one} keeps less than nothing"
        for pk, one in offers.items():
            if pk in self.pledges:
                assert found[pk] == self.pledges[pk], f"{name}: what {one} keeps is another"
            else:
                self._new_offer(name, one, found[pk], {row.pk: row for row in rows}, stocks)
        self.pledges = {pk: found[pk] for pk in offers}

    def _new_offer(
        self,
        name: str,
        one: OrderChange,
        pledges: Iterable[tuple[int, date, Decimal, date]],
        rows: Mapping[int, ScheduleLine],
        stocks: Mapping[tuple[int, int], int],
    ) -> None:
        """In all it keeps of each stock what its steps ask for beyond what they give up."""
        more, total = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
        for stock, _day, quantity, _until in pledges:
            total[stock] += quantity
        for step in ChangeStep.objects.filter(change=one).select_related("change__order"):
            for product, site, quantity in _asks(step, rows):
                more[stocks[product, site]] += quantity
        wanted = {stock: quantity for stock, quantity in more.items() if quantity > 0}
        assert {stock: q for stock, q in total.items() if q} == wanted, f"{name}: {one} keeps {dict(total)} of {wanted}"

    def _promised_to_nobody_else(self, name: str, kept: list[Pledge], stocks: list[Stock]) -> None:
        """No act of the desk has what is kept back lack, for one offer or for all of them; only goods that are not there can."""
        today, found = clock.today(), dict[tuple[int, int], Days]()
        live = [one for one in kept if one.until >= today]
        pledged = {one.stock_id for one in live} | {stock for stock, _change in self.lacks}
        reserved = list(Reservation.objects.filter(stock__in=pledged)) if pledged else []
        supplies = list(Supply.objects.filter(stock__in=pledged)) if pledged else []
        for stock in stocks:
            if stock.pk in pledged:
                moves = [(one.due_on, one.quantity) for one in supplies if one.stock_id == stock.pk]
                moves += [(one.needed_on, -one.quantity) for one in reserved if one.stock_id == stock.pk]
                here = [one for one in live if one.stock_id == stock.pk]
                for change in {ALL, *(one.change_id for one in here)}:
                    mine = [(one.needed_on, one.quantity) for one in here if change in (ALL, one.change_id)]
                    days = {
                        today,
                        *self.lacks.get((stock.pk, change), ()),
                        *(day for day, _quantity in (*moves, *mine)),
                    }
                    found[stock.pk, change] = {
                        day: min(max(_until(mine, day) - stock.on_hand - _until(moves, day), ZERO), _until(mine, day))
                        for day in sorted(days)
                        if day >= today
                    }
        for (stock_id, change), days in found.items() if name not in TAKES_GOODS else ():
            before = self.lacks.get((stock_id, change), {})
            for day in days:
                lacks, lacked = _from(days, day), _from(before, day)
                told = f"of stock {stock_id} {lacks} kept back for offer {change} lacks from {day}, {lacked} before"
                assert lacks <= lacked, f"{name}: {told}"
        self.lacks = {key: days for key, days in found.items() if any(one.stock_id == key[0] for one in live)}


def _from(days: Days, day: date) -> Decimal:
    """What lacks at most from a day on: what is kept back has to be there on all days after it too."""
    last = max((one for one in days if one <= day), default=day)
    return max((lacks for one, lacks in days.items() if one >= last), default=ZERO)


def _until(moves: Iterable[tuple[date, Decimal]], day: date) -> Decimal:
    return sum((quantity for on, quantity in moves if on <= day), ZERO)


def _asks(step: ChangeStep, rows: Mapping[int, ScheduleLine]) -> list[tuple[int, int, Decimal]]:
    """By how much more a step asks for of which product at which site; less is below zero."""
    order = step.change.order
    if step.type == "add":
        return [(step.after["product"], order.site_id, Decimal(step.after["quantity"]))]
    if step.type in ("quantity", "cancel"):
        row = rows[step.schedule_line_id]
        return [
            (row.line.product_id, row.supplied_from_id or order.site_id, Decimal(step.after) - Decimal(step.before))
        ]
    if step.type == "remove":
        mine = [row for row in rows.values() if row.line_id == step.line_id]
        return [(row.line.product_id, row.supplied_from_id or order.site_id, -row.quantity) for row in mine]
    return []
