"""Two at once: the same purchase order number is entered once, a quote is accepted once. Each fault is shown first, unguarded."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from comptoir.actions import ActionError, door
from comptoir.lib.roles import Role
from comptoir.orders.actions import NewLine, place
from comptoir.orders.actions.quotes import accept_quote
from comptoir.orders.models import Order, Quote
from tests import build
from tests.offers import sent_quote

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12
AtOnce = Callable[..., list[Any]]


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """What each of two acts brought about, or raised, when both begin together on connections of their own."""
    with ThreadPoolExecutor(2) as hands:

        def run(gate: threading.Barrier, act: Callable[[], Any]) -> Any:
            connection.ensure_connection()
            gate.wait(20)
            try:
                return act()
            except ActionError as error:
                return error

        def together(*acts: Callable[[], Any]) -> list[Any]:
            gate = threading.Barrier(2)
            return [hand.result(60) for hand in [hands.submit(run, gate, act) for act in acts]]

        yield together
        together(lambda: connection.close(), lambda: connection.close())


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Nothing is locked, and both have looked before either writes."""

    def off(where: str) -> None:
        gate = threading.Barrier(2)
        monkeypatch.setattr(door, "lock", lambda *rows: None)
        from comptoir.orders.actions import entry, quotes

        module = {"entry": entry, "quotes": quotes}[where]
        seen = module.create

        def waits(*given: Any, **more: Any) -> Any:
            gate.wait(20)
            return seen(*given, **more)

        monkeypatch.setattr(module, "create", waits)

    return off


def places(at_once: AtOnce, po: str) -> list[Any]:
    customer = build.customer()
    lines = [NewLine(build.product(), 1, build.workday(15))]  # type: ignore[arg-type]
    members = [build.member(), build.member(Role.SENIOR)]

    def act(member: Any) -> Callable[[], Any]:
        mine = type(customer).objects.get(pk=customer.pk)
        return lambda: place(mine, by=member, lines=lines, po_number=po)

    return at_once(*[act(member) for member in members])


def accepts(at_once: AtOnce) -> list[Any]:
    rep = build.member()
    quote = sent_quote(build.customer(), rep)

    def act() -> Callable[[], Any]:
        mine = Quote.objects.get(pk=quote.pk)
        return lambda: accept_quote(mine, by=rep)

    return at_once(act(), act())


def orders(answers: list[Any]) -> int:
    return sum(isinstance(answer, Order) for answer in answers)


def test_without_the_lock_the_same_number_is_entered_twice(at_once: AtOnce, unguarded: Callable[[str], None]) -> None:
    build.site()
    unguarded("entry")
    assert orders(places(at_once, "PO-1")) == 2


def test_two_members_at_once_enter_a_purchase_order_number_once(at_once: AtOnce) -> None:
    build.site()
    for number in range(ROUNDS):
        answers = places(at_once, f"PO-{number}")
        assert orders(answers) == 1, answers
        assert any("entered before" in str(answer) for answer in answers)


def test_without_the_lock_a_quote_is_accepted_twice(at_once: AtOnce, unguarded: Callable[[str], None]) -> None:
    build.site()
    unguarded("quotes")
    accepts(at_once)
    assert Order.objects.count() == 2


def test_a_quote_accepted_twice_at_once_becomes_one_order(at_once: AtOnce) -> None:
    build.site()
    for number in range(1, ROUNDS + 1):
        answers = accepts(at_once)
        assert orders(answers) == 1, answers
        assert Order.objects.count() == number
