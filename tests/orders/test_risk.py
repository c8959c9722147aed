"""Goods that lack put promises at risk, and goods that come back end it by themselves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.actions.due import tick
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import change_receipt, correct_stock, drop_receipt, plan_receipt, receive
from comptoir.catalog.models import Product, Supply
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, cancel_quantity, confirm, place, push_out, split
from comptoir.orders.models import ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Member:
    return build.member(Role.ADMINISTRATOR)


@pytest.fixture
def pump() -> Product:
    """Ten lie there; twenty come in three days, and fifty in sixty."""
    made = build.product(on_hand=10)
    build.supply(made, 20, 3)
    build.supply(made, 50, 60)
    return made


def sold(of: Product, quantity: int, days: int, name: str = "Hydraulique Martin") -> ScheduleLine:
    line = NewLine(of, Decimal(quantity), build.workday(days))
    order = confirm(place(build.customer(name), by=build.member(), lines=[line], site=build.site()), by=build.member())
    return build.schedule_line(order)


def standing(row: ScheduleLine) -> Promise:
    return Promise.objects.standing().get(subject_noun="scheduleline", subject_id=row.pk)


def receipt() -> Supply:
    return Supply.objects.order_by("due_on")[0]


def nothing_is_odd() -> bool:
    return not [f for f in (*invariants(), *catalog.invariants()) if f.count]


def later(keeper: Member, days: int = 30) -> date:
    day = clock.today() + timedelta(days=days)
    change_receipt(receipt(), by=keeper, due_on=day)
    return day


def test_who_needs_goods_first_is_served_first_and_only_the_others_are_at_risk(pump, keeper):
    first, second = sold(pump, 8, 10), sold(pump, 12, 12, "Nordisk Pumpe")
    later(keeper)
    assert [standing(row).state for row in (first, second)] == ["open", "at_risk"]
    assert standing(second).cause["lacks"] == "10"
    assert nothing_is_odd()


def test_the_cause_says_which_receipt_moved_from_when_to_when(pump, keeper):
    row, before = sold(pump, 12, 12), receipt().due_on
    after = later(keeper)
    cause = standing(row).cause
    assert (cause["kind"], cause["before"], cause["after"]) == ("later", before.isoformat(), after.isoformat())


@pytest.mark.parametrize("comes_back", ["planned", "received", "counted", "planned again"])
def test_goods_that_come_back_end_the_risk_by_themselves(pump, keeper, comes_back):
    row = sold(pump, 12, 12)
    later(keeper)
    if comes_back == "planned":
        plan_receipt(pump, by=keeper, site=build.site(), quantity=Decimal(2), due_on=clock.today())
    elif comes_back == "received":
        receive(receipt(), by=keeper, quantity=Decimal(2))
    elif comes_back == "counted":
        correct_stock(pump, by=keeper, site=build.site(), on_hand=Decimal(12), reason="Counted again")
    else:
        later(keeper, 4)
    assert (standing(row).state, standing(row).at_risk_at, standing(row).cause) == ("open", None, {})
    assert nothing_is_odd()


@pytest.mark.parametrize("way_out", ["push out", "cancel", "split"])
def test_what_the_rep_arranges_ends_the_risk_of_whoever_lacked_goods(pump, keeper, way_out):
    first, second = sold(pump, 8, 10), sold(pump, 12, 12, "Nordisk Pumpe")
    later(keeper)
    if way_out == "push out":
        push_out(second, by=build.member(), to=build.workday(40), reason=build.reason())
    elif way_out == "cancel":
        cancel_quantity(first, by=build.member(), reason=build.reason("cancel"))
        assert standing(second).cause["lacks"] == "2"
        cancel_quantity(second, by=build.member(), quantity=Decimal(2), reason=build.reason("cancel"))
    else:
        split(second, by=build.member(), quantity=Decimal(10), to=build.workday(40), reason=build.reason("split"))
    assert not Promise.objects.filter(at_risk_at__isnull=False).exists()
    assert standing(second).state == "open"
    assert nothing_is_odd()


def test_whoever_was_told_of_a_smaller_lack_is_to_be_told_again(pump, keeper):
    row = sold(pump, 25, 12)
    change_receipt(receipt(), by=keeper, quantity=Decimal(10))
    Promise.objects.filter(pk=standing(row).pk).update(told_at=clock.now(), told_by="email")
    correct_stock(pump, by=keeper, site=build.site(), on_hand=Decimal(12), reason="Counted")
    assert (standing(row).cause["lacks"], standing(row).told_by) == ("3", "email")
    drop_receipt(receipt(), by=keeper, reason="Not made")
    assert (standing(row).cause["kind"], standing(row).told_at) == ("dropped", None)


def test_a_promise_that_is_broken_stays_broken_when_its_goods_come(pump, keeper):
    row = sold(pump, 12, 12)
    later(keeper, 60)
    with clock.at(clock.now() + timedelta(days=40)):
        tick()
        assert standing(row).state == "broken"
        plan_receipt(pump, by=keeper, site=build.site(), quantity=Decimal(20), due_on=clock.today())
        assert standing(row).at_risk_at is not None
        correct_stock(pump, by=keeper, site=build.site(), on_hand=Decimal(40), reason="Found")
        assert (standing(row).state, standing(row).at_risk_at) == ("broken", None)


def test_nobody_else_is_promised_what_somebody_lacks(pump, keeper):
    row = sold(pump, 12, 12)
    later(keeper)
    other = sold(pump, 3, 14, "Nordisk Pumpe")
    assert other.promised_on > later(keeper)
    assert standing(row).cause["lacks"] == "2"
    assert nothing_is_odd()
