"""What the order desk as a machine does where goods are short: another site supplies them, a substitute comes instead, offers keep some back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import stock_of
from comptoir.catalog.models import Pledge, Product, Site
from comptoir.lib import clock
from comptoir.orders.actions import (
    NewLine,
    Step,
    change,
    confirm,
    lend,
    offer_change,
    place,
    pull_in,
    replace,
    supply_from,
)
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine
from tests.orders.machine_changes import DAYS, PARTS, PICK

if TYPE_CHECKING:
    from tests.orders.machine import OrderMachine as Desk
else:
    Desk = object

MAYBE = st.one_of(st.none(), PARTS)
VALID = st.integers(0, 8)


class Sources(Desk):
    """The rules for other sites, substitutes and what offers keep back."""

    def look_at_offers(self, is_new: Callable[..., bool]) -> None:
        if is_new("catalog_pledge"):
            rows = Pledge.objects.filter(quantity__gt=0).select_related("stock__product", "stock__site")
            self.kept = list(rows.order_by("pk"))

    def begin_short(self) -> None:
        """Another site supplies a line; a substitute is offered, and all that is left of a scarce product."""
        w, order = self.world, self.open_orders[0]
        row, other = (self.of_product(order.pk, w.products[n]) for n in (0, 1))
        self.attempt(
            "supply_from", supply_from, row, by=w.rep, site=w.sites[2], to=row.promised_on, quantity=Decimal(2),
            reason=w.reasons["date"],
        )  # fmt: skip
        self.attempt(
            "replace", replace, other, by=w.rep, product=w.products[0], to=self.day(20), quantity=Decimal(4)
        )  # fmt: skip
        more = Step(ChangeStep.Type.ADD, product=w.products[2], quantity=Decimal(1), day=self.day(8))
        self.attempt("offer", offer_change, self.open_orders[1], by=w.rep, steps=[more])

    def of_product(self, order: int, product: Product) -> ScheduleLine:
        return next(row for row in self.rows if (row.order_id, row.line.product_id) == (order, product.pk))

    def part(self, row: ScheduleLine, quantity: Decimal | None) -> Decimal | None:
        """All of what has not left, or part of it where the quantity is too much."""
        left = row.unshipped_quantity
        return None if quantity is None else min(quantity, round(left / 2, 3)) if left else quantity

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, quantity=MAYBE, days=DAYS)
    def supply_from(self, pick: int, quantity: Decimal | None, days: int) -> None:
        row = self.row(pick)
        fit = [one for one in self.world.sites if one.country == row.order.site.country and one != self.site_of(row)]
        sites = self.world.sites if pick % 9 == 4 else fit or self.world.sites
        to = self.nearer(row, days) if days % 3 == 0 else self.promised(row, days)
        self.attempt(
            "supply_from", supply_from, row, by=self.member(pick // 7), site=sites[pick // 3 % len(sites)], to=to,
            quantity=quantity if pick % 9 == 4 else self.part(row, quantity), reason=self.world.reasons["date"],
        )  # fmt: skip

    def site_of(self, row: ScheduleLine) -> Site:
        return next(one for one in self.world.sites if one.pk == (row.supplied_from_id or row.order.site_id))

    def promised(self, row: ScheduleLine, days: int) -> date:
        """The day it is promised for, or one after it has become possible again."""
        soon = self.day(5)
        return row.promised_on if row.promised_on is not None and row.promised_on > soon else self.day(max(days, 6))

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, quantity=MAYBE, days=DAYS, is_agreed=st.booleans(), valid=VALID)
    def replace(self, pick: int, quantity: Decimal | None, days: int, is_agreed: bool, valid: int) -> None:
        row = self.row(pick)
        others = [one for one in self.world.products if one.pk != row.line.product_id]
        to = self.day(days) if pick % 5 == 2 else self.promised(row, days)
        until = None if is_agreed else self.day(0) + timedelta(days=valid)
        self.attempt(
            "replace", replace, row, by=self.member(pick // 7), product=others[pick // 3 % len(others)], to=to,
            quantity=quantity if pick % 9 == 4 else self.part(row, quantity), is_agreed=is_agreed, valid_until=until,
            reason=self.world.reasons["date"],
        )  # fmt: skip

    @precondition(lambda self: self.open_orders)
    @rule(pick=PICK, days=DAYS, quantity=PARTS, valid=VALID)
    def offer_goods(self, pick: int, days: int, quantity: Decimal, valid: int) -> None:
        """More is offered, often all that is free, so that it has to be kept back."""
        order, product = self.order(pick), self.world.products[pick // 7 % 3]
        day = self.day(max(days, 6))
        with clock.at(self.now):
            free = catalog.available(stock_of(product, order.site), day - timedelta(days=4), clock.today())
        more = free if pick % 3 != 2 and 0 < free < 100 else quantity
        step = Step(ChangeStep.Type.ADD, product=product, quantity=more, day=day)
        self.attempt(
            "offer_goods", offer_change, order, by=self.member(pick // 7), steps=[step],
            valid_until=self.day(0) + timedelta(days=valid), is_done=self.is_kept_back,
        )  # fmt: skip

    def is_kept_back(self, made: OrderChange) -> bool:
        return Pledge.objects.filter(change_id=made.pk).exists()

    @precondition(lambda self: self.kept)
    @rule(pick=PICK, quantity=PARTS, other=PICK)
    def want_kept(self, pick: int, quantity: Decimal, other: int) -> None:
        """Somebody else wants what is kept back for an offer: by an order, sooner, more of it, or by another's goods."""
        kept = self.kept[pick % len(self.kept)]
        rows = [row for row in self.rows if self.is_from(row, kept) and row.is_moveable and self.is_free(row.order)]
        day = max(kept.needed_on + timedelta(days=2), self.day(5))
        while day.weekday() > 4:
            day += timedelta(days=1)
        row, by = (rows[other % len(rows)] if rows else None), self.member(other)
        reason = self.world.reasons["date"]
        if row is None or pick % 4 == 0:
            self.order_kept(kept, quantity, day, pick)
        elif pick % 4 == 1:
            self.attempt("want_kept", pull_in, row, by=by, to=day, reason=reason)
        elif pick % 4 == 2:
            more = Step(ChangeStep.Type.QUANTITY, schedule_line=row, quantity=row.quantity + quantity)
            self.attempt("want_kept", change, row.order, by=by, steps=[more])
        else:
            self.borrow_kept(rows, other)

    def borrow_kept(self, rows: list[ScheduleLine], other: int) -> None:
        """The first of the rows that finds a lender has their goods for a nearer day."""
        reason = self.world.reasons["date"]
        for row in rows[:3]:
            if lenders := self.lenders(row, 7):
                lender = lenders[other % len(lenders)]
                self.attempt(
                    "want_kept", lend, row, by=self.world.senior, other=lender, to=self.nearer(row, 7), reason=reason
                )  # fmt: skip
                return

    def is_from(self, row: ScheduleLine, kept: Pledge) -> bool:
        site = row.supplied_from_id or row.order.site_id
        return (row.line.product_id, site) == (kept.stock.product_id, kept.stock.site_id)

    def order_kept(self, kept: Pledge, quantity: Decimal, day: date, pick: int) -> None:
        """An order for what is kept back, and confirmed for whatever day it can be."""
        known, w = len(self.orders), self.world
        lines = [NewLine(kept.stock.product, quantity, day)]
        self.attempt("enter", place, w.customers[pick % 2], by=w.rep, lines=lines, site=kept.stock.site)
        for order in self.orders[known:]:
            self.attempt("want_kept", confirm, order, by=w.rep)
