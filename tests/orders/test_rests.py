"""What has not left of a partly shipped schedule line is changed on its own; what has left stays as it was."""

from decimal import Decimal
from typing import Any

import pytest

from comptoir.actions import ActionError
from comptoir.actions.door import preview
from comptoir.actions.registry import ACTIONS
from comptoir.cases.actions.handoffs import answer_hand_off, hand_off_line
from comptoir.cases.models import HandOff
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions.counts import correct_stock
from comptoir.catalog.models import Reservation, Site, Stock
from comptoir.fulfilment import queries as fulfilment
from comptoir.fulfilment.actions import Shipped, deliver, ship, undo_delivery, withdraw
from comptoir.fulfilment.models import Shipment
from comptoir.lib.days import day as said
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.actions.dates import rest_facts
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.demand import unreleased
from comptoir.orders.impact import impact_of
from comptoir.orders.models import Order, OrderChange, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.orders.whatif import what_if
from comptoir.people import Role, system
from comptoir.promises.models import Promise
from tests import build
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """Ten are promised for the fifteenth working day; a hundred lie there."""
    return build.order(build.customer())


def leave(order: Order, quantity: int = 7) -> Shipment:
    row = build.schedule_line(order)
    return ship(order, by=build.member(), lines=[Shipped(row, Decimal(quantity))], carrier="DHL")


def agree(order: Order) -> Order:
    """Everything adds up, and what was confirmed last is what stands."""
    found = (*invariants(), *catalog.invariants(), *fulfilment.invariants())
    assert not [finding for finding in found if finding.count]
    fresh = Order.objects.get(pk=order.pk)
    assert snapshot(fresh) == fresh.versions.get(version=fresh.version).snapshot
    return fresh


def parts(order: Order) -> list[tuple[Any, ...]]:
    rows = order.schedule_lines.order_by("position")
    return [(row.state, row.quantity, row.shipped_quantity, row.promised_on) for row in rows]


def rest(order: Order) -> ScheduleLine:
    return ScheduleLine.objects.select_related("line__product", "order__site", "order__ship_to").get(
        order=order, position=2
    )


def test_the_rest_is_pulled_in_as_a_schedule_line_of_its_own(order):
    shipment, row, by = leave(order), build.schedule_line(order), build.member()
    before = Promise.objects.standing().on(row).get()
    made = orders.pull_in(row, by=by, to=build.workday(8), reason=build.reason())
    usual, near = build.workday(15), build.workday(8)
    assert parts(order) == [("shipped", 7, 7, usual), ("promised", 3, 0, near)]
    assert (agree(order).version, made.steps.get().schedule_line) == (2, rest(order))
    held = Reservation.objects.get()
    assert (held.schedule_line_id, held.quantity, held.needed_on) == (rest(order).pk, 3, rest(order).ship_by_on)
    before.refresh_from_db()
    assert (before.state, before.due_on) == ("open", usual)
    first, now = Promise.objects.on(rest(order)).order_by("pk")
    assert (first.state, first.due_on, first.reason, first.revised_to) == ("revised", usual, "Customer asks", now)
    assert (now.due_on, now.original_due_at, now.owner) == (near, before.original_due_at, before.owner)
    deliver(shipment, by=by)
    before.refresh_from_db()
    assert (before.state, before.evidence_id, order.schedule_lines.first().state) == ("kept", shipment.pk, "delivered")
    agree(order)


def test_the_rest_is_cancelled_and_the_order_is_fulfilled_by_what_had_left(order):
    deliver(leave(order), by=build.member())
    row = build.schedule_line(order)
    shown = preview(ACTIONS["orders.cancel_quantity"], row, build.member(), {"reason": build.reason("cancel")})
    assert [told for _name, told in rest_facts(row)] == ["7 pcs", "3 pcs"]
    assert (shown.changes[0].before.split(",")[0], shown.changes[1].after) == ("3 pcs", "€87.50")
    orders.cancel_quantity(row, by=build.member(), reason=build.reason("cancel"))
    assert [one[:3] for one in parts(order)] == [("delivered", 7, 7), ("cancelled", 0, 0)]
    line = order.lines.get()
    assert (line.quantity, line.cancelled_quantity, line.net) == (10, 3, Decimal("87.5"))
    assert [one.state for one in Promise.objects.order_by("subject_id")] == ["kept", "withdrawn"]
    assert (agree(order).state, Reservation.objects.exists()) == ("fulfilled", False)


def test_what_had_arrived_already_is_kept_when_the_rest_goes_its_own_way_and_that_can_be_undone(order):
    shipment = leave(order)
    deliver(shipment, by=build.member())
    orders.push_out(build.schedule_line(order), by=build.member(), to=build.workday(20), reason=build.reason())
    kept = Promise.objects.get(state="kept")
    assert (kept.evidence_noun, kept.evidence_id, kept.subject_id) == (
        "shipment",
        shipment.pk,
        build.schedule_line(order).pk,
    )
    undo_delivery(shipment, by=build.member())
    withdraw(shipment, by=build.member(), reason="Mistake")
    assert [one[:3] for one in parts(order)] == [("promised", 7, 0), ("promised", 3, 0)]
    assert dict(Reservation.objects.values_list("schedule_line_id", "quantity")) == {
        row.pk: row.quantity for row in order.schedule_lines.all()
    }
    assert agree(order).state == "confirmed"


def test_the_rest_is_split(order):
    leave(order, 5)
    row, before = build.schedule_line(order), facts()
    with pytest.raises(ActionError, match="less than 5"):
        orders.split(row, by=build.member(), quantity=Decimal(5), to=build.workday(20), reason=build.reason("split"))
    assert facts() == before
    orders.split(row, by=build.member(), quantity=Decimal(2), to=build.workday(20), reason=build.reason("split"))
    assert [one[:3] for one in parts(order)] == [("shipped", 5, 5), ("promised", 3, 0), ("promised", 2, 0)]
    agree(order)


def test_the_rest_becomes_more_on_another_day_by_one_change(order):
    """Seven of ten left; of the other three five are wanted, later."""
    leave(order)
    row = build.schedule_line(order)
    more = Step("quantity", schedule_line=row, quantity=Decimal(12))  # type: ignore[arg-type]
    later = Step("date", schedule_line=row, day=build.workday(18))  # type: ignore[arg-type]
    seen = impact_of(order, [more, later], by=build.member(), cost=None, initiator="customer")
    assert [one.after for one in seen.changes if "promised" in one.label] == [
        "7 pcs, {}; 5 pcs, {}".format(*(said(build.workday(n)) for n in (15, 18)))
    ]
    made = orders.change(order, by=build.member(), steps=[more, later])
    assert parts(order) == [("shipped", 7, 7, build.workday(15)), ("promised", 5, 0, build.workday(18))]
    assert [(s.before, s.after) for s in made.steps.filter(type="quantity")] == [("3", "5")]
    line = order.lines.get()
    assert (line.quantity, line.cancelled_quantity, line.net) == (12, 0, 150)
    assert (agree(order).version, Reservation.objects.get().quantity) == (2, 5)


@pytest.mark.parametrize(("kind", "quantity"), [("quantity", 7), ("quantity", 5), ("cancel", 6), ("split", 3)])
def test_what_has_left_is_not_changed_under(order, kind, quantity):
    leave(order)
    before = facts()
    step = Step(kind, schedule_line=build.schedule_line(order), quantity=Decimal(quantity), day=build.workday(20))
    with pytest.raises(ActionError, match="have left: only 3"):
        orders.change(order, by=build.member(), steps=[step])
    assert facts() == before


def test_all_of_the_rest_is_cancelled_by_a_change(order):
    leave(order)
    row = build.schedule_line(order)
    orders.change(order, by=build.member(), steps=[Step("cancel", schedule_line=row, quantity=Decimal(7))])  # type: ignore[arg-type]
    assert [one[:3] for one in parts(order)] == [("shipped", 7, 7), ("cancelled", 0, 0)]
    assert agree(order).state == "in_fulfilment"


def offered(order: Order, *steps: Step) -> OrderChange:
    return orders.offer_change(order, by=build.member(), steps=list(steps))


def test_what_was_offered_before_a_part_left_is_about_the_rest_when_it_is_accepted(order):
    row = build.schedule_line(order)
    one = offered(
        order,
        Step("quantity", schedule_line=row, quantity=Decimal(12)),  # type: ignore[arg-type]
        Step("date", schedule_line=row, day=build.workday(18)),  # type: ignore[arg-type]
    )
    leave(order)
    orders.accept_change(one, by=system(), said_by="Claire")
    one.refresh_from_db()
    assert (one.state, one.version_to) == ("applied", 2)
    assert parts(order) == [("shipped", 7, 7, build.workday(15)), ("promised", 5, 0, build.workday(18))]
    agree(order)


@pytest.mark.parametrize(("kind", "quantity"), [("quantity", 5), ("cancel", 0), ("split", 4)])
def test_what_was_offered_and_has_left_meanwhile_is_a_conflict_the_rep_sees(order, kind, quantity):
    row = build.schedule_line(order)
    one = offered(order, Step(kind, schedule_line=row, quantity=Decimal(quantity), day=build.workday(20)))
    leave(order)
    orders.accept_change(one, by=system(), said_by="Claire")
    one.refresh_from_db()
    assert (one.state, parts(order)) == ("accepted", [("promised", 10, 7, build.workday(15))])
    assert "7 of" in one.answer
    assert "only 3 can still be changed" in one.answer
    with pytest.raises(ActionError, match="have left"):
        orders.apply_change(one, by=build.member(), take=list(one.steps.all()))
    orders.apply_change(one, by=build.member(), keep=list(one.steps.all()))
    assert agree(order).version == 1


def test_what_is_negotiated_follows_the_rest_when_another_change_takes_it_apart(order):
    row = build.schedule_line(order)
    more = offered(order, Step("quantity", schedule_line=row, quantity=Decimal(12)))  # type: ignore[arg-type]
    fewer = offered(order, Step("quantity", schedule_line=row, quantity=Decimal(6)))  # type: ignore[arg-type]
    leave(order)
    orders.push_out(row, by=build.member(), to=build.workday(20), reason=build.reason())
    step = more.steps.get()
    assert (step.schedule_line, step.before, step.after) == (rest(order), "3", "5")
    orders.accept_change(more, by=system(), said_by="Claire")
    assert parts(order) == [("shipped", 7, 7, build.workday(15)), ("promised", 5, 0, build.workday(20))]
    orders.accept_change(fewer, by=system(), said_by="Claire")
    fewer.refresh_from_db()
    assert (fewer.state, fewer.answer.endswith("cannot be changed any more: Shipped.")) == ("accepted", True)
    agree(order)


def test_goods_that_lack_lack_to_the_rest_alone(order):
    leave(order)
    row = build.schedule_line(order)
    keeper = build.member(Role.ADMINISTRATOR)
    correct_stock(row.line.product, by=keeper, site=order.site, on_hand=Decimal(1), reason="Broken")
    assert Promise.objects.get(at_risk_at__isnull=False).cause["lacks"] == "2"
    cause = Promise.objects.on(row).get().cause
    orders.cancel_quantity(row, by=build.member(), quantity=Decimal(1), reason=build.reason("cancel"))
    assert Promise.objects.standing().on(row).get().at_risk_at is None
    assert Promise.objects.standing().on(rest(order)).get().cause == {**cause, "lacks": "1"}
    assert Stock.objects.get(product=row.line.product).is_short
    agree(order)


def test_goods_of_a_rest_are_lent(order):
    leave(order)
    other = build.schedule_line(order)
    product = other.line.product
    Stock.objects.filter(product=product).update(on_hand=3)
    build.supply(product, 20, 40)
    wants = orders.place(
        build.customer("Nordisk", country="DK"), by=system(), site=build.site(),
        lines=[orders.NewLine(product, Decimal(3), build.workday(60))],
    )  # fmt: skip
    row = build.schedule_line(orders.confirm(wants, by=system()))
    seen = what_if(row_of(row), build.workday(10), build.member())
    assert "3 pcs" in next(one for one in seen.options if one.kind == "lend").told[0]
    orders.lend(row, by=build.member(Role.SENIOR), other=other, to=build.workday(10), reason=build.reason())
    assert [one[:3] for one in parts(order)] == [("shipped", 7, 7), ("promised", 3, 0)]
    assert rest(order).promised_on > build.workday(15)
    agree(order)
    agree(wants)


def test_another_site_supplies_the_rest_and_the_day_stands(order):
    leave(order)
    row = build.schedule_line(order)
    east = Site.objects.create(code="EAST", name="East", country="BE", time_zone="Europe/Brussels")
    Stock.objects.create(product=row.line.product, site=east, on_hand=3)
    orders.supply_from(row, by=build.member(), site=east, to=build.workday(15), reason=build.reason())
    assert [one[:3] for one in parts(order)] == [("shipped", 7, 7), ("promised", 3, 0)]
    assert (rest(order).site, build.schedule_line(order).site, agree(order).version) == (east, order.site, 2)
    assert Reservation.objects.get().stock.site == east


def row_of(row: ScheduleLine) -> ScheduleLine:
    return ScheduleLine.objects.select_related("line__product", "order__customer", "order__ship_to", "order__site").get(
        pk=row.pk
    )


def test_the_ways_to_another_day_are_about_the_rest(order):
    leave(order)
    row = row_of(build.schedule_line(order))
    Stock.objects.filter(product=row.line.product).update(on_hand=3)
    seen = what_if(row, build.workday(10), build.member())
    assert (seen.lacks, seen.options[0].title.split(" on ")[0]) == (0, "All 3 pcs")


def test_what_planning_was_asked_and_has_to_know_is_about_the_rest(order):
    leave(order)
    row, planner = build.schedule_line(order), build.member(Role.SUPERVISOR)
    asked = hand_off_line(row, by=build.member(), department=planner.teams.get().department, question="When?")
    answer_hand_off(asked, by=planner, answer=HandOff.Answer.COUNTER, day=build.workday(20), text="Then")
    orders.push_out(row, by=build.member(), to=build.workday(20), reason=build.reason())
    asked.refresh_from_db()
    assert asked.object_id == rest(order).pk
    assert [(one.row, one.quantity) for one in unreleased()] == [(rest(order), 3)]
