"""Extra freight that is offered counts against the limit of whoever offers it, until the offer is off."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import SentForApproval
from comptoir.actions import queries as limits
from comptoir.actions.approvals import approve
from comptoir.actions.due import tick
from comptoir.actions.limits import meters
from comptoir.actions.models import Approval, LimitCounter, LimitUse
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.models import Order, OrderChange
from comptoir.orders.queries import invariants
from comptoir.people import Role, system
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """A hundred euros a month may be offered by a rep."""
    build.limit(Role.REP, "100", action="orders.offer_change")
    return build.order(build.customer())


def offered(order: Order, by: Member, cost: str = "80", days: int = 8, **more: object) -> OrderChange:
    step = Step("date", schedule_line=build.schedule_line(order), day=build.workday(days))  # type: ignore[arg-type]
    return orders.offer_change(order, by=by, steps=[step], freight_cost=Money.of(cost, "EUR"), **more)


def left(order: Order, by: Member) -> Decimal:
    assert not [f for f in (*limits.invariants(), *invariants()) if f.count]
    return meters(by, "orders.offer_change", order.customer, "EUR")[0].left.amount


def expire(one: OrderChange) -> None:
    with clock.at(clock.now() + timedelta(days=8)):
        tick()


ENDS: dict[str, Callable[[OrderChange], object]] = {
    "declined": lambda one: orders.decline_change(one, by=system(), said_by="Claire"),
    "withdrawn": lambda one: orders.withdraw_change(one, by=build.member()),
    "countered": lambda one: orders.counter_change(
        one, by=system(),
        steps=[Step("date", schedule_line=build.schedule_line(one.order), day=build.workday(18))],  # type: ignore[arg-type]
    ),
    "expired": expire,
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_what_an_offer_drew_is_given_back_when_it_is_off(order, end):
    rep = build.member()
    one = offered(order, rep)
    assert left(order, rep) == 20
    with pytest.raises(SentForApproval):
        offered(order, rep, "30")
    ENDS[end](one)
    one.refresh_from_db()
    assert (one.state, left(order, rep)) == (end, 100)
    assert LimitUse.objects.get().given_back_at is not None
    offered(order, rep, "90")
    assert left(order, rep) == 10


def test_what_is_accepted_stays_given(order):
    rep = build.member()
    one = offered(order, rep)
    orders.accept_change(one, by=system())
    assert left(order, rep) == 20


def test_what_is_accepted_and_withdrawn_after_all_is_given_back(order):
    rep = build.member()
    one = offered(order, rep)
    orders.push_out(build.schedule_line(order), by=rep, to=build.workday(20), reason=build.reason())
    orders.accept_change(one, by=system())
    orders.withdraw_change(one, by=rep)
    one.refresh_from_db()
    assert (one.state, left(order, rep)) == ("withdrawn", 100)


def test_another_offer_in_its_place_draws_on_what_the_first_gives_back(order):
    rep = build.member()
    one = offered(order, rep)
    offered(order, rep, "95", 9, counters=one)
    assert left(order, rep) == 5


def test_what_stood_so_already_when_it_was_settled_is_given_back(order):
    rep = build.member()
    one = offered(order, rep)
    orders.push_out(build.schedule_line(order), by=rep, to=build.workday(20), reason=build.reason())
    orders.accept_change(one, by=system())
    one.refresh_from_db()
    orders.apply_change(one, by=rep, keep=list(one.steps.all()))
    one.refresh_from_db()
    assert (one.state, one.version_to, left(order, rep)) == ("applied", None, 100)


def test_it_is_given_back_to_whoever_agreed(order):
    build.limit(Role.SENIOR, "400", action="orders.offer_change")
    senior, rep = build.member(Role.SENIOR), build.member()
    with pytest.raises(SentForApproval):
        offered(order, rep, "300")
    approve(Approval.objects.get(), by=senior)
    assert left(order, senior) == 100
    orders.decline_change(OrderChange.objects.get(), by=system())
    assert (left(order, senior), left(order, rep)) == (400, 100)


def test_what_is_given_back_in_another_month_is_taken_off_the_month_it_was_given_in(order):
    rep = build.member()
    one = offered(order, rep, valid_until=clock.today() + timedelta(days=60))
    with clock.at(clock.now() + timedelta(days=40)):
        orders.decline_change(one, by=system())
    assert [counter.used for counter in LimitCounter.objects.all()] == [0]


def test_the_self_check_finds_what_was_not_given_back(order):
    one = offered(order, build.member())
    OrderChange.objects.filter(pk=one.pk).update(state="declined")
    found = {f.name for f in invariants() if f.count}
    assert "Freight of a change that is off still counts against a limit" in found
    LimitCounter.objects.update(used=3)
    assert [f.count for f in limits.invariants()] == [1]
