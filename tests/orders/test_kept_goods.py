"""What is offered is set aside until the last day to answer, so that the customer's yes does not find it gone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import stock_of
from comptoir.catalog.models import Pledge, Stock
from comptoir.lib import clock
from comptoir.orders import actions as orders
from comptoir.orders.actions import NewLine, Step, negotiating
from comptoir.orders.impact import impact_of
from comptoir.orders.keeping import pledged_for
from comptoir.orders.models import Order, OrderChange, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import system
from tests import build
from tests.actions.test_races import AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """Ten are promised for the fifteenth working day, and twelve lie there."""
    return only(12)


def only(on_hand: int) -> Order:
    made = build.order(build.customer())
    Stock.objects.filter(product=row_of(made).line.product).update(on_hand=on_hand)
    return made


def row_of(order: Order) -> ScheduleLine:
    return build.schedule_line(order)


def more(order: Order, quantity: int = 12) -> Step:
    return Step("quantity", schedule_line=row_of(order), quantity=Decimal(quantity))  # type: ignore[arg-type]


def sooner(order: Order, days: int = 8) -> Step:
    return Step("date", schedule_line=row_of(order), day=build.workday(days))  # type: ignore[arg-type]


def offered(order: Order, *steps: Step, **named: object) -> OrderChange:
    return orders.offer_change(order, by=build.member(), steps=list(steps), **named)  # type: ignore[arg-type]


def free(order: Order, days: int = 30) -> Decimal:
    return catalog.available(stock_of(row_of(order).line.product, order.site), build.workday(days), clock.today())


def is_right() -> bool:
    return not [f for f in (*invariants(), *catalog.invariants()) if f.count]


def test_more_that_is_offered_is_set_aside_and_there_when_it_is_accepted(order):
    seen = impact_of(order, [more(order)], by=build.member(), cost=None, initiator="rep")
    assert [(product.name, quantity) for product, quantity in seen.kept] == [("Gear pump", 2)]
    assert (free(order), Pledge.objects.exists()) == (2, False)
    one = offered(order, more(order))
    assert (free(order), pledged_for([one])[one.pk][0][1]) == (0, 2)
    other = orders.place(
        order.customer, by=system(), site=order.site, lines=[NewLine(row_of(order).line.product, Decimal(2), build.workday(20))]
    )  # fmt: skip
    with pytest.raises(ActionError, match="supply"):
        orders.confirm(other, by=system())
    orders.accept_change(one, by=system())
    assert (row_of(order).quantity, free(order), Pledge.objects.exists()) == (12, 0, False)
    assert is_right()


def test_an_earlier_day_keeps_the_goods_from_then_and_no_more_of_them(order):
    """Ten of the twelve have to leave earlier: nobody gets more than the other two, neither before nor after."""
    assert free(order, 10) == 2
    product = row_of(order).line.product
    Stock.objects.filter(product=product).update(on_hand=10)
    build.supply(product, 10, 12)
    later = build.order(order.customer)
    assert later.lines.exists()
    offered(order, sooner(order))
    kept = Pledge.objects.order_by("needed_on")
    assert [one.quantity for one in kept] == [10, -10]
    assert free(order) == 10


@pytest.mark.parametrize("end", ["declined", "withdrawn", "countered", "expired"])
def test_what_was_kept_back_is_free_when_the_offer_is_off(order, end):
    one = offered(order, more(order))
    ends: dict[str, Callable[[], object]] = {
        "declined": lambda: orders.decline_change(one, by=system()),
        "withdrawn": lambda: orders.withdraw_change(one, by=build.member()),
        "countered": lambda: orders.counter_change(one, by=system(), steps=[more(order, 11)]),
        "expired": lambda: None,
    }
    ends[end]()
    with clock.at(clock.now() + timedelta(days=8 if end == "expired" else 0)):
        assert free(order, 20) == 2  # its last day ends it, whenever the clock is played
        tick()
    one.refresh_from_db()
    assert (one.state, Pledge.objects.exists(), is_right()) == (end, False, True)


def test_an_offer_in_place_of_another_has_the_goods_of_the_first(order):
    one = offered(order, more(order))
    seen = impact_of(order, [more(order, 11)], by=build.member(), cost=None, initiator="rep", counters=one)
    assert (seen.refused, seen.kept[0][1]) == ("", 1)
    two = offered(order, more(order, 11), counters=one)
    assert [(row.change_id, row.quantity) for row in Pledge.objects.all()] == [(two.pk, 1)]


def test_fewer_or_later_keeps_nothing_back(order):
    offered(order, more(order, 8), Step("date", schedule_line=row_of(order), day=build.workday(20)))  # type: ignore[arg-type]
    assert not Pledge.objects.exists()


def test_the_self_check_finds_what_is_kept_for_nobody(order):
    one = offered(order, more(order))
    OrderChange.objects.filter(pk=one.pk).update(state="declined")
    assert [f.name for f in invariants() if f.count] == ["Goods are kept back for a change that is off"]


def race(at_once: AtOnce, on_hand: int) -> tuple[Stock, list[object]]:
    """Two orders of ten of one product are offered two more each; two lie there besides."""
    first = build.order(build.customer())
    product = row_of(first).line.product
    line = [NewLine(product, Decimal(10), build.workday(15))]
    placed = orders.place(build.customer("Nordisk", country="DK"), by=system(), site=first.site, lines=line)
    second = orders.confirm(placed, by=system())
    stock = stock_of(product, first.site)
    Stock.objects.filter(pk=stock.pk).update(on_hand=on_hand)
    reps = [build.member(), build.member()]
    told = at_once(*(
        lambda order=order, rep=rep: orders.offer_change(order, by=rep, steps=[more(order)])
        for order, rep in zip((first, second), reps, strict=True)
    ))  # fmt: skip
    return stock, told


@pytest.mark.django_db(transaction=True)
def test_of_two_offers_of_the_last_goods_at_once_one_is_told_that_they_are_not_there(at_once: AtOnce) -> None:
    for _round in range(8):
        stock, told = race(at_once, 22)
        assert [type(one) for one in told if isinstance(one, Exception)] == [ActionError]
        assert [one.quantity for one in Pledge.objects.filter(stock=stock)] == [2]


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_goods_lock_offers_them_twice(at_once: AtOnce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negotiating, "lock_goods", lambda steps, order: None)
    for _round in range(40):
        stock, _told = race(at_once, 22)
        if sum(one.quantity for one in Pledge.objects.filter(stock=stock)) > 2:
            return
    pytest.fail("the race was never lost")
