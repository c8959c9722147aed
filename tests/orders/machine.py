"""The order desk as a machine: whatever members do to orders and stock, in whatever sequence, what must hold holds.

Each step is an action called as a screen calls it. One that is refused has to leave every table as it was; one that is done has to leave
what `invariants.py` says, which is written from the rules and shares no code with what it checks.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any, ClassVar, TypeVar

from django.db import connection, transaction
from django.db.models import Count
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.approvals import approve, reject
from comptoir.actions.due import DUE
from comptoir.actions.models import Approval
from comptoir.catalog.actions import stock_of
from comptoir.catalog.models import Price, Product, ProductLink, Site
from comptoir.catalog.queries import flow_of
from comptoir.customers.actions import add_address
from comptoir.customers.models import Customer
from comptoir.events.models import Event
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
from comptoir.orders.lending import loans
from comptoir.orders.models import ChangeStep, Order, OrderHold, Reason, ScheduleLine
from comptoir.people import Role, system
from comptoir.people.models import Member
from tests import build
from tests.orders.invariants import Memory, digest
from tests.orders.machine_changes import DAYS, PARTS, PICK, Negotiation
from tests.orders.machine_goods import Goods
from tests.orders.machine_sources import Sources

Row = TypeVar("Row")
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
    """Two customers, each with a place abroad, who want the same three products, at two sites here and one abroad.

    There is some of one product, much of another, hardly any of the third; each stands for the others. Each customer has an own price of one.
    """
    customers = [build.customer(), build.customer("Nordisk Pumpe", language="da", country="DK")]
    for customer, country in zip(customers, ("NO", "SE"), strict=True):
        add_address(customer, by=system(), name="Annexe", street="1 Havnegata", city="Havn", country=country)
    products = [build.product(f"Pump {held}", on_hand=held) for held in (60, 900, 10)]
    east = Site.objects.create(code="EAST", name="East", country="SK", time_zone="Europe/Bratislava")
    north = Site.objects.create(code="NORTH", name="North", country="BE", time_zone="Europe/Brussels")
    for product in products:
        for site in (east, north):
            stock = stock_of(product, site)
            stock.on_hand = Decimal(30)
            stock.save()
        build.supply(product, 300, 12)
    for one, other in combinations(products, 2):
        ProductLink.objects.create(product=one, other=other, kind=ProductLink.Kind.SUBSTITUTE, is_two_way=True)
    build.agreement(customers[0], products[0], "11")
    Price.objects.create(
        customer=customers[1], product=products[1], currency="EUR", unit_price=Decimal("9.5"),
        valid_from=clock.today(),
    )  # fmt: skip
    for role, amount in ((Role.REP, "100"), (Role.SENIOR, "400")):
        build.limit(role, amount)
        build.limit(role, amount, action="orders.push_out")
    reasons = {kind: build.reason(kind) for kind in ("date", "split", "cancel", "delay")}
    return World(
        customers, products, [build.site(), east, north], build.member(), build.member(Role.SENIOR), build.member(Role.ADMINISTRATOR), reasons
    )  # fmt: skip


class OrderMachine(Negotiation, Goods, Sources, RuleBasedStateMachine):
    """Orders entered, confirmed, moved, split, cancelled and held while stock and supply move and days pass.

    All runs begin alike, with what `prepare` plays once. Each rule counts, under its name, how often what it does was done.
    """

    world: ClassVar[World]
    moment: ClassVar[datetime]
    first: ClassVar[Memory]
    done: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    sent: ClassVar[Counter[str]] = Counter()
    without: ClassVar[Counter[str]] = Counter()
    told: ClassVar[Counter[str]] = Counter()

    @classmethod
    def prepare(cls) -> None:
        """The desk every run begins with: orders confirmed, shipped in part and delivered, changes and requests to answer."""
        cls.world, cls.moment = world(), clock.now()
        desk = cls()
        desk.now, desk.memory, desk.before = cls.moment, Memory(), digest()
        desk.look()
        desk.play_first()
        cls.first = desk.memory
        assert not desk.refused, f"a desk without {desk.refused}"

    def play_first(self) -> None:
        """Three confirmed orders, of which one has the goods another needs; one more to confirm."""
        self.enter_some(0, [(0, Decimal(8), 10), (1, Decimal(20), 15), (2, Decimal(3), 20)])
        self.enter_some(1, [(2, Decimal(9), 4), (0, Decimal(20), 16)])
        self.enter_some(2, [(1, Decimal(30), 5), (1, Decimal(12), 8), (0, Decimal(5), 6)])
        for order in self.orders:
            self.attempt("confirm", confirm, order, by=self.world.rep)
        self.enter_some(3, [(1, Decimal(8), 9)])
        self.begin_talks()
        self.begin_short()
        self.begin_travels()

    @initialize()
    def begin(self) -> None:
        self.span = transaction.atomic()
        self.span.__enter__()
        self.now, self.memory, self.before = self.moment, deepcopy(self.first), digest()
        self.look()

    def teardown(self) -> None:
        if hasattr(self, "span"):
            self.tell()
            transaction.set_rollback(True)
            self.span.__exit__(None, None, None)

    def tell(self) -> None:
        """Count what the journal says was done, and what became of the steps of changes."""
        if not connection.needs_rollback:
            told = Event.objects.filter(pk__gt=self.first.told).values_list("verb").annotate(n=Count("pk"))
            self.told.update(dict(told))
            outcomes = ChangeStep.objects.exclude(outcome="").values_list("type", "outcome").annotate(n=Count("pk"))
            self.told.update({f"{name} {outcome}": n for name, outcome, n in outcomes})

    def look(self, written: Collection[str] | None = None, rows: list[ScheduleLine] | None = None) -> None:
        """What there is to act on now."""

        def is_new(*tables: str) -> bool:
            return written is None or not set(tables).isdisjoint(written)

        if rows is None:
            rows = list(ScheduleLine.objects.select_related("order", "line").order_by("pk"))
        self.rows = rows
        if is_new("orders_order", "orders_orderhold"):
            self.orders = list(Order.objects.order_by("pk"))
            self.holds = list(OrderHold.objects.filter(lifted_at=None).order_by("pk"))
            self.held = {one.order_id for one in self.holds}
            self.open_orders = [order for order in self.orders if order.is_confirmed]
        if is_new("actions_approval"):
            self.requests = list(Approval.objects.filter(state="pending").order_by("pk"))
        self.look_at_changes(is_new)
        self.look_at_goods(is_new)
        self.look_at_offers(is_new)

    def attempt(
        self,
        name: str,
        act: Callable[..., Any],
        *subject: Any,
        is_done: Callable[[Any], bool] = lambda made: True,
        **inputs: Any,
    ) -> None:
        """Do it; refused it must have changed nothing, sent for approval nothing but the request.

        `is_done` says of its result whether what was meant has come about.
        """
        try:
            with clock.at(self.now):
                made = act(*subject, **inputs)
        except SentForApproval:
            self.sent[name] += 1
            self._refuse_changes(name, APPROVALS)
        except ActionError:
            self.refused[name] += 1
            self._refuse_changes(name)
            return
        else:
            (self.done if is_done(made) else self.without)[name] += 1
        after = digest(self.before)
        written = {table for table, sign in after.items() if sign != self.before[table]}
        self.before = after
        with clock.at(self.now):
            self.look(written, self.memory.check(name, written))

    def _refuse_changes(self, name: str, but: frozenset[str] = frozenset()) -> None:
        after = digest(self.before)
        changed = {table for table, sign in after.items() if sign != self.before[table]} - but
        assert not changed, f"{name} was refused and yet changed {sorted(changed)}"

    def day(self, days: int) -> date:
        with clock.at(self.now):
            return build.workday(days) if days > 0 else clock.today() + timedelta(days=days)

    def nearer(self, row: ScheduleLine, days: int) -> date:
        """A day somewhat before what is promised, most often; any day else."""
        if row.promised_on is None or days % 5 == 2:
            return self.day(days)
        day = row.promised_on - timedelta(days=1 + days % 7)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day

    def member(self, pick: int) -> Member:
        return (self.world.rep, self.world.senior)[pick % 2]

    def one_of(self, pick: int, rows: Sequence[Row], fits: Callable[[Row], bool]) -> Row:
        """One of those it fits, most often; any else (never for 0, which is drawn far more often than others)."""
        fit = [row for row in rows if fits(row)] if pick % 7 != 3 else []
        among = fit or rows
        return among[pick // 7 % len(among)]

    def row(self, pick: int) -> ScheduleLine:
        """A schedule line that can be changed, most often."""
        return self.one_of(pick, self.rows, lambda row: row.is_moveable and self.is_free(row.order))

    def order(self, pick: int) -> Order:
        """A confirmed order that can be changed, most often."""
        return self.one_of(pick, self.open_orders, self.is_free)

    def is_free(self, order: Order) -> bool:
        return order.is_confirmed and order.pk not in self.held

    @rule(pick=PICK, lines=st.lists(st.tuples(PICK, PARTS, st.integers(1, 40)), min_size=1, max_size=3))
    def enter(self, pick: int, lines: list[tuple[int, Decimal, int]]) -> None:
        self.enter_some(pick, lines)

    def enter_some(self, pick: int, lines: list[tuple[int, Decimal, int]]) -> None:
        w = self.world
        made = [NewLine(w.products[one % 3], quantity, self.day(days)) for one, quantity, days in lines]
        site = w.sites[0 if pick % 5 < 4 else 1]
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
            "pull_in", pull_in, row, by=self.member(pick // 7), to=self.nearer(row, days),
            reason=self.world.reasons["date"], freight_cost=freight,
        )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS)
    def push_out(self, pick: int, days: int) -> None:
        reason = self.world.reasons["date"]
        self.attempt(
            "push_out", push_out, self.row(pick), by=self.member(pick // 7), to=self.day(days), reason=reason
        )  # fmt: skip

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=DAYS, quantity=PARTS)
    def split(self, pick: int, days: int, quantity: Decimal) -> None:
        row = self.row(pick)
        part = quantity if quantity < row.unshipped_quantity or pick % 5 == 2 else round(row.unshipped_quantity / 2, 3)
        self.attempt(
            "split", split, row, by=self.member(pick // 7), quantity=part, to=self.day(days),
            reason=self.world.reasons["split"],
        )  # fmt: skip

    @precondition(lambda self: len(self.rows) > 1)
    @rule(pick=PICK, other=PICK, days=DAYS)
    def lend(self, pick: int, other: int, days: int) -> None:
        for row in (self.row(pick), self.row(pick + 7), self.row(pick + 14)):
            if lenders := self.lenders(row, days):
                self.attempt(
                    "lend", lend, row, by=self.member(other), other=lenders[other // 2 % len(lenders)],
                    to=self.nearer(row, days), reason=self.world.reasons["date"],
                )  # fmt: skip
                return

    def lenders(self, row: ScheduleLine, days: int) -> list[ScheduleLine]:
        """Those the panel would name for the day, most often; any of the same product else."""
        with clock.at(self.now):
            if row.is_moveable and days % 4:
                stock = stock_of(row.line.product, row.order.site)
                return [one.other for one in loans(row, self.nearer(row, days), flow_of(stock))]
        return [one for one in self.rows if one.line.product_id == row.line.product_id and one.order_id != row.order_id]

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

    @precondition(lambda self: len(self.holds) < 2)
    @rule(pick=PICK, kind=st.sampled_from(OrderHold.Kind.values))
    def hold(self, pick: int, kind: str) -> None:
        order = self.orders[pick % len(self.orders)]
        self.attempt("hold", hold, order, by=self.world.rep, kind=OrderHold.Kind(kind), note="Waits")

    @precondition(lambda self: self.holds)
    @rule(pick=PICK)
    def lift_hold(self, pick: int) -> None:
        self.attempt("lift_hold", lift_hold, self.holds[pick % len(self.holds)], by=self.world.senior)

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def approve(self, pick: int) -> None:
        by = self.world.keeper if pick % 3 == 0 else self.world.senior
        self.attempt("approve", approve, self.asked(pick), by=by, is_done=lambda one: one.state == "approved")

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def refuse(self, pick: int) -> None:
        self.attempt("refuse", reject, self.asked(pick), by=self.world.senior, answer="No")

    def asked(self, pick: int) -> Approval:
        """A request of the rep, most often."""
        return self.one_of(pick, self.requests, lambda one: one.requester_id == self.world.rep.pk)

    @rule(days=st.integers(1, 3))
    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.attempt("pass_days", self.fall_due)

    def fall_due(self) -> None:
        """Everything that falls due, one after the other, as a tick does; an error is one here."""
        for take in DUE.values():
            take(self.now)
