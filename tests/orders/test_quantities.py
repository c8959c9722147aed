"""Splitting, cancelling, holding."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, Denied
from comptoir.actions.door import preview
from comptoir.actions.registry import ACTIONS
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation, Stock
from comptoir.events.queries import story
from comptoir.orders.actions import cancel_quantity, hold, lift_hold, split
from comptoir.orders.models import Order, OrderHold, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import Role
from comptoir.promises.models import Promise
from tests import build
from tests.conftest import Lasting
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[Order]:
    with lasting():
        yield build.order(build.customer())


@pytest.fixture
def order(made: Order) -> Order:
    return build.fresh(made)


def agree() -> None:
    assert not [finding for finding in (*invariants(), *catalog.invariants()) if finding.count]


def test_a_split_keeps_what_was_first_promised_for_each_part(order):
    row = build.schedule_line(order)
    split(row, by=build.member(), quantity=Decimal(4), to=build.workday(20), reason=build.reason("split"))
    rows = list(order.schedule_lines.all())
    assert [(r.quantity, r.promised_on, r.first_promised_on, r.requested_on) for r in rows] == [
        (Decimal(6), build.workday(15), build.workday(15), build.workday(15)),
        (Decimal(4), build.workday(20), build.workday(15), build.workday(20)),
    ]
    due = [Promise.objects.standing().on(r).get() for r in rows]
    assert due[0].original_due_at == due[1].original_due_at
    assert sum(held.quantity for held in Reservation.objects.all()) == 10
    agree()


def test_what_we_split_ourselves_keeps_the_customers_wish(order):
    split(
        build.schedule_line(order), by=build.member(), quantity=Decimal(4), to=build.workday(20),
        reason=build.reason("split"), initiator="planner",
    )  # fmt: skip
    assert {row.requested_on for row in order.schedule_lines.all()} == {build.workday(15)}


@pytest.mark.parametrize("quantity", [0, 10, 11, -2])
def test_a_split_takes_a_part(order, quantity):
    before = facts()
    with pytest.raises(ActionError, match="more than nothing"):
        split(
            build.schedule_line(order), by=build.member(), quantity=Decimal(quantity), to=build.workday(20),
            reason=build.reason("split"),
        )  # fmt: skip
    assert facts() == before


def test_a_split_for_an_impossible_day_changes_nothing(order):
    stock = Stock.objects.get(product=build.schedule_line(order).line.product)
    stock.on_hand = 0
    stock.save()
    build.supply(stock.product, 10, days=8)
    before = facts()
    with pytest.raises(ActionError, match="at the earliest"):
        split(
            build.schedule_line(order), by=build.member(), quantity=Decimal(4), to=build.workday(4),
            reason=build.reason("split"),
        )  # fmt: skip
    assert facts() == before


def test_cancelling_a_part_gives_stock_back_and_lowers_the_net(order):
    row = build.schedule_line(order)
    shown = preview(
        ACTIONS["orders.cancel_quantity"], row, build.member(),
        {"quantity": Decimal(3), "reason": build.reason("cancel")},
    )  # fmt: skip
    assert [(c.before, c.after) for c in shown.changes][1] == ("€125.00", "€87.50")
    cancel_quantity(row, by=build.member(), quantity=Decimal(3), reason=build.reason("cancel"))
    line = order.lines.get()
    assert (line.quantity, line.cancelled_quantity, line.net) == (Decimal(10), Decimal(3), Decimal("87.5"))
    assert Reservation.objects.get().quantity == 7
    agree()


def test_cancelling_is_never_refused_for_want_of_stock(order):
    Stock.objects.update(on_hand=2)
    cancel_quantity(build.schedule_line(order), by=build.member(), quantity=Decimal(3), reason=build.reason("cancel"))
    assert Reservation.objects.get().quantity == 7


def test_cancelling_everything_withdraws_the_promise_and_ends_the_order(order):
    row = build.schedule_line(order)
    cancel_quantity(row, by=build.member(), reason=build.reason("cancel"))
    order.refresh_from_db()
    row.refresh_from_db()
    assert (order.state, row.state, order.version) == (Order.State.CANCELLED, "cancelled", 2)
    assert not Reservation.objects.exists()
    assert Promise.objects.get().state == Promise.State.WITHDRAWN
    agree()


def test_an_order_with_something_left_goes_on():
    order = build.order(build.customer(), products=2)
    cancel_quantity(build.schedule_line(order, 20), by=build.member(), reason=build.reason("cancel"))
    order.refresh_from_db()
    assert order.state == Order.State.CONFIRMED
    assert [line["quantity"] for line in order.versions.get(version=2).snapshot["lines"]] == ["10.000", "0.000"]


def test_what_was_shipped_is_not_cancelled(order):
    ScheduleLine.objects.update(state="shipped", shipped_quantity=10)
    before = facts()
    with pytest.raises(ActionError, match="cannot be changed"):
        cancel_quantity(build.schedule_line(order), by=build.member(), reason=build.reason("cancel"))
    assert facts() == before


def test_more_than_there_is_cannot_be_cancelled(order):
    before = facts()
    with pytest.raises(ActionError, match="At most 10"):
        cancel_quantity(
            build.schedule_line(order), by=build.member(), quantity=Decimal(11), reason=build.reason("cancel")
        )
    assert facts() == before


def test_a_hold_is_put_by_anybody_once_and_lifted_by_a_senior(order):
    rep = build.member()
    held = hold(order, by=rep, kind=OrderHold.Kind.CREDIT)
    before = facts()
    with pytest.raises(ActionError, match="already"):
        hold(order, by=rep, kind=OrderHold.Kind.CREDIT)
    with pytest.raises(Denied, match="Senior"):
        lift_hold(held, by=rep)
    assert facts() == before
    lift_hold(held, by=build.member(Role.SENIOR))
    assert not order.holds.filter(lifted_at=None).exists()
    assert [event.verb for event in story(order)][:2] == ["orders.hold_lifted", "orders.held"]


def test_the_database_itself_refuses_more_reserved_than_there_is(order):
    from django.db import IntegrityError, transaction

    stock = Stock.objects.get()
    with pytest.raises(IntegrityError, match="is asked for"), transaction.atomic():
        Reservation.objects.create(stock=stock, schedule_line_id=0, quantity=91, needed_on=build.workday(3))
    assert Reservation.objects.count() == 1
