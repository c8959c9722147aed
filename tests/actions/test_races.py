"""Acts at once, on connections of their own: the last of a limit is given once, and nobody reads of a deadlock.

Each race first shows what happens with the guard off.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from comptoir.actions import ActionError, SentForApproval, limits, perform
from comptoir.actions.approvals import approve
from comptoir.actions.models import Approval, IdempotencyKey, LimitCounter, LimitUse
from comptoir.cases.actions import answering, asks, ending, handling, merging
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Ask, Case, Message
from comptoir.cli.check import findings
from comptoir.events.models import Event
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.actions import cancel_quantity, pull_in, push_out, split
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people import Role
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = range(100)
THREADS = 6


AtOnce = Callable[..., list[Any]]


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """What each act brought about, or raised, when all begin together, each on a connection of its own."""
    with ThreadPoolExecutor(THREADS) as hands:

        def run(gate: threading.Barrier, act: Callable[[], Any]) -> Any:
            connection.ensure_connection()
            gate.wait(20)
            try:
                return act()
            except Exception as error:
                return error

        def together(*acts: Callable[[], Any]) -> list[Any]:
            gate = threading.Barrier(len(acts))
            return [hand.result(60) for hand in [hands.submit(run, gate, act) for act in acts]]

        yield together
        together(*[lambda: connection.close()] * THREADS)


@pytest.fixture
def two_requests() -> tuple[list[Approval], Member]:
    """A request on each of two orders, each for the last €50 of the senior's month."""
    build.limit(Role.REP, "10")
    build.limit(Role.SENIOR, "50")
    rep, senior, reason = build.member(), build.member(Role.SENIOR), build.reason()
    requests = []
    for _ in range(2):
        line = build.schedule_line(build.order(build.customer()))
        with pytest.raises(SentForApproval) as sent:
            pull_in(line, by=rep, to=build.workday(8), reason=reason, freight_cost=Money.of("50", "EUR"))
        requests.append(sent.value.approval)
    return requests, senior


def approved(request: Approval, senior: Member) -> str:
    try:
        approve(Approval.objects.get(pk=request.pk), by=senior)
        return "given"
    except ActionError as refused:
        return "refused" if "above your own limit too" in refused.sentence else refused.sentence


def anew(requests: list[Approval], lines: dict[int, dict[str, Any]]) -> None:
    """Everything as it was before the race, so that the next seed begins alike."""
    LimitUse.objects.all().delete()
    LimitCounter.objects.update(used=0)
    Approval.objects.filter(pk__in=[r.pk for r in requests]).update(state="pending", decided_by=None, decided_at=None)
    for pk, values in lines.items():
        ScheduleLine.objects.filter(pk=pk).update(**values)


def test_the_last_of_a_limit_is_given_once_on_two_orders_at_once(
    at_once: AtOnce, two_requests: tuple[list[Approval], Member]
) -> None:
    requests, senior = two_requests
    kept = {
        row.pop("id"): row
        for row in ScheduleLine.objects.values("id", "promised_on", "ship_by_on", "first_promised_on")
    }
    for seed in SEEDS:
        first, second = random.Random(seed).sample(requests, 2)
        answers = at_once(lambda first=first: approved(first, senior), lambda second=second: approved(second, senior))
        assert sorted(map(str, answers)) == ["given", "refused"], f"seed {seed}: {answers}"
        assert LimitUse.objects.count() == 1
        assert LimitCounter.objects.get(member=senior).used == 50
        anew(requests, kept)


def test_the_control_without_the_counters_lock_gives_it_twice(
    at_once: AtOnce, two_requests: tuple[list[Approval], Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same booking with the lock taken out: both read what is left before either has written."""
    requests, senior = two_requests
    of_senior = limits.limits_for(senior, "orders.pull_in", None, "EUR")[0]
    LimitCounter.objects.create(
        limit=of_senior, member=senior, period_start=limits.period_start("month", clock.today())
    )
    read = threading.Barrier(2)
    monkeypatch.setattr(limits, "lock", lambda *rows: read.wait(20))
    answers = at_once(*(lambda request=request: approved(request, senior) for request in requests))
    assert answers == ["given", "given"]
    assert sum(use.amount for use in LimitUse.objects.all()) == 100


def test_the_same_key_at_once_has_one_effect(at_once: AtOnce) -> None:
    case = receive(build.mail(build.WISH)).case
    rep = build.member()
    for seed in range(10):
        before = Message.objects.count()
        answers = at_once(
            *(
                lambda seed=seed: perform("cases.note", by=rep, subject=Case.objects.get(pk=case.pk), inputs={"text": "Called"}, key=f"k{seed}").result.pk
                for _ in range(3)
            )
        )  # fmt: skip
        assert len(set(answers)) == 1, answers
        assert Message.objects.count() == before + 1


def test_a_request_under_a_key_is_asked_once_by_two_clicks(at_once: AtOnce) -> None:
    build.limit(Role.REP, "10")
    line, rep = build.schedule_line(build.order(build.customer())), build.member()
    raw = {"to": build.workday(8).isoformat(), "reason": str(build.reason().pk), "freight_cost_0": "180"}
    answers = at_once(
        *(
            lambda: perform("orders.pull_in", by=rep, subject=ScheduleLine.objects.get(pk=line.pk), inputs=raw, key="k").approval
            for _ in range(3)
        )
    )  # fmt: skip
    assert len({a.pk for a in answers}) == 1
    assert Approval.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


ACTS = 150


class Desk:
    """Cases and orders on which anybody does anything."""

    def __init__(self) -> None:
        build.limit(Role.REP, "400")
        customer = build.customer()
        build.contact(customer)
        self.orders = [build.order(customer, po=f"PO-{n}", products=2, quantity=40).pk for n in range(3)]
        self.cases = [receive(build.mail(build.WISH)).case.pk for _ in range(6)]
        self.members = [build.member() for _ in range(THREADS)]
        self.reasons = {kind: build.reason(kind) for kind in ("date", "split", "cancel")}

    def case(self, at: random.Random) -> Case:
        return Case.objects.get(pk=at.choice(self.cases))

    def line(self, at: random.Random) -> ScheduleLine:
        return at.choice(list(ScheduleLine.objects.filter(order_id=at.choice(self.orders))))

    def ask(self, at: random.Random) -> Ask:
        return at.choice(list(Ask.objects.all()))

    def act(self, at: random.Random, by: Member) -> Any:
        """One act of a member, as the dice have it."""
        day, soon = build.workday(at.randrange(9, 25)), clock.now() + timedelta(hours=at.randrange(1, 50))
        freight = Money.of("5", "EUR") if at.random() < 0.5 else None
        acts: list[Callable[[], Any]] = [
            lambda: answering.reply(self.case(at), by=by, text="Bonjour", answers=[self.ask(at)]),
            lambda: answering.note(self.case(at), by=by, text="Called"),  # type: ignore[arg-type]
            lambda: merging.merge(self.case(at), by=by, into=self.case(at)),
            lambda: pull_in(self.line(at), by=by, to=day, reason=self.reasons["date"], freight_cost=freight),
            lambda: push_out(self.line(at), by=by, to=day, reason=self.reasons["date"], freight_cost=freight),
            lambda: split(self.line(at), by=by, quantity=Decimal(2), to=day, reason=self.reasons["split"]),
            lambda: cancel_quantity(self.line(at), by=by, reason=self.reasons["cancel"], quantity=Decimal(1)),
            lambda: asks.promise_answer(self.ask(at), by=by, due_at=soon),
            lambda: asks.answer_ask(self.ask(at), by=by),
            lambda: ending.resolve(self.case(at), by=by, resolution="Done"),  # type: ignore[arg-type]
            lambda: ending.reopen(self.case(at), by=by),
            lambda: handling.assign(self.case(at), by=by, to=at.choice(self.members)),
            lambda: receive(build.mail(build.WISH)),
            lambda: perform("cases.log_contact", by=by, inputs={"channel": "phone", "text": "She called", "case": str(at.choice(self.cases))}),
        ]  # fmt: skip
        return at.choice(acts)()


def test_anything_at_once_on_cases_and_orders_shows_nobody_a_deadlock(at_once: AtOnce) -> None:
    desk = Desk()
    told: Counter[str] = Counter()

    def work(number: int) -> None:
        at = random.Random(number)
        for _ in range(ACTS // THREADS):
            try:
                desk.act(at, desk.members[number])
                told["done"] += 1
            except SentForApproval:
                told["sent"] += 1
            except ActionError:
                told["refused"] += 1

    failures = [answer for answer in at_once(*(lambda n=n: work(n) for n in range(THREADS))) if answer is not None]
    assert failures == []
    assert told["done"] > ACTS / 3
    assert [f for f in findings() if f.count and "reindex" not in f.name] == []  # no worker follows the events here
    assert Event.objects.count() > told["done"]


def test_the_control_two_orders_locked_in_two_ways_block_each_other(at_once: AtOnce) -> None:
    orders = [build.order(build.customer()).pk for _ in range(2)]
    both = threading.Barrier(2)

    def locked(pks: list[int]) -> None:
        with transaction.atomic():
            Order.objects.select_for_update(no_key=True).get(pk=pks[0])
            both.wait(20)
            Order.objects.select_for_update(no_key=True).get(pk=pks[1])

    answers = at_once(lambda: locked(orders), lambda: locked(orders[::-1]))
    assert [type(answer) for answer in answers if answer is not None] == [OperationalError]
