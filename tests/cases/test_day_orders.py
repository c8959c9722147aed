"""The orders in one's day."""

import pytest

from comptoir.cases.day import my_day
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, confirm, hold, place
from comptoir.orders.models import OrderHold
from comptoir.people import system
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return build.member(name="Emma Laurent")


def new(of, member):
    of.owner = member
    of.save()
    lines = [NewLine(build.product(), 1, build.workday(9))]  # type: ignore[arg-type]
    return place(of, by=system(), site=build.site(), lines=lines)


def waiting(member):
    return [(one.order, one.why) for one in my_day(member, clock.now()).orders]


def test_an_order_of_ones_customer_waits_until_it_is_confirmed(member):
    order = new(build.customer(), member)
    assert waiting(member) == [(order, "unconfirmed")]
    assert waiting(build.member()) == []
    confirm(order, by=member)
    assert waiting(member) == []


def test_what_is_on_hold_says_so_and_comes_after_what_can_be_done(member):
    held, order = new(build.customer(), member), new(build.customer("Ursa"), member)
    hold(held, by=member, kind=OrderHold.Kind.CREDIT)
    assert waiting(member) == [(order, "unconfirmed"), (held, "held")]


def test_the_page_offers_the_next_act(member, client):
    order = new(build.customer(), member)
    client.force_login(member)
    page = client.get("/day/").content.decode()
    assert order.number in page
    assert f"/do/orders.confirm/{order.pk}/" in page
