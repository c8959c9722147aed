"""Two reps hand over the last of a line at once: it leaves once. Without the locks it would leave twice."""

from decimal import Decimal
from typing import Any

import pytest

from comptoir.actions import ActionError, door
from comptoir.catalog.models import Stock
from comptoir.fulfilment.actions import Shipped, ship, shipping
from comptoir.fulfilment.models import Shipment
from comptoir.fulfilment.queries import invariants
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member
from tests import build
from tests.actions.test_races import AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = range(25)


@pytest.fixture
def reps() -> list[Member]:
    return [build.member(), build.member()]


def race(at_once: AtOnce, reps: list[Member]) -> tuple[ScheduleLine, list[Any]]:
    """What two shipments of the last four of a line brought about."""
    order = build.order(build.customer())
    row = build.schedule_line(order)
    ship(order, by=reps[0], lines=[Shipped(row, Decimal(6))])
    last = [Shipped(ScheduleLine.objects.get(pk=row.pk), Decimal(4))]
    told = at_once(*[lambda rep=rep: ship(Order.objects.get(pk=order.pk), by=rep, lines=last) for rep in reps])
    row.refresh_from_db()
    return row, told


def test_the_last_of_a_line_leaves_once(at_once: AtOnce, reps: list[Member]) -> None:
    for _seed in SEEDS:
        row, told = race(at_once, reps)
        assert sorted(isinstance(one, Shipment) for one in told) == [False, True], told
        assert [one for one in told if isinstance(one, Exception) and not isinstance(one, ActionError)] == []
        assert (row.shipped_quantity, row.state) == (10, "shipped")
        assert Stock.objects.get(product=row.line.product).on_hand == 90
    assert not [f for f in invariants() if f.count]


def test_the_control_without_the_locks_lets_it_leave_twice(
    at_once: AtOnce, reps: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    stocks = lambda pairs: {(p.pk, s.pk): Stock.objects.get(product=p, site=s) for p, s in pairs}  # noqa: E731
    monkeypatch.setattr(door, "lock", lambda *rows: None)
    monkeypatch.setattr(shipping, "lock_stocks", stocks)
    for _seed in range(40):
        _row, told = race(at_once, reps)
        if all(isinstance(one, Shipment) for one in told):
            assert [f for f in invariants() if f.count]
            return
    pytest.fail("the race was never lost")
