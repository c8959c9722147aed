"""The orders in one's day."""

import pytest

from comptoir.cases.actions.incoming import receive
from comptoir.cases.day import my_day
from comptoir.cases.models import HandOff
from comptoir.lib import clock
from comptoir.orders import listing
from comptoir.orders.actions import NewLine, confirm, hold, place
from comptoir.orders.filters import Filters
from comptoir.orders.models import OrderHold
from comptoir.people import system
from comptoir.people.models import Department
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


def test_an_order_about_which_a_department_was_asked_is_without_an_answer(member):
    order = build.order(build.customer())
    order.customer.owner = member
    order.customer.save()
    case = receive(build.mail(build.WISH)).case
    HandOff.objects.create(
        case=case, department=Department.objects.create(name="Planning"), noun="scheduleline",
        object_id=build.schedule_line(order).pk, question="By Friday?", asked_by=member, due_at=clock.now(),
    )  # fmt: skip
    assert waiting(member) == [(order, "unanswered")]
    shown = listing.page(member, Filters(tab="unanswered")).rows
    assert [row.order for row in shown] == [order]
    HandOff.objects.update(state="closed", closed_at=clock.now())
    assert waiting(member) == []
