"""Goods leave and arrive: quantities, stock, states, and the promise that a delivery keeps."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation, Stock
from comptoir.fulfilment import tables
from comptoir.fulfilment.actions import Shipped, deliver, edit_shipment, expect, ship, undo_delivery, withdraw
from comptoir.fulfilment.actions.tables import apply_table, keep_table, undo_table
from comptoir.fulfilment.models import Shipment
from comptoir.fulfilment.queries import invariants
from comptoir.lib import clock
from comptoir.orders import queries as orders
from comptoir.orders.actions import hold, lift_hold
from comptoir.orders.models import Order, OrderHold, ScheduleLine
from comptoir.people import Role
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise
from comptoir.search import documents
from comptoir.search.models import Document
from tests import build
from tests.conftest import Lasting
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[Order]:
    with lasting():
        yield build.order(build.customer(), po="PO-1", products=2)


@pytest.fixture
def order(made: Order) -> Order:
    return build.fresh(made)


def leave(order: Order, quantity: int = 10, position: int = 10, **more: object) -> Shipment:
    row = build.schedule_line(order, position)
    return ship(order, by=build.member(), lines=[Shipped(row, Decimal(quantity))], **more)  # type: ignore[arg-type]


def agree() -> None:
    assert not [f for f in (*invariants(), *orders.invariants(), *catalog.invariants()) if f.count]


def test_what_leaves_is_taken_from_the_shelf_and_from_what_was_set_aside(order):
    leave(order, 4, carrier="DHL", tracking="JD 01 44")
    row = build.schedule_line(order)
    stock = Stock.objects.get(product=row.line.product)
    assert (row.state, row.shipped_quantity, row.shipped_on) == ("promised", 4, clock.today())
    assert (stock.on_hand, Reservation.objects.get(schedule_line_id=row.pk).quantity) == (96, 6)
    order.refresh_from_db()
    assert order.state == Order.State.IN_FULFILMENT
    leave(order, 6)
    row.refresh_from_db()
    assert (row.state, Reservation.objects.filter(schedule_line_id=row.pk).exists()) == ("shipped", False)
    agree()


def test_nothing_leaves_beyond_what_is_open_or_what_lies_there(order):
    row = build.schedule_line(order)
    before = facts()
    for quantity in (0, 11):
        with pytest.raises(ActionError, match="at most 10"):
            leave(order, quantity)
    Stock.objects.filter(product=row.line.product).update(on_hand=3)
    with pytest.raises(ActionError, match="Only 3 of"):
        leave(order, 4)
    with pytest.raises(ActionError, match="is not a line of"):
        other = build.schedule_line(build.order(build.customer("Nordisk", country="DK")))
        ship(order, by=build.member(), lines=[Shipped(other, Decimal(1))])
    assert facts()["ScheduleLine"][:2] == before["ScheduleLine"]
    assert not Shipment.objects.exists()


def test_an_order_on_hold_does_not_leave(order):
    held = hold(order, by=build.member(), kind=OrderHold.Kind.EXPORT, note="Licence")
    with pytest.raises(ActionError, match="on hold"):
        leave(order)
    lift_hold(held, by=build.member(Role.SENIOR))
    assert leave(order).state == "under_way"


def test_goods_that_others_need_before_do_not_leave_early(order):
    row = build.schedule_line(order)
    stock = Stock.objects.get(product=row.line.product)
    build.supply(row.line.product, 10, 5)
    Stock.objects.filter(pk=stock.pk).update(on_hand=10)
    other = build.schedule_line(build.order(build.customer("Nordisk", country="DK")))
    Reservation.objects.filter(schedule_line_id=other.pk).delete()
    Reservation.objects.create(stock=stock, schedule_line_id=other.pk, quantity=8, needed_on=clock.today())
    with pytest.raises(ActionError, match="Nordisk"):
        leave(order)


def test_an_arrival_keeps_the_promise_by_its_own_day_and_ends_the_order(order):
    first, second = leave(order), leave(order, position=20)
    row = build.schedule_line(order)
    standing = promises.standing_on(row, Promise.Kind.DELIVER)
    deliver(first, by=build.member())
    row.refresh_from_db()
    standing.refresh_from_db()
    assert (row.state, row.delivered_on, row.delivered_quantity) == ("delivered", clock.today(), 10)
    assert (standing.state, standing.evidence_noun, standing.evidence_id) == ("kept", "shipment", first.pk)
    order.refresh_from_db()
    assert order.state == Order.State.IN_FULFILMENT
    deliver(second, by=build.member())
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED
    agree()


def test_an_arrival_told_late_is_judged_by_the_day_it_happened(order):
    shipment, row = leave(order), build.schedule_line(order)
    with clock.at(clock.now() + timedelta(days=40)):
        deliver(shipment, by=build.member(), on=row.promised_on)
        assert Promise.objects.on(row).get().state == "kept"
    with clock.at(clock.now() + timedelta(days=41)):
        undo_delivery(shipment, by=build.member())
        deliver(shipment, by=build.member(), on=row.promised_on + timedelta(days=1))
        assert Promise.objects.on(row).get().state == "kept_late"


def test_a_promise_of_two_parts_is_kept_by_the_last_one(order):
    first, row = leave(order, 4), build.schedule_line(order)
    deliver(first, by=build.member())
    row.refresh_from_db()
    assert (row.state, row.delivered_quantity, promises.standing_on(row, Promise.Kind.DELIVER) is not None) == (
        "promised",
        4,
        True,
    )
    deliver(leave(order, 6), by=build.member())
    row.refresh_from_db()
    assert (row.state, Promise.objects.on(row).get().state) == ("delivered", "kept")
    agree()


def test_a_shipment_entered_by_mistake_is_withdrawn_as_if_it_had_not_been(order):
    row, held = build.schedule_line(order), Reservation.objects.get(schedule_line_id=build.schedule_line(order).pk)
    shipment = leave(order)
    deliver(shipment, by=build.member())
    with pytest.raises(ActionError, match="undo the delivery first"):
        withdraw(shipment, by=build.member(), reason="Mistake")
    undo_delivery(shipment, by=build.member())
    withdraw(shipment, by=build.member(), reason="Mistake")
    again = ScheduleLine.objects.get(pk=row.pk)
    assert (again.state, again.shipped_quantity, again.shipped_on, again.delivered_on) == ("promised", 0, None, None)
    kept = Reservation.objects.get(schedule_line_id=row.pk)
    assert (kept.quantity, kept.needed_on) == (held.quantity, held.needed_on)
    assert Stock.objects.get(product=row.line.product).on_hand == 100
    order.refresh_from_db()
    assert order.state == Order.State.CONFIRMED
    assert promises.standing_on(row, Promise.Kind.DELIVER) is not None
    agree()


def test_lines_of_two_orders_travel_under_one_tracking_number(order):
    other = build.order(order.customer, po="PO-2")
    first = leave(order, carrier="DHL", tracking="JD 0144")
    assert leave(other, carrier="dhl", tracking="jd-0144") == first
    assert first.lines.count() == 2
    deliver(first, by=build.member())
    other.refresh_from_db()
    assert other.state == Order.State.FULFILLED
    stranger = build.order(build.customer("Nordisk", country="DK"))
    with pytest.raises(ActionError, match="travels to"):
        leave(stranger, carrier="DHL", tracking="JD0144")


def test_the_carriers_day_is_the_lines_expected_day_and_no_promise(order):
    shipment, row = leave(order), build.schedule_line(order)
    promised = row.promised_on
    expect(shipment, by=build.member(), to=build.workday(20))
    row.refresh_from_db()
    assert (row.expected_on, row.promised_on) == (build.workday(20), promised)
    edit_shipment(shipment, by=build.member(), carrier="UPS", tracking="1Z 999")
    assert (shipment.carrier, shipment.tracking_key) == ("UPS", "1z999")


def table(text: str):  # type: ignore[no-untyped-def]
    return keep_table(text.encode(), "shipments.csv", by=build.member())


def test_a_table_ships_and_delivers_after_every_difference_was_seen_and_is_undone_as_one(order):
    other = build.order(order.customer, po="PO-2")
    day = clock.today().isoformat()
    kept = table(
        "order;position;quantity;carrier;tracking;shipped;delivered\n"
        f"{order.number};10;4;DHL;JD 1;{day};\n{order.number};20;;DHL;JD 1;{day};\n{other.number};;;DHL;JD 1;{day};{day}\n"
        f"SO-000;10;1;DHL;JD 9;{day};\n{order.number};10;60;DHL;JD 9;{day};\n"
    )
    plan = tables.plan(kept.text)
    assert plan.counts == {"ships": 3, "arrives": 0, "expected": 0, "unchanged": 0, "refused": 2}
    before = facts()
    apply_table(kept, by=build.member(), shown=plan.digest)
    shipment = Shipment.objects.get()
    assert (shipment.lines.count(), shipment.delivered_on, shipment.source) == (3, clock.today(), "table")
    assert build.schedule_line(order).delivered_quantity == 4
    agree()
    undo_table(kept, by=build.member())
    after = facts()
    for name in ("ScheduleLine", "Reservation", "Order"):
        assert [{k: v for k, v in row.items() if k != "id"} for row in after[name]] == [
            {k: v for k, v in row.items() if k != "id"} for row in before[name]
        ]
    agree()


def test_the_same_table_twice_does_nothing_new_and_a_changed_order_is_looked_at_again(order):
    text = f"order;quantity;carrier;tracking\n{order.number};20;DHL;JD 1\n"
    first, second = table(text), table(text)
    shown = tables.plan(text).digest
    apply_table(first, by=build.member(), shown=shown)
    assert tables.plan(text).counts["unchanged"] == 1
    with pytest.raises(ActionError, match="look at the table once more"):
        apply_table(second, by=build.member(), shown=shown)
    assert Shipment.objects.count() == 1


def test_an_order_is_found_by_the_tracking_number_of_its_shipment(order):
    leave(order, carrier="DHL", tracking="JD 0144-77")
    documents.index("order", [order.pk])
    assert "jd014477" in Document.objects.get(noun="order", object_id=order.pk).norm
