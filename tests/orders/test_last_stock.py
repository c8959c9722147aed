"""Two reps promise the last stock at once: one gets it. The same with the guard off shows what would happen without."""

from decimal import Decimal
from typing import Any

import pytest

from comptoir.actions import ActionError
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation, Stock
from comptoir.customers.models import Customer
from comptoir.orders.actions import NewLine, confirm, entry, place
from comptoir.orders.models import Order
from comptoir.people.models import Member
from tests import build
from tests.actions.test_races import SEEDS, AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> list[tuple[Member, Customer]]:
    """Two reps, each with a customer."""
    return [(build.member(), build.customer()), (build.member(), build.customer("Nordisk Pumpe", language="da"))]


def race(at_once: AtOnce, desk: list[tuple[Member, Customer]]) -> list[Any]:
    """What two confirmations of ten brought about where ten lie and nothing is planned."""
    lines = [NewLine(build.product(on_hand=10), Decimal(10), build.workday(9))]
    orders = [(place(customer, by=rep, lines=lines, site=build.site()), rep) for rep, customer in desk]
    return at_once(*[lambda one=one, rep=rep: confirm(one, by=rep) for one, rep in orders])


def test_the_last_stock_is_promised_to_one_of_two_reps(at_once: AtOnce, desk: Any) -> None:
    for _seed in SEEDS:
        told = race(at_once, desk)
        assert sorted(isinstance(one, Order) for one in told) == [False, True], told
        assert [one for one in told if isinstance(one, Exception) and not isinstance(one, ActionError)] == []
    assert Reservation.objects.count() == len(SEEDS)
    assert not [f for f in catalog.invariants() if f.count]


def test_the_control_without_the_stocks_lock_promises_it_twice(
    at_once: AtOnce, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = entry.lock
    monkeypatch.setattr(entry, "lock", lambda *rows: kept(*(r for r in rows if not isinstance(r, Stock))))
    for _seed in range(40):
        if all(isinstance(one, Order) for one in race(at_once, desk)):
            return
    pytest.fail("the race was never lost")
