"""The order desk as a machine: whatever members do to orders and stock, in whatever sequence, what must hold holds.

Each step is an action called as a screen calls it. One that is refused has to leave every table as it was; one that is done has to leave
what `invariants.py` says, which is written from the rules and shares no code with what it checks.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.approvals import approve, reject
from comptoir.actions.due import tick
from comptoir.actions.models import Approval
from comptoir.catalog.actions import stock_of
from comptoir.catalog.actions.counts import change_receipt, correct_stock, drop_receipt, plan_receipt, receive
from comptoir.catalog.models import Product, Site, Supply
from comptoir.customers.actions import add_address
from comptoir.customers.models import Customer
from comptoir.fulfilment.actions import Shipped, deliver, ship, undo_delivery, withdraw
from comptoir.fulfilment.actions import expect as expect_shipment
from comptoir.fulfilment.models import Shipment
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.actions import (
    NewLine,
    cancel_quantity,
    confirm,
    hold,
    lend,
    lift_hold,
    place,
    pull_in,
    push_out,
    set_expected,
    split,
)
from comptoir.orders.models import Order, OrderHold, Reason, ScheduleLine
from comptoir.people import Role, system
from comptoir.people.models import Member
from tests import build
from tests.orders.invariants import Memory, digest
from tests.orders.machine_changes import DAYS, PARTS, PICK, Negotiation

MAYBE = st.one_of(st.none(), PARTS)
APPROVALS = frozenset({"actions_approval", "events_event", "events_eventsubject"})


@dataclass(frozen=True, slots=True)
class World:
    """What every run begins with."""

    customers: list[Customer]
    products: list[Product]
    sites: list[Site]
    rep: Member
    senior: Member
    keeper: Member
    reasons: dict[str, Reason]


def world() -> World:
    """Two customers, each with a place abroad, who want the same three products, at two sites; some of one product, much of another, hardly any of the third."""
    customers = [build.customer(), build.customer("Nordisk Pumpe", language="da", country="DK")]
    for customer, country in zip(customers, ("NO", "SE"), strict=True):
        add_address(customer, by=system(), name="Annexe", street="1 Havnegata", city="Havn", country=country)
    products = [build.product(f"Pump {held}", on_hand=held) for held in (60, 900, 10)]
    other = Site.objects.create(code="EAST", name="East", country="SK", time_zone="Europe/Bratislava")
    for product in products:
        stock = stock_of(product, other)
        stock.on_hand = Decimal(30)
        stock.save()
        build.supply(product, 300, 12)
    for role, amount in ((Role.REP, "100"), (Role.SENIOR, "400")):
        build.limit(role, amount)
        build.limit(role, amount, action="orders.push_out")
    reasons = {kind: build.reason(kind) for kind in ("date", "split", "cancel", "delay")}
    return World(
        customers, products, [build.site(), other], build.member(), build.member(Role.SENIOR), build.member(Role.ADMINISTRATOR), reasons
    )  # fmt: skip


class OrderMachine(Negotiation, RuleBasedStateMachine):
    """Orders entered, confirmed, moved, split, cancelled and held while stock and supply move and days pass."""

    world: ClassVar[World]
    done: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    sent: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.span = transaction.atomic()
        self.span.__enter__()
        self.now = clock.now()
        self.memory = Memory()
        self.before = digest()
        self.look()
        self.enter_some(0, [(0, Decimal(8), 10), (1, Decimal(20), 15), (2, Decimal(3), 20)])
        self.attempt("confirm", confirm, self.orders[0], by=self.world.rep)
        self.begin_talks()

    def teardown(self) -> None:
        if hasattr(self, "span"):
            transaction.set_rollback(True)
            self.span.__exit__(None, None, None)

    def look(self) -> None:
        """What there is to act on now."""
        self.orders = list(Order.objects.order_by("pk"))
        self.rows = list(ScheduleLine.objects.select_related("order", "line").order_by("pk"))
        self.supplies = list(Supply.objects.select_related("stock").order_by("pk"))
        self.holds = list(OrderHold.objects.filter(lifted_at=None).order_by("pk"))
        self.open_orders = [order for order in self.orders if order.is_confirmed]
        self.shipments = list(Shipment.objects.filter(withdrawn_at=None).order_by("pk"))
        self.requests = list(Approval.objects.filter(state="pending").order_by("pk"))
        self.look_at_changes()

    def attempt(self, name: str, act: Callable[..., Any], *subject: Any, **inputs: Any) -> None:
        """Do it; refused it must have changed nothing, sent for approval nothing but the request."""
        try:
            with clock.at(self.now):
                act(*subject, **inputs)
        except SentForApproval:
            self.sent[name] += 1
            self._refuse_changes(name, APPROVALS)
        except ActionError:
            self.refused[name] += 1
            self._refuse_changes(name)
            return
        else:
            self.done[name] += 1
        with clock.at(self.now):
            self.memory.check(name)
        self.before = digest(self.before)
        self.look()

    def _refuse_changes(self, name: str, but: frozenset[str] = frozenset()) -> None:
        after = digest(self.before)
        changed = {table for table, sign in after.items() if sign != self.before[table]} - but
        assert not changed, f"{name} was refused and yet changed {sorted(changed)}"

    def day(self, days: int) -> date:
        with clock.at(self.now):
            return build.workday(days) if days > 0 else clock.today() + timedelta(days=days)

    def nearer(self, row: ScheduleLine, days: int) -> date:
        """A day somewhat before what is promised, most often; any day else."""
        if row.promised_on is None or days % 5 == 0:
            return self.day(days)
        day = row.promised_on - timedelta(days=1 + days % 7)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day

    def member(self, pick: int) -> Member:
        return (self.world.rep, self.world.senior)[pick % 2]

    def row(self, pick: int) -> ScheduleLine:
        return self.rows[pick % len(self.rows)]

    @rule(pick=PICK, lines=st.lists(st.tuples(PICK, PARTS, st.integers(1, 40)), min_size=1, max_size=3))
    def enter(self, pick: int, lines: list[tuple[int, Decimal, int]]) -> None:
        self.enter_some(pick, lines)

    def enter_some(self, pick: int, lines: list[tuple[int, Decimal, int]]) -> None:
        w = self.world
        made = [NewLine(w.products[one % 3], quantity, self.day(days)) for one, quantity, days in lines]
        site = w.sites[0 if pick % 5 else 1]
        self.attempt("enter", place, w.customers[pick % 2], by=self.member(pick // 2), lines=made, site=site)

    @precondition(lambda self: any(o.state == "ready" for o in self.orders))
    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        ready = [o for o in self.orders if o.state == "ready"]
        self.attempt("confirm", confirm, ready[pick % len(ready)], by=self.member(pick))

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS, cost=st.sampled_from((None, None, "30", "90", "350")))
    def pull_in(self, pick: int, days: int, cost: str | None) -> None:
        row, freight = self.row(pick), Money.of(cost, "EUR") if cost else None
        self.attempt(
            "pull in", pull_in, row, by=self.member(pick // 7), to=self.nearer(row, days),
            reason=self.world.reasons["date"], freight_cost=freight,
        )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS)
    def push_out(self, pick: int, days: int) -> None:
        reason = self.world.reasons["date"]
        self.attempt(
            "push out", push_out, self.row(pick), by=self.member(pick // 7), to=self.day(days), reason=reason
        )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS, quantity=PARTS)
    def split(self, pick: int, days: int, quantity: Decimal) -> None:
        self.attempt(
            "split", split, self.row(pick), by=self.member(pick // 7), quantity=quantity, to=self.day(days),
            reason=self.world.reasons["split"],
        )  # fmt: skip

    @precondition(lambda self: len(self.rows) > 1)
    @rule(pick=PICK, other=PICK, days=DAYS)
    def lend(self, pick: int, other: int, days: int) -> None:
        row = self.row(pick)
        like = [one for one in self.rows if one.line.product_id == row.line.product_id and one.order_id != row.order_id]
        if like:
            self.attempt(
                "lend", lend, row, by=self.member(pick // 7), other=like[other % len(like)], to=self.nearer(row, days),
                reason=self.world.reasons["date"],
            )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, quantity=MAYBE)
    def cancel(self, pick: int, quantity: Decimal | None) -> None:
        reason = self.world.reasons["cancel"]
        self.attempt(
            "cancel", cancel_quantity, self.row(pick), by=self.member(pick // 7), quantity=quantity, reason=reason
        )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS)
    def expect(self, pick: int, days: int) -> None:
        reason = self.world.reasons["delay"]
        self.attempt("expect", set_expected, self.row(pick), by=self.world.rep, to=self.day(days), reason=reason)

    @precondition(lambda self: self.open_orders)
    @rule(
        pick=PICK,
        quantities=st.lists(MAYBE, min_size=1, max_size=3),
        tracking=st.sampled_from(("", "", "JD 1", "JD 2")),
    )
    def leave(self, pick: int, quantities: list[Decimal | None], tracking: str) -> None:
        order = self.open_orders[pick % len(self.open_orders)]
        rows = [row for row in self.rows if row.order_id == order.pk and row.state in ("promised", "shipped")]
        lines = [
            Shipped(row, n or row.quantity - row.shipped_quantity) for row, n in zip(rows, quantities, strict=False)
        ]
        self.attempt("ship", ship, order, by=self.member(pick), lines=lines, carrier="DHL", tracking=tracking)

    @precondition(lambda self: self.shipments)
    @rule(pick=PICK, back=st.integers(0, 2))
    def come(self, pick: int, back: int) -> None:
        shipment = self.shipments[pick % len(self.shipments)]
        self.attempt("deliver", deliver, shipment, by=self.world.rep, on=self.day(-back))

    @precondition(lambda self: self.shipments)
    @rule(pick=PICK, act=st.sampled_from((withdraw, undo_delivery, expect_shipment)), days=DAYS)
    def mend(self, pick: int, act: Callable[..., Any], days: int) -> None:
        shipment, name = self.shipments[pick % len(self.shipments)], act.__name__
        more = {"reason": "Mistake"} if act is withdraw else {"to": self.day(days)} if act is expect_shipment else {}
        self.attempt(f"{name} of a shipment", act, shipment, by=self.world.rep, **more)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, kind=st.sampled_from(OrderHold.Kind.values))
    def hold(self, pick: int, kind: str) -> None:
        order = self.orders[pick % len(self.orders)]
        self.attempt("hold", hold, order, by=self.world.rep, kind=OrderHold.Kind(kind), note="Waits")

    @precondition(lambda self: self.holds)
    @rule(pick=PICK)
    def lift(self, pick: int) -> None:
        self.attempt("lift a hold", lift_hold, self.holds[pick % len(self.holds)], by=self.world.senior)

    @precondition(lambda self: self.requests)
    @rule(pick=PICK, agrees=st.booleans())
    def decide(self, pick: int, agrees: bool) -> None:
        request = self.requests[pick % len(self.requests)]
        if agrees:
            self.attempt("approve", approve, request, by=self.world.senior)
        else:
            self.attempt("refuse a request", reject, request, by=self.world.senior, answer="No")

    @rule(pick=PICK, on_hand=st.sampled_from((0, 5, 25, 60, 500)))
    def count(self, pick: int, on_hand: int) -> None:
        w = self.world
        self.attempt(
            "count stock", correct_stock, w.products[pick % 3], by=w.keeper, site=w.sites[pick % 2],
            on_hand=Decimal(on_hand), reason="Counted",
        )  # fmt: skip

    @rule(pick=PICK, quantity=PARTS, days=st.integers(0, 40))
    def plan(self, pick: int, quantity: Decimal, days: int) -> None:
        w = self.world
        self.attempt(
            "plan a receipt", plan_receipt, w.products[pick % 3], by=w.keeper, site=w.sites[pick % 2],
            quantity=quantity, due_on=self.day(days),
        )  # fmt: skip

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK, quantity=PARTS, days=st.integers(0, 40))
    def replan(self, pick: int, quantity: Decimal, days: int) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt(
            "change a receipt", change_receipt, supply, by=self.world.keeper, quantity=quantity, due_on=self.day(days)
        )  # fmt: skip

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK)
    def drop(self, pick: int) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt("drop a receipt", drop_receipt, supply, by=self.world.keeper, reason="Not made")

    @precondition(lambda self: self.supplies)
    @rule(pick=PICK, quantity=MAYBE)
    def arrive(self, pick: int, quantity: Decimal | None) -> None:
        supply = self.supplies[pick % len(self.supplies)]
        self.attempt("receive", receive, supply, by=self.world.keeper, quantity=quantity)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.attempt("days pass", tick)
