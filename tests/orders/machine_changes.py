"""What the order desk as a machine does besides: changes of several steps, asked for, offered, answered and settled; quotes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from comptoir.actions import ActionError
from comptoir.customers.models import Address
from comptoir.lib.money import Money
from comptoir.orders.actions import (
    NewLine,
    Step,
    accept_change,
    apply_change,
    cancel_quantity,
    change,
    counter_change,
    decline_change,
    lend,
    offer_change,
    pull_in,
    push_out,
    request_change,
    withdraw_change,
)
from comptoir.orders.actions.quotes import accept_quote, quote, send_quote
from comptoir.orders.actions.steps import written
from comptoir.orders.models import ChangeStep, Line, Order, OrderChange, Quote, ScheduleLine

if TYPE_CHECKING:
    from tests.orders.machine import OrderMachine as Desk
else:
    Desk = object

PICK = st.integers(0, 5040)
DAYS = st.integers(-1, 35)
PARTS = st.sampled_from([Decimal(n) for n in ("0.25", "1", "3", "8", "20", "60")])
PRICES = st.sampled_from([Decimal(n) for n in ("0", "9.99", "12.50", "30")])
WISHES = st.lists(st.tuples(st.sampled_from(ChangeStep.Type.values), PICK, PARTS, DAYS, PRICES), min_size=1, max_size=3)
Wish = tuple[str, int, Decimal, int, Decimal]


def step_of(wish: Wish, order: Order, desk: "Desk") -> Step | None:
    """A step about something of the order, or nothing where the order has nothing of the kind."""
    name, pick, quantity, days, price = wish
    kind = ChangeStep.Type(name)
    rows = [row for row in desk.rows if row.order_id == order.pk and (pick % 7 == 3 or row.is_moveable)]
    lines = list(Line.objects.filter(order=order).order_by("pk"))
    if kind == "ship_to":
        places = list(Address.objects.filter(customer=order.customer_id).order_by("pk"))
        return Step(kind, address=places[pick % len(places)])
    if kind == "add":
        wished = price if pick % 3 == 0 else None
        return Step(
            kind, product=desk.world.products[pick % 3], quantity=quantity, day=desk.day(days), unit_price=wished
        )  # fmt: skip
    if kind in ("price", "remove"):
        return Step(kind, line=lines[pick % len(lines)], unit_price=price)
    if not rows:
        return None
    row: ScheduleLine = rows[pick % len(rows)]
    if kind == "cancel" and pick % 4:
        quantity = Decimal(0)
    return Step(kind, schedule_line=row, quantity=quantity, day=desk.day(days))


def can_be_written(order: Order, step: Step) -> bool:
    try:
        return bool(written(OrderChange(order=order), [step]))
    except ActionError:
        return False


class Negotiation(Desk):
    """The rules for changes of several steps and for quotes."""

    def look_at_changes(self, is_new: Callable[..., bool]) -> None:
        if is_new("orders_order", "orders_orderchange"):
            rows = OrderChange.objects.select_related("order").order_by("pk")
            self.changes = list(rows.negotiated())
            self.all_changes = list(rows.exclude(valid_until=None)) or self.changes
            named = ChangeStep.objects.filter(change__in=self.changes).exclude(schedule_line=None)
            self.named = frozenset(named.values_list("schedule_line", flat=True))
        if is_new("orders_quote"):
            self.quotes = list(Quote.objects.filter(state__in=("draft", "sent")).order_by("pk"))

    def begin_talks(self) -> None:
        """Offers and requests to answer, one of which meets what was changed since; freight to approve; a quote to order from."""
        w, (order, other, _third) = self.world, self.open_orders
        rows = [row for row in self.rows if row.order_id == order.pk]
        theirs = [row for row in self.rows if row.order_id == other.pk]
        later = Step(ChangeStep.Type.DATE, schedule_line=rows[0], day=self.day(18))
        more = Step(ChangeStep.Type.QUANTITY, schedule_line=rows[1], quantity=Decimal(19))
        less = Step(ChangeStep.Type.QUANTITY, schedule_line=theirs[1], quantity=Decimal(15))
        self.attempt("offer", offer_change, order, by=w.rep, steps=[later, more])
        self.attempt("ask", request_change, order, by=w.rep, steps=[more])
        self.attempt("offer", offer_change, other, by=w.rep, steps=[less])
        sooner = {"to": self.day(8), "reason": w.reasons["date"], "freight_cost": Money.of("350", "EUR")}
        self.attempt("pull_in", pull_in, theirs[1], by=w.rep, **sooner)
        dear = {"other": theirs[0], "to": self.day(7), "reason": w.reasons["date"]}
        self.attempt("lend", lend, rows[2], by=w.rep, **dear)
        self.attempt("quote", quote, other.customer, by=w.rep, lines=[NewLine(w.products[0], Decimal(4), self.day(9))])
        lines = [NewLine(w.products[1], Decimal(5), self.day(12))]
        self.attempt("quote", quote, order.customer, by=w.rep, lines=lines)
        self.attempt("send_quote", send_quote, self.quotes[-1], by=w.rep)

    def wished(self, order: Order, wishes: list[Wish]) -> list[Step]:
        """What is wished, of what can be written down at all, most often; anything else."""
        steps = [(wish[1], step_of(wish, order, self)) for wish in wishes]
        return [step for pick, step in steps if step is not None and (pick % 9 == 4 or can_be_written(order, step))]

    def propose(self, name: str, act: Callable[..., Any], pick: int, wishes: list[Wish], **more: Any) -> None:
        order = self.order(pick)
        steps = self.wished(order, wishes)
        self.attempt(name, act, order, by=self.member(pick // 7), steps=steps, **more)

    @precondition(lambda self: self.open_orders)
    @rule(pick=PICK, wishes=WISHES)
    def change(self, pick: int, wishes: list[Wish]) -> None:
        self.propose("change", change, pick, wishes)

    @precondition(lambda self: self.open_orders)
    @rule(pick=PICK, wishes=WISHES, valid=st.integers(0, 8), countered=st.booleans())
    def offer(self, pick: int, wishes: list[Wish], valid: int, countered: bool) -> None:
        asked = self.changes[pick % len(self.changes)] if countered and self.changes else None
        self.propose(
            "offer", offer_change, pick, wishes, valid_until=self.day(0) + timedelta(days=valid), counters=asked
        )

    @precondition(lambda self: self.open_orders)
    @rule(pick=PICK, wishes=WISHES)
    def ask(self, pick: int, wishes: list[Wish]) -> None:
        self.propose("ask", request_change, pick, wishes)

    def has_proposal(self, *states: str) -> bool:
        return any(one.state in states for one in self.changes)

    def proposal(self, pick: int, *states: str) -> OrderChange:
        """A change in one of the states whose order can be changed, most often; at times any open one, or one that was closed."""
        among = self.all_changes if pick % 14 == 3 else self.changes
        right = [one for one in among if one.state in states]
        return self.one_of(pick, right or among, lambda one: self.is_free(one.order))

    @precondition(lambda self: self.has_proposal("offered"))
    @rule(pick=PICK)
    def accept(self, pick: int) -> None:
        one = self.proposal(pick, "offered")
        self.attempt("accept", accept_change, one, by=self.world.rep, is_done=lambda made: made.state == "applied")

    @precondition(lambda self: self.has_proposal("requested", "offered"))
    @rule(pick=PICK)
    def decline(self, pick: int) -> None:
        self.attempt("decline", decline_change, self.proposal(pick, "requested", "offered"), by=self.world.rep)

    @precondition(lambda self: self.changes)
    @rule(pick=PICK)
    def withdraw_change(self, pick: int) -> None:
        self.attempt("withdraw_change", withdraw_change, self.proposal(pick, *OrderChange.OPEN), by=self.world.rep)

    @precondition(lambda self: self.has_proposal("offered"))
    @rule(pick=PICK, wishes=WISHES)
    def counter(self, pick: int, wishes: list[Wish]) -> None:
        one = self.proposal(pick, "offered")
        self.attempt("counter", counter_change, one, by=self.world.rep, steps=self.wished(one.order, wishes))

    @precondition(lambda self: self.has_proposal("requested", "accepted"))
    @rule(pick=PICK, choices=st.lists(st.sampled_from(("", "keep", "take")), min_size=3, max_size=3))
    def settle(self, pick: int, choices: list[str]) -> None:
        one = self.proposal(pick, "requested", "accepted")
        chosen = list(zip(one.steps.order_by("pk"), choices, strict=False))
        lists = {name: [step for step, choice in chosen if choice == name] for name in ("keep", "take")}
        self.attempt("settle", apply_change, one, by=self.member(pick // 7), **lists)

    @precondition(lambda self: any(row.pk in self.named for row in self.rows))
    @rule(pick=PICK, days=st.integers(1, 9), part=PARTS)
    def meet(self, pick: int, days: int, part: Decimal) -> None:
        """Somebody changes what an open change is about."""
        named = [row for row in self.rows if row.pk in self.named]
        row = self.one_of(pick, named, lambda row: row.is_moveable and self.is_free(row.order))
        if pick % 2 and row.promised_on:
            to, reason = row.promised_on + timedelta(days=days), self.world.reasons["date"]
            self.attempt("meet", push_out, row, by=self.world.senior, to=to, reason=reason)
        else:
            reason = self.world.reasons["cancel"]
            self.attempt("meet", cancel_quantity, row, by=self.world.senior, quantity=part, reason=reason)

    @rule(
        pick=PICK,
        lines=st.lists(st.tuples(PICK, PARTS, st.integers(1, 30)), min_size=1, max_size=3),
        away=st.booleans(),
    )
    def quote(self, pick: int, lines: list[tuple[int, Decimal, int]], away: bool) -> None:
        w = self.world
        customer = w.customers[pick % 2]
        made = [NewLine(w.products[one % 3], quantity, self.day(days)) for one, quantity, days in lines]
        place = customer.addresses.order_by("-pk").first() if away else None
        until = self.day(0) + timedelta(days=pick % 9)
        self.attempt("quote", quote, customer, by=self.member(pick), lines=made, ship_to=place, valid_until=until)

    @precondition(lambda self: any(one.state == "draft" for one in self.quotes))
    @rule(pick=PICK)
    def send_quote(self, pick: int) -> None:
        one = self.one_of(pick, self.quotes, lambda one: one.state == "draft")
        self.attempt("send_quote", send_quote, one, by=self.world.rep)

    @precondition(lambda self: self.quotes)
    @rule(pick=PICK, po=st.integers(1, 9))
    def accept_quote(self, pick: int, po: int) -> None:
        one = self.one_of(pick, self.quotes, lambda one: one.state == "sent")
        self.attempt("accept_quote", accept_quote, one, by=self.member(pick), po_number=f"PO {po}")
