"""Placing and confirming."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, Denied
from comptoir.actions.door import preview
from comptoir.actions.registry import ACTIONS
from comptoir.catalog.models import Price, Product, ProductUnit, Reservation, TaxRate
from comptoir.events.queries import story
from comptoir.lib import clock, days
from comptoir.lib.calendar import add_business_days, next_business_day
from comptoir.lib.numbers import valid
from comptoir.orders.actions import NewLine, confirm, hold, place
from comptoir.orders.models import Order, OrderHold
from comptoir.promises.models import Promise
from tests import build
from tests.orders.facts import facts

pytestmark = pytest.mark.django_db


def line(quantity: int = 10, days: int = 15, of: Product | None = None, **more: object) -> NewLine:
    return NewLine(of or build.product(), Decimal(quantity), build.workday(days), **more)  # type: ignore[arg-type]


def placed(customer=None, *lines: NewLine, **more):
    return place(
        customer or build.customer(), by=build.member(), lines=list(lines) or [line()], site=build.site(), **more
    )


def test_an_order_gets_a_number_with_a_check_digit_and_prices_of_the_catalogue():
    order = placed(None, line(10), line(4, unit_price=Decimal("9.9999")))
    assert valid(order.number)
    assert order.state == Order.State.READY
    assert [(row.position, row.price_source, row.net) for row in order.lines.all()] == [
        (10, "list", Decimal("125.0000")),
        (20, "manual", Decimal("40.0000")),
    ]
    assert [event.verb for event in story(order)] == ["orders.placed"]


def test_the_customers_own_price_goes_before_its_class_and_the_list():
    customer, product = build.customer(), build.product(price="10")
    rows = {"class": {"customer_class": "B"}, "contract": {"customer": customer}}
    for price, (source, more) in zip(("8", "7"), rows.items(), strict=True):
        Price.objects.create(
            product=product, currency="EUR", unit_price=Decimal(price), valid_from=date(2020, 1, 1), **more
        )
        order = placed(customer, line(2, of=product))
        assert (order.lines.get().price_source, order.lines.get().unit_price) == (source, Decimal(price))


def test_a_price_per_hundred_and_the_tax_rate_stand_on_the_line():
    product = build.product(price="1234.565")
    Price.objects.filter(product=product).update(per=100)
    TaxRate.objects.create(country="BE", category="S", rate=Decimal("20"), valid_from=date(2020, 1, 1))
    made = placed(None, line(3, of=product)).lines.get()
    assert (made.per, made.net, made.tax_rate) == (100, Decimal("37.0400"), Decimal("20.000"))


def test_a_purchase_order_number_is_entered_once_however_it_is_spelled():
    customer = build.customer()
    first = placed(customer, po_number="PO-77341")
    before = facts()
    with pytest.raises(ActionError, match=first.number):
        placed(customer, po_number="po 77341")
    assert facts() == before
    assert placed(build.customer("Another"), po_number="PO-77341").pk


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_line_needs_a_quantity(quantity):
    with pytest.raises(ActionError, match="above zero"):
        placed(None, line(quantity))
    assert not Order.objects.exists()


@pytest.mark.parametrize("unit", ["", "pcs", "box"])
def test_a_quantity_finer_than_what_is_counted_is_not_entered(unit):
    product = build.product()
    ProductUnit.objects.create(product=product, unit="box", factor=1000)
    with pytest.raises(ActionError, match="three decimals"):
        placed(None, NewLine(product, Decimal("3.3335"), build.workday(15), unit=unit))
    assert not Order.objects.exists()


def test_an_order_needs_lines_goods_that_are_sold_a_price_and_an_address_of_the_customer():
    customer, member = build.customer(), build.member()
    ended = build.product()
    Product.objects.filter(pk=ended.pk).update(state="ended")
    ended.refresh_from_db()
    foreign = build.customer("Another").addresses.get()
    dollars = build.customer("Third", currency="USD")
    for customer_, lines, more, told in (
        (customer, [], {}, "at least one line"),
        (customer, [line(of=ended)], {}, "no longer sold"),
        (dollars, [line()], {}, "no price in USD"),
        (customer, [line()], {"ship_to": foreign}, "does not belong"),
    ):
        with pytest.raises(ActionError, match=told):
            place(customer_, by=member, lines=lines, site=build.site(), **more)
    assert not Order.objects.exists()


def test_confirming_promises_the_requested_day_and_reserves_for_the_day_it_has_to_leave():
    order = placed(None, line(10, days=15))
    confirm(order, by=build.member())
    row = build.schedule_line(order)
    day = build.workday(15)
    assert (row.requested_on, row.first_promised_on, row.promised_on) == (day, day, day)
    assert (order.state, order.version) == ("confirmed", 1)
    assert Promise.objects.standing().on(row).get().due_on == day
    held = Reservation.objects.get(schedule_line_id=row.pk)
    assert (held.quantity, held.needed_on) == (Decimal(10), row.ship_by_on)
    assert row.ship_by_on < day
    assert order.versions.get().snapshot["lines"][0]["schedule"][0]["promised_on"] == day.isoformat()


def test_what_stock_does_not_cover_is_promised_for_when_supply_arrives():
    product = build.product(on_hand=5)
    build.supply(product, 20, days=30)
    order = placed(None, line(10, days=5, of=product))
    changes = preview(ACTIONS["orders.confirm"], order, build.member(), {}).changes
    confirm(order, by=build.member())
    row = build.schedule_line(order)
    assert row.promised_on > clock.today() + timedelta(days=30)
    assert row.requested_on == build.workday(5)
    assert len(changes) == 1
    assert changes[0].after == days.day(row.promised_on)


def test_what_no_supply_covers_is_not_confirmed():
    order = placed(None, line(10, of=build.product(on_hand=5)))
    before = facts()
    with pytest.raises(ActionError, match="ask planning"):
        confirm(order, by=build.member())
    assert facts() == before


def test_two_lines_of_one_product_share_its_stock():
    product = build.product(on_hand=15)
    build.supply(product, 100, days=40)
    order = placed(None, line(10, of=product), line(10, of=product))
    confirm(order, by=build.member())
    days = [row.promised_on for row in order.schedule_lines.all()]
    assert days[0] == build.workday(15)
    assert days[1] > clock.today() + timedelta(days=40)


def test_a_day_without_goods_in_gives_way_to_the_working_day_before():
    friday = next_business_day(clock.today() + timedelta(days=30), "FR")
    while friday.weekday() != 4:
        friday = add_business_days(friday, 1, "FR")
    order = placed(None, NewLine(build.product(), Decimal(1), friday + timedelta(days=1)))
    confirm(order, by=build.member())
    assert build.schedule_line(order).promised_on == friday
    assert build.schedule_line(order).requested_on == friday + timedelta(days=1)


def test_an_order_is_confirmed_once_and_not_while_on_hold():
    order, member = placed(), build.member()
    hold(order, by=member, kind=OrderHold.Kind.CREDIT)
    before = facts()
    with pytest.raises(ActionError, match="on hold"):
        confirm(order, by=member)
    assert facts() == before
    done = build.order(build.customer("Another"))
    before = facts()
    with pytest.raises(ActionError, match="Confirmed already"):
        confirm(done, by=member)
    assert facts() == before


def test_nobody_orders_on_their_own_account():
    customer, member = build.customer(), build.member()
    customer.staff_member = member
    customer.save()
    with pytest.raises(Denied, match="own"):
        place(customer, by=member, lines=[line()], site=build.site())
    assert not Order.objects.exists()


def test_a_deactivated_member_confirms_nothing():
    order, member = placed(), build.member()
    member.is_active = False
    before = facts()
    with pytest.raises(Denied):
        confirm(order, by=member)
    assert facts() == before
