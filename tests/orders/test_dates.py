"""Moving dates."""

from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, Denied, perform
from comptoir.actions.door import preview
from comptoir.actions.registry import ACTIONS
from comptoir.catalog.models import Reservation
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.actions import hold, pull_in, push_out, set_expected
from comptoir.orders.models import OrderHold, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import Role
from comptoir.promises.models import Promise
from tests import build
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return build.order(build.customer())


def test_pulling_in_moves_the_promise_the_reservation_and_the_version_and_nothing_else(order):
    row = build.schedule_line(order)
    change = pull_in(row, by=build.member(), to=build.workday(8), reason=build.reason())
    row.refresh_from_db()
    assert (row.promised_on, row.first_promised_on, row.requested_on) == (
        build.workday(8), build.workday(15), build.workday(15),
    )  # fmt: skip
    assert Reservation.objects.get(schedule_line_id=row.pk).needed_on == row.ship_by_on
    assert (change.version_from, change.version_to) == (1, 2)
    assert [(s.before, s.after) for s in change.steps.all()] == [
        (build.workday(15).isoformat(), build.workday(8).isoformat())
    ]
    promises = Promise.objects.on(row).order_by("pk")
    assert [p.state for p in promises] == ["revised", "open"]
    assert promises[1].original_due_at == promises[0].due_at
    assert not [finding for finding in invariants() if finding.count]


def test_pushing_out_tells_the_story_with_both_days(order):
    row = build.schedule_line(order)
    push_out(row, by=build.member(), to=build.workday(20), reason=build.reason())
    moved = next(event for event in story(order) if event.verb == "orders.date_moved")
    assert moved.data["before"] == build.workday(15).isoformat()
    assert moved.data["after"] == build.workday(20).isoformat()


def saturday():
    day = clock.today() + timedelta(days=7)
    return day + timedelta(days=(5 - day.weekday()) % 7)


@pytest.mark.parametrize(
    ("act", "day", "told"),
    [
        (pull_in, lambda: build.workday(15), "not earlier"),
        (push_out, lambda: build.workday(15), "not later"),
        (pull_in, lambda: clock.today(), "too near"),
        (pull_in, saturday, "not a working day"),
        (pull_in, lambda: build.workday(1), "usual transport"),
    ],
)
def test_an_impossible_day_is_refused_and_nothing_changes(order, act, day, told):
    row = build.schedule_line(order)
    before = facts()
    with pytest.raises(ActionError, match=told):
        act(row, by=build.member(), to=day(), reason=build.reason())
    assert facts() == before


def test_extra_freight_arrives_faster_than_the_usual_transit(order):
    build.limit(Role.REP, "100")
    row = build.schedule_line(order)
    change = pull_in(
        row, by=build.member(), to=build.workday(1), reason=build.reason(), freight_cost=Money.of("80", "EUR")
    )
    row.refresh_from_db()
    assert row.ship_by_on == clock.today()
    assert change.freight == Money(Decimal("80.0000"), "EUR")


def test_stock_that_others_have_is_not_taken(order):
    product = build.schedule_line(order).line.product
    stock = product.stock.get()
    stock.on_hand = 10
    stock.save()
    build.supply(product, 10, days=30)
    from comptoir.orders.actions import NewLine, confirm, place

    other = place(
        build.customer("Another"), by=build.member(), site=build.site(),
        lines=[NewLine(product, Decimal(10), build.workday(40))],
    )  # fmt: skip
    confirm(other, by=build.member())
    row = build.schedule_line(other)
    before = facts()
    with pytest.raises(ActionError, match="at the earliest"):
        pull_in(row, by=build.member(), to=build.workday(6), reason=build.reason())
    assert facts() == before


def test_an_order_on_hold_and_goods_on_the_way_do_not_move(order):
    row, member = build.schedule_line(order), build.member()
    hold(order, by=member, kind=OrderHold.Kind.EXPORT)
    before = facts()
    with pytest.raises(ActionError, match="on hold"):
        pull_in(row, by=member, to=build.workday(8), reason=build.reason())
    assert facts() == before
    OrderHold.objects.update(lifted_at=clock.now())
    ScheduleLine.objects.update(state="shipped", shipped_quantity=10)
    before = facts()
    with pytest.raises(ActionError, match="cannot be changed"):
        pull_in(row, by=member, to=build.workday(8), reason=build.reason())
    assert facts() == before


def test_nobody_moves_dates_of_their_own_account(order):
    member = build.member()
    order.customer.staff_member = member
    order.customer.save()
    before = facts()
    with pytest.raises(Denied, match="own"):
        pull_in(build.schedule_line(order), by=member, to=build.workday(8), reason=build.reason())
    assert facts() == before


def test_the_effect_on_promise_and_stock_is_shown_before_and_shown_only(order):
    row = build.schedule_line(order)
    before = facts()
    shown = preview(ACTIONS["orders.pull_in"], row, build.member(), {"to": build.workday(8), "reason": build.reason()})
    assert [change.label.split(" on ")[0] for change in shown.changes] == [
        "Promised delivery", "Has to leave by", "Free stock",
    ]  # fmt: skip
    assert (shown.changes[2].before, shown.changes[2].after) == ("90", "90")
    assert facts() == before


def test_a_form_offers_reasons_of_its_kind_only(order):
    from comptoir.actions import InvalidInput

    inputs = {"to": build.workday(8).isoformat(), "reason": str(build.reason("hold").pk), "initiator": "customer"}
    before = facts()
    with pytest.raises(InvalidInput) as refused:
        perform("orders.pull_in", subject=build.schedule_line(order), by=build.member(), inputs=inputs)
    assert list(refused.value.errors) == ["reason"]
    assert facts() == before
    inputs["reason"] = str(build.reason().pk)
    assert perform("orders.pull_in", subject=build.schedule_line(order), by=build.member(), inputs=inputs).result


def test_the_expected_day_is_a_fact_of_its_own_and_makes_no_version(order):
    row = build.schedule_line(order)
    set_expected(row, by=build.member(), to=build.workday(18), reason=build.reason("delay"))
    row.refresh_from_db()
    order.refresh_from_db()
    assert (row.expected_on, row.promised_on, order.version) == (build.workday(18), build.workday(15), 1)
    ScheduleLine.objects.update(state="delivered", shipped_quantity=10, delivered_quantity=10)
    before = facts()
    with pytest.raises(ActionError, match="cannot be changed"):
        set_expected(row, by=build.member(), to=build.workday(19))
    assert facts() == before


def test_a_row_loaded_long_ago_does_not_undo_what_happened_since(order):
    from comptoir.orders.actions import cancel_quantity

    stale = ScheduleLine.objects.select_related("line", "order").get(order=order)
    assert stale.line.cancelled_quantity == 0
    for row in (build.schedule_line(order), stale):
        cancel_quantity(row, by=build.member(), quantity=Decimal(2), reason=build.reason("cancel"))
    assert stale.line.cancelled_quantity == 4
    assert not [finding for finding in invariants() if finding.count]
