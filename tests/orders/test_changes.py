"""A change of a confirmed order: several steps at once, asked for, offered, answered, merged with what happened meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.due import tick
from comptoir.actions.models import LimitUse
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation, Stock
from comptoir.customers.models import Address
from comptoir.events.models import Event
from comptoir.fulfilment.actions import Shipped, ship
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.models import EntryRule, Order, OrderChange, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import Role, system
from comptoir.promises.models import Promise
from tests import build
from tests.conftest import Lasting
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[Order]:
    """Two lines of ten, both promised for the fifteenth working day; a hundred of each lie there."""
    with lasting():
        yield build.order(build.customer(), products=2)


@pytest.fixture
def order(made: Order) -> Order:
    return build.fresh(made)


def row_of(order: Order, position: int = 10) -> ScheduleLine:
    return build.schedule_line(order, position)


def moved(row: ScheduleLine, days: int, **more: Any) -> Step:
    return Step("date", schedule_line=row, day=build.workday(days), **more)  # type: ignore[arg-type]


def counted(row: ScheduleLine, quantity: int, **more: Any) -> Step:
    return Step("quantity", schedule_line=row, quantity=Decimal(quantity), **more)  # type: ignore[arg-type]


def priced(row: ScheduleLine, price: str) -> Step:
    return Step("price", line=row.line, unit_price=Decimal(price))  # type: ignore[arg-type]


def agree(order: Order) -> Order:
    """Everything adds up, and what was confirmed last is what stands."""
    assert not [finding for finding in (*invariants(), *catalog.invariants()) if finding.count]
    fresh = Order.objects.get(pk=order.pk)
    assert snapshot(fresh) == fresh.versions.get(version=fresh.version).snapshot
    return fresh


def test_every_type_of_step_at_once_makes_one_version(order):
    first, second = row_of(order), row_of(order, 20)
    place = Address.objects.create(customer=order.customer, name="Annexe", street="1 quai", city="Lyon", country="FR")
    steps = [
        counted(first, 12), moved(first, 18), priced(first, "11.00"), Step("cancel", schedule_line=second, quantity=Decimal(4)),
        Step("add", product=build.product("Seal"), quantity=Decimal(3), day=build.workday(20)),
        Step("ship_to", address=place),
    ]  # fmt: skip
    made = orders.change(order, by=build.member(Role.MANAGER), steps=steps, note="By phone")
    fresh = agree(order)
    assert (made.state, made.version_from, made.version_to, fresh.version) == ("applied", 1, 2, 2)
    assert [(r.line.position, r.quantity, r.promised_on) for r in fresh.schedule_lines.all()] == [
        (10, 12, build.workday(18)), (20, 4, build.workday(15)), (30, 3, build.workday(20)),
    ]  # fmt: skip
    line = fresh.lines.get(position=10)
    assert (line.quantity, line.unit_price, line.net, fresh.ship_to) == (12, 11, 132, place)
    assert fresh.lines.get(position=20).cancelled_quantity == 6
    assert dict(Reservation.objects.values_list("schedule_line_id", "quantity")) == {
        r.pk: r.quantity for r in fresh.schedule_lines.all()
    }
    assert {step.outcome for step in made.steps.all()} == {"done"}


def test_a_line_is_removed_with_its_promises(order):
    row = row_of(order)
    orders.split(row, by=build.member(), quantity=Decimal(4), to=build.workday(20), reason=build.reason("split"))
    orders.change(order, by=build.member(), steps=[Step("remove", line=row.line)])
    fresh = agree(order)
    assert {r.state for r in fresh.schedule_lines.filter(line=row.line)} == {"cancelled"}
    assert (fresh.lines.get(position=10).open_quantity, fresh.state) == (0, "confirmed")
    assert not Promise.objects.standing().filter(subject_id=row.pk, subject_noun="scheduleline").exists()


def test_removing_every_line_ends_the_order(order):
    steps = [Step("remove", line=line) for line in order.lines.all()]
    orders.change(order, by=build.member(), steps=steps)
    assert agree(order).state == "cancelled"


def test_every_line_in_exchange_for_another_one_leaves_the_order_standing(order):
    steps = [Step("remove", line=line) for line in order.lines.all()]
    more = Step("add", product=build.product("Seal"), quantity=Decimal(3), day=build.workday(20))
    orders.change(order, by=build.member(), steps=[*steps, more])
    assert agree(order).state == "confirmed"


@pytest.mark.parametrize("other", ["quantity", "split", "cancel", "date", "price"])
def test_nothing_else_is_changed_of_a_line_that_is_removed(order, other):
    row, before = row_of(order), facts()
    wanted = {
        "quantity": counted(row, 12), "date": moved(row, 18), "price": priced(row, "11.00"),
        "split": Step("split", schedule_line=row, quantity=Decimal(4), day=build.workday(20)),
        "cancel": Step("cancel", schedule_line=row, quantity=Decimal(0)),
    }[other]  # fmt: skip
    with pytest.raises(ActionError, match="is removed"):
        orders.change(order, by=build.member(), steps=[wanted, Step("remove", line=row.line)])
    assert facts() == before


def test_one_impossible_step_undoes_all_of_them(order):
    before = facts()
    with pytest.raises(ActionError, match="No planned supply"):
        orders.change(order, by=build.member(), steps=[moved(row_of(order, 20), 18), counted(row_of(order), 500)])
    assert facts() == before


def test_what_gives_goods_back_comes_before_what_takes_them(order):
    """All hundred are set aside; twenty on a new line are there only because the other line gives them up."""
    other = build.order(order.customer, quantity=100)
    row, product = row_of(other), row_of(other).line.product
    more = Step("add", product=product, quantity=Decimal(20), day=build.workday(15))  # type: ignore[arg-type]
    with pytest.raises(ActionError, match="No planned supply"):
        orders.change(other, by=build.member(), steps=[more])
    orders.change(other, by=build.member(), steps=[more, counted(row, 70)])
    assert [r.quantity for r in agree(other).schedule_lines.all()] == [70, 20]


def test_what_was_shipped_is_not_changed_under(order):
    row = row_of(order)
    ship(order, by=build.member(), lines=[Shipped(row, Decimal(4))])
    before = facts()
    for step in (counted(row, 3), Step("remove", line=row.line)):
        with pytest.raises(ActionError, match=r"have left|has left"):
            orders.change(order, by=build.member(), steps=[step])
    with pytest.raises(ActionError, match="address"):
        elsewhere = Address.objects.create(customer=order.customer, name="B", street="2", city="Lille", country="FR")
        orders.change(order, by=build.member(), steps=[Step("ship_to", address=elsewhere)])
    elsewhere.delete()
    assert facts() == before


@pytest.mark.parametrize("sent", ["foreign row", "twice", "nothing", "foreign address", "unnamed", "cancels to more"])
def test_steps_that_make_no_sense_are_refused_with_a_sentence(order, sent):
    row, other = row_of(order), build.order(build.customer("Nordisk"))
    steps = {
        "foreign row": [counted(row_of(other), 3)],
        "twice": [counted(row, 3), Step("cancel", schedule_line=row, quantity=Decimal(2))],
        "nothing": [counted(row, 10)],
        "foreign address": [Step("ship_to", address=other.ship_to)],
        "unnamed": [Step("price", unit_price=Decimal(3))],
        "cancels to more": [Step("cancel", schedule_line=row, quantity=Decimal(12))],
    }[sent]
    before = facts()
    with pytest.raises(ActionError):
        orders.change(order, by=build.member(), steps=steps)
    assert facts() == before


def test_a_quantity_finer_than_what_is_counted_is_refused(order):
    row, by, fine, before = row_of(order), build.member(), Decimal("3.3335"), facts()
    acts = [
        lambda: orders.split(row, by=by, quantity=fine, to=build.workday(18), reason=build.reason("split")),
        lambda: orders.cancel_quantity(row, by=by, quantity=fine, reason=build.reason("cancel")),
        lambda: orders.change(order, by=by, steps=[Step("quantity", schedule_line=row, quantity=fine)]),  # type: ignore[arg-type]
        lambda: ship(order, by=by, lines=[Shipped(row, fine)]),
    ]
    for act in acts:
        with pytest.raises(ActionError, match="three decimals"):
            act()
    assert facts() == before


def test_a_price_below_the_limit_of_the_role_is_asked_for(order):
    EntryRule.objects.create(kind="discount", role="rep", percent=Decimal(5))
    EntryRule.objects.create(kind="discount", role="manager", percent=Decimal(50))
    with pytest.raises(SentForApproval):
        orders.change(order, by=build.member(), steps=[priced(row_of(order), "8.00")])
    assert agree(order).version == 1
    orders.change(order, by=build.member(Role.MANAGER), steps=[priced(row_of(order), "8.00")])
    assert agree(order).version == 2


def test_more_than_the_credit_allows_holds_the_order_and_less_never_does(order):
    order.customer.credit_limit = Decimal(260)
    order.customer.save()
    orders.change(order, by=build.member(), steps=[counted(row_of(order), 9)])
    assert not Order.objects.get(pk=order.pk).standing_holds
    orders.change(order, by=build.member(), steps=[counted(row_of(order), 30)])
    assert [held.kind for held in agree(order).standing_holds] == ["credit"]


def test_extra_freight_draws_on_the_limit_and_allows_a_nearer_day(order):
    build.limit(Role.REP, "100", action="orders.change")
    row, near = row_of(order), build.workday(1)
    step = Step("date", schedule_line=row, day=near)
    with pytest.raises(ActionError, match="faster one"):
        orders.change(order, by=build.member(), steps=[step])
    orders.change(order, by=build.member(), steps=[step], freight_cost=Money.of("80", "EUR"))
    assert LimitUse.objects.get().amount == 80
    assert agree(order).schedule_lines.first().promised_on == near


def offered(order: Order, *steps: Step, **more: Any) -> OrderChange:
    return orders.offer_change(order, by=build.member(), steps=list(steps), **more)


def test_an_offer_changes_nothing_until_the_customer_accepts(order):
    one = offered(order, moved(row_of(order), 12))
    assert (agree(order).version, one.state, one.valid_until) == (1, "offered", clock.today() + timedelta(days=7))
    orders.accept_change(one, by=system(), said_by="Claire")
    one.refresh_from_db()
    assert (one.state, one.version_to, agree(order).version) == ("applied", 2, 2)
    assert row_of(order).promised_on == build.workday(12)
    with pytest.raises(ActionError, match="Applied"):
        orders.accept_change(one, by=system(), said_by="Claire")


def test_what_is_not_possible_is_not_offered(order):
    before = facts()
    with pytest.raises(ActionError, match="No planned supply"):
        offered(order, counted(row_of(order), 500))
    assert facts() == before


def test_changes_of_different_fields_merge(order):
    """A customer's accept, a planner's date and a rep's quantity meet: nothing is lost."""
    one = offered(order, priced(row_of(order), "12.00"), moved(row_of(order), 12))
    orders.push_out(
        row_of(order, 20), by=build.member(), to=build.workday(20), reason=build.reason(), initiator="planner"
    )
    orders.change(order, by=build.member(), steps=[counted(row_of(order), 14)])
    orders.accept_change(one, by=system())
    fresh = agree(order)
    assert [(r.quantity, r.promised_on, r.line.unit_price) for r in fresh.schedule_lines.all()] == [
        (14, build.workday(12), 12), (10, build.workday(20), Decimal("12.5")),
    ]  # fmt: skip
    assert fresh.version == 4


def test_an_accepted_change_that_conflicts_waits_for_somebody_who_decides(order):
    one = offered(order, moved(row_of(order), 12), counted(row_of(order), 14))
    orders.change(order, by=build.member(), steps=[moved(row_of(order), 18)])
    orders.accept_change(one, by=system(), said_by="Claire")
    one.refresh_from_db()
    assert (one.state, agree(order).version) == ("accepted", 2)
    assert "Position 10: Date was changed meanwhile" in one.answer
    assert Event.objects.filter(verb="orders.change_stuck").exists()
    with pytest.raises(ActionError, match="changed meanwhile"):
        orders.apply_change(one, by=build.member())
    step = one.steps.get(type="date")
    orders.apply_change(one, by=build.member(), keep=[step])
    fresh = row_of(order)
    assert (fresh.promised_on, fresh.quantity) == (build.workday(18), 14)
    assert set(one.steps.values_list("type", "outcome")) == {("date", "kept"), ("quantity", "done")}
    agree(order)


def test_the_one_who_decides_may_take_the_change_all_the_same(order):
    one = offered(order, moved(row_of(order), 12))
    orders.change(order, by=build.member(), steps=[moved(row_of(order), 18)])
    orders.accept_change(one, by=system())
    one.refresh_from_db()
    step = one.steps.get()
    orders.apply_change(one, by=build.member(), take=[step])
    step.refresh_from_db()
    assert (row_of(order).promised_on, step.before) == (build.workday(12), build.workday(18).isoformat())
    agree(order)


def test_what_stands_so_already_is_nothing_to_do(order):
    one = offered(order, moved(row_of(order), 12))
    orders.change(order, by=build.member(), steps=[moved(row_of(order), 12)])
    orders.accept_change(one, by=system())
    one.refresh_from_db()
    assert (one.state, one.version_to, agree(order).version) == ("applied", None, 2)
    assert one.steps.get().outcome == "already"


def test_what_the_form_showed_otherwise_is_a_conflict(order):
    seen = build.workday(15).isoformat()
    orders.change(order, by=build.member(), steps=[moved(row_of(order), 18)])
    with pytest.raises(ActionError, match="changed meanwhile"):
        orders.change(order, by=build.member(), steps=[moved(row_of(order), 20, seen=seen)])
    assert row_of(order).promised_on == build.workday(18)


def test_a_counter_offer_waits_for_us_and_is_carried_out(order):
    one = offered(order, moved(row_of(order), 18))
    counter = orders.counter_change(one, by=system(), steps=[moved(row_of(order), 16)], answer="Before the 20th")
    one.refresh_from_db()
    assert (one.state, counter.state, counter.initiator, counter.counters) == (
        "countered",
        "requested",
        "customer",
        one,
    )
    orders.apply_change(counter, by=build.member())
    assert row_of(order).promised_on == build.workday(16)
    agree(order)


def test_a_request_is_answered_by_another_offer(order):
    asked = orders.request_change(order, by=build.member(), steps=[counted(row_of(order), 500)])
    one = offered(order, counted(row_of(order), 90), counters=asked)
    asked.refresh_from_db()
    assert (asked.state, one.counters) == ("countered", asked)


def test_declined_withdrawn_and_over(order):
    declined, withdrawn = offered(order, moved(row_of(order), 12)), offered(order, moved(row_of(order), 16))
    over = offered(order, moved(row_of(order), 17), valid_until=clock.today())
    orders.decline_change(declined, by=system(), answer="Too early", said_by="Claire")
    orders.withdraw_change(withdrawn, by=build.member(), answer="Mistake")
    with clock.at(clock.now() + timedelta(days=1)):
        with pytest.raises(ActionError, match="valid until"):
            orders.accept_change(over, by=system())
        tick()
    assert [OrderChange.objects.get(pk=one.pk).state for one in (declined, withdrawn, over)] == [
        "declined", "withdrawn", "expired",
    ]  # fmt: skip
    assert agree(order).version == 1


@pytest.mark.parametrize("is_fewer", [False, True], ids=["as many", "fewer"])
def test_a_new_place_leaves_in_time_and_is_taxed_as_there(order, is_fewer):
    far = Address.objects.create(
        customer=order.customer, name="Oslo", street="1", city="Oslo", country="NO", transit_days=6
    )
    before, row = row_of(order).ship_by_on, row_of(order)
    fewer = [counted(row, row.quantity - 1)] if is_fewer else []
    orders.change(order, by=build.member(), steps=[Step("ship_to", address=far), *fewer])
    fresh = agree(order)
    assert (fresh.tax_reason, {line.tax_category for line in fresh.lines.all()}) == ("export", {"G"})
    assert row_of(order).ship_by_on < before
    assert Reservation.objects.get(schedule_line_id=row_of(order).pk).needed_on == row_of(order).ship_by_on


@pytest.mark.parametrize("given_up", ["remove", "cancel"])
def test_what_is_given_up_need_not_reach_the_new_place(order, given_up):
    far = Address.objects.create(
        customer=order.customer, name="Nuuk", street="1", city="Nuuk", country="GL", transit_days=60
    )
    gone, kept = row_of(order), row_of(order, 20)
    steps = {
        "remove": Step("remove", line=gone.line),
        "cancel": Step("cancel", schedule_line=gone, quantity=Decimal(0)),
    }
    orders.change(order, by=build.member(), steps=[Step("ship_to", address=far), steps[given_up], moved(kept, 130)])
    assert [row_of(order, at).state for at in (10, 20)] == ["cancelled", "promised"]
    agree(order)


def test_a_new_place_leaves_what_is_late_already_due_since_then(order):
    far = Address.objects.create(customer=order.customer, name="B", street="2", city="Lille", country="FR")
    before = row_of(order).ship_by_on
    with clock.at(clock.now() + timedelta(days=40)):
        orders.change(order, by=build.member(), steps=[Step("ship_to", address=far)])
    assert Reservation.objects.get(schedule_line_id=row_of(order).pk).needed_on == row_of(order).ship_by_on == before
    agree(order)


def test_more_of_what_should_have_left_leaves_today_and_of_what_is_late_on_another_day(order):
    row = row_of(order)
    with clock.at(build.noon(row.promised_on)):
        orders.change(order, by=build.member(), steps=[counted(row, 12)])
        assert Reservation.objects.get(schedule_line_id=row.pk).needed_on == row_of(order).ship_by_on == clock.today()
    with clock.at(build.noon(row.promised_on + timedelta(days=7))):
        with pytest.raises(ActionError, match="is late"):
            orders.change(order, by=build.member(), steps=[counted(row_of(order), 13)])
        orders.change(order, by=build.member(), steps=[counted(row_of(order), 13), moved(row_of(order), 9)])
    agree(order)


def test_an_order_on_hold_or_not_confirmed_is_not_changed(order):
    orders.hold(order, by=build.member(), kind="credit", note="Late payer")
    with pytest.raises(ActionError, match="on hold"):
        orders.change(order, by=build.member(), steps=[counted(row_of(order), 9)])
    assert Stock.objects.count() == 2
