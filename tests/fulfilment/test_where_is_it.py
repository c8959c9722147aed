"""Where is my order: beside the case, in My day, in the report; and the last of a line leaves once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from comptoir.cases.actions.incoming import receive
from comptoir.fulfilment.actions import Shipped, deliver, ship, withdraw
from comptoir.fulfilment.open_report import open_rows
from comptoir.fulfilment.queries import to_watch
from comptoir.lib import clock
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    build.inbox()
    return build.member(name="Emma Laurent")


@pytest.fixture
def order(rep):
    customer = build.customer()
    customer.owner = rep
    customer.save(update_fields=["owner"])
    build.contact(customer)
    return build.order(customer, po="PO-77341", products=2)


def leave(order, rep, quantity=4, position=10, **more):
    row = build.schedule_line(order, position)
    return ship(order, by=rep, lines=[Shipped(row, Decimal(quantity))], **more)


def ago(days):
    return clock.today() - timedelta(days=days)


def watched(rep):
    return [(one.why, one.days) for one in to_watch(rep, clock.today())]


def test_beside_the_case_stands_who_carries_it_and_since_when(client: Client, order, rep):
    leave(order, rep, carrier="DHL", tracking="JD0144", expected_on=clock.today() + timedelta(days=2))
    case = receive(build.mail("Où en est notre commande PO-77341 ?")).case
    client.force_login(rep)
    page = client.get(case.get_absolute_url()).content.decode()
    for text in ("DHL", "JD0144", "10 × 4 pcs"):
        assert text in page


def test_what_should_have_arrived_and_what_nobody_can_follow_is_in_my_day(client: Client, order, rep):
    leave(order, rep, handed_over_on=ago(5), expected_on=ago(2), carrier="DHL", tracking="JD0144")
    leave(order, rep, 6, handed_over_on=ago(1), carrier="DSV")
    leave(order, rep, 6, position=20, tracking="JD2", carrier="DHL")
    assert watched(rep) == [("late", 2), ("untracked", 1)]
    assert watched(build.member()) == []
    client.force_login(rep)
    page = client.get("/day/?part=unfinished").content.decode()
    assert "2 days ago" in page
    assert "without a tracking number" in page


def test_what_arrived_later_than_promised_is_there_for_some_days(order, rep):
    sent = leave(order, rep, 10)
    row = build.schedule_line(order)
    with clock.at(build.noon(row.promised_on + timedelta(days=3))):
        deliver(sent, by=rep)
        assert watched(rep) == [("came_late", 3)]
    with clock.at(build.noon(row.promised_on + timedelta(days=9))):
        assert watched(rep) == []


def test_what_did_not_leave_is_nobodys_worry(order, rep):
    withdraw(leave(order, rep, handed_over_on=ago(5), expected_on=ago(2)), by=rep, reason="Mistake")
    assert watched(rep) == []


def test_the_report_names_what_travels_by_its_tracking_number(order, rep):
    leave(order, rep, carrier="DHL", tracking="JD0144")
    deliver(leave(order, rep, 2, carrier="DSV", tracking="OLD1"), by=rep)
    first, second = open_rows(order.customer)
    assert (first.tracking, second.tracking) == (("DHL JD0144",), ())


def test_the_same_asked_for_twice_does_not_ask_the_database_more(order, rep, django_assert_max_num_queries):
    for number in range(4):
        leave(order, rep, 1, carrier="DHL", tracking=f"JD{number}", handed_over_on=ago(5), expected_on=ago(2))
    with django_assert_max_num_queries(2):
        assert len(to_watch(rep, clock.today())) == 4
