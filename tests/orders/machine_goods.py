"""What the order desk as a machine does with goods: they leave, arrive, come back; stock is counted, receipts are planned."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from comptoir.catalog.actions.counts import change_receipt, correct_stock, drop_receipt, plan_receipt, receive
from comptoir.catalog.models import Supply
from comptoir.fulfilment.actions import Shipped, deliver, expect, ship, undo_delivery, withdraw
from comptoir.fulfilment.models import Shipment
from comptoir.orders.models import Order
from tests.orders.machine_changes import DAYS, PARTS, PICK

if TYPE_CHECKING:
    from tests.orders.machine import OrderMachine as Desk
else:
    Desk = object

MAYBE = st.one_of(st.none(), PARTS)
TRACKING = st.sampled_from(("", "", "JD 1", "JD 2"))


def is_under_way(shipment: Shipment) -> bool:
    return shipment.state == "under_way"


class Goods(Desk):
    """The rules for shipments, stock and supply."""

    def look_at_goods(self, is_new: Callable[..., bool]) -> None:
        if is_new("fulfilment_shipment"):
            self.shipments = list(Shipment.objects.filter(withdrawn_at=None).order_by("pk"))
        if is_new("catalog_supply"):
            self.supplies = list(Supply.objects.select_related("stock").order_by("pk"))

    def begin_travels(self) -> None:
        """A shipment has arrived, one is under way with all of a line, one with part of it."""
        order = self.open_orders[2]
        rows = [row for row in self.rows if row.order_id == order.pk]
        for row, quantity in zip(rows, (row.quantity for row in rows[:2]), strict=False):
            self.attempt("ship", ship, order, by=self.world.rep, lines=[Shipped(row, quantity)], carrier="DHL")
        self.attempt("ship", ship, order, by=self.world.rep, lines=[Shipped(rows[2], Decimal(2))], carrier="DHL")
        self.attempt("deliver", deliver, self.shipments[0], by=self.world.rep)

    def is_to_leave(self, order: Order) -> bool:
        return self.is_free(order) and any(row.order_id == order.pk and row.state == "promised" for row in self.rows)

    @precondition(lambda self: self.open_orders)
    @rule(pick=PICK, quantities=st.lists(MAYBE, min_size=1, max_size=3), tracking=TRACKING)
    def ship(self, pick: int, quantities: list[Decimal | None], tracking: str) -> None:
        order = self.one_of(pick, self.open_orders, self.is_to_leave)
        states = ("promised", "shipped") if pick % 5 == 2 else ("promised",)
        rows = [row for row in self.rows if row.order_id == order.pk and row.state in states]
        lines = []
        for row, n in zip(rows, quantities, strict=False):
            left = row.unshipped_quantity
            lines.append(Shipped(row, left if n is None else n if pick % 4 == 0 else min(n, left)))
        self.attempt("ship", ship, order, by=self.member(pick), lines=lines, carrier="DHL", tracking=tracking)

    @precondition(lambda self: any(is_under_way(one) for one in self.shipments))
    @rule(pick=PICK, back=st.integers(0, 2))
    def deliver(self, pick: int, back: int) -> None:
        shipment = self.one_of(pick, self.shipments, is_under_way)
        day = max(self.day(-back), shipment.handed_over_on) if pick % 5 else self.day(-back)
        self.attempt("deliver", deliver, shipment, by=self.world.rep, on=day)

    @precondition(lambda self: not all(is_under_way(one) for one in self.shipments))
    @rule(pick=PICK)
    def undo_delivery(self, pick: int) -> None:
        shipment = self.one_of(pick, self.shipments, lambda one: not is_under_way(one))
        self.attempt("undo_delivery", undo_delivery, shipment, by=self.world.rep)

    @precondition(lambda self: any(is_under_way(one) for one in self.shipments))
    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        shipment = self.one_of(pick, self.shipments, is_under_way)
        self.attempt("withdraw", withdraw, shipment, by=self.world.rep, reason="Mistake")

    @precondition(lambda self: self.shipments)
    @rule(pick=PICK, days=DAYS)
    def expect_shipment(self, pick: int, days: int) -> None:
        shipment = self.one_of(pick, self.shipments, is_under_way)
        self.attempt("expect_shipment", expect, shipment, by=self.world.rep, to=self.day(days))

    @rule(pick=PICK, on_hand=st.sampled_from((0, 5, 25, 60, 500)))
    def count_stock(self, pick: int, on_hand: int) -> None:
        w = self.world
        self.attempt(
            "count_stock", correct_stock, w.products[pick % 3], by=w.keeper, site=w.sites[pick // 3 % 3],
            on_hand=Decimal(on_hand), reason="Counted",
        )  # fmt: skip

    @rule(pick=PICK, quantity=PARTS, days=st.integers(0, 40))
    def plan_receipt(self, pick: int, quantity: Decimal, days: int) -> None:
        w = self.world
        self.attempt(
            "plan_receipt", plan_receipt, w.products[pick % 3], by=w.keeper, site=w.sites[pick // 3 % 3],
            quantity=quantity, due_on=self.day(days),
        )  # fmt: skip

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK, quantity=PARTS, days=st.integers(0, 40))
    def change_receipt(self, pick: int, quantity: Decimal, days: int) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt(
            "change_receipt", change_receipt, supply, by=self.world.keeper, quantity=quantity, due_on=self.day(days)
        )  # fmt: skip

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK)
    def drop_receipt(self, pick: int) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt("drop_receipt", drop_receipt, supply, by=self.world.keeper, reason="Not made")

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK, quantity=MAYBE)
    def receive(self, pick: int, quantity: Decimal | None) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt("receive", receive, supply, by=self.world.keeper, quantity=quantity)
