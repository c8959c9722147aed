"""A substitute in place of what is short: in the panel with its price and day, offered to the customer or done where they agreed."""

from decimal import Decimal

import pytest
from django.test import Client

from comptoir.actions import ActionError, SentForApproval
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Price, Product, ProductLink, Reservation
from comptoir.orders.actions import NewLine, accept_change, confirm, pull_in, replace
from comptoir.orders.actions import place as place_order
from comptoir.orders.models import EntryRule, OrderChange, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.orders.whatif import Option, what_if
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> Member:
    return build.member()


@pytest.fixture
def row() -> ScheduleLine:
    """Fourteen sold of which ten lie there, promised when fifty more have come."""
    product = build.product(on_hand=10)
    build.supply(product, 50, 30)
    line = NewLine(product, Decimal(14), build.workday(10))
    placed = place_order(build.customer(), by=build.member(), lines=[line], site=build.site())
    return build.schedule_line(confirm(placed, by=build.member()))


def stands_in(row: ScheduleLine, on_hand: int = 40, price: str = "13.00", **more: object) -> Product:
    other = build.product("Gear pump II", on_hand=on_hand, price=price)
    ProductLink.objects.create(product=row.line.product, other=other, kind="substitute", note="same flange", **more)
    return other


def ways(row: ScheduleLine, days: int, by: Member) -> list[Option]:
    return [one for one in what_if(row, build.workday(days), by).options if one.kind == "instead"]


def is_right() -> bool:
    return not [f for f in (*invariants(), *catalog.invariants()) if f.count]


def test_the_panel_says_its_day_its_price_and_what_is_free_and_does_it(rep, row):
    other = stands_in(row)
    (way,) = ways(row, 8, rep)
    assert (way.action, way.inputs) == ("orders.replace", {"product": other.pk, "to": build.workday(8).isoformat()})
    assert "same flange" in way.told
    assert "40 pcs are free" in way.told
    assert any("12.50" in told and "13.00" in told and "+€7.00" in told for told in way.told), way.told


def test_one_that_comes_sooner_than_the_goods_is_named_with_its_day(rep, row):
    build.supply(stands_in(row, on_hand=0), 40, 14)
    (way,) = ways(row, 8, rep)
    assert build.workday(8).isoformat() < way.inputs["to"] < row.promised_on.isoformat()


def test_one_that_is_too_few_or_without_a_price_or_in_another_unit_is_only_shown(rep, row):
    few, dear, other = stands_in(row, on_hand=3), stands_in(row), stands_in(row)
    Price.objects.filter(product=dear).delete()
    Product.objects.filter(pk=other.pk).update(unit="kg")
    assert [(way.action, way.url.split("?")[0]) for way in ways(row, 8, rep)] == [
        ("", one.get_absolute_url()) for one in (few, dear, other)
    ]


def test_one_that_is_no_longer_sold_or_stands_only_the_other_way_is_not_named(rep, row):
    Product.objects.filter(pk=stands_in(row).pk).update(state="ended")
    other = build.product("Gear pump III")
    ProductLink.objects.create(product=other, other=row.line.product, kind="substitute")
    assert ways(row, 8, rep) == []
    ProductLink.objects.update(is_two_way=True)
    assert [way.inputs["product"] for way in ways(row, 8, rep)] == [other.pk]


def test_it_is_offered_to_the_customer_and_nothing_changes_until_they_agree(rep, row):
    other, stood = stands_in(row), row.promised_on
    made = replace(row, by=rep, product=other, to=build.workday(8))
    row.refresh_from_db()
    assert (made.state, [step.type for step in made.steps.all()]) == ("offered", ["cancel", "add"])
    assert (row.quantity, row.promised_on, row.order.version, row.order.lines.count()) == (14, stood, 1, 1)
    accept_change(made, by=rep)
    row.refresh_from_db()
    new = ScheduleLine.objects.exclude(pk=row.pk).get()
    assert (row.quantity, row.state, made.state) == (0, "cancelled", "applied")
    assert (new.line.product, new.quantity, new.promised_on, new.line.unit_price) == (
        other, 14, build.workday(8), Decimal("13.00"),
    )  # fmt: skip
    assert new.requested_on == build.workday(8)
    assert is_right()


def test_where_the_customer_agreed_it_is_done_at_once_and_the_promises_say_why(rep, row):
    other, to = stands_in(row), build.workday(12)
    made = replace(row, by=rep, product=other, to=to, quantity=Decimal(4), is_agreed=True, reason=build.reason())
    row.refresh_from_db()
    new = ScheduleLine.objects.exclude(pk=row.pk).get()
    assert (made.state, row.order.version) == ("applied", 2)
    assert (row.quantity, new.quantity, new.promised_on, new.requested_on) == (10, 4, to, build.workday(10))
    assert Reservation.objects.get(schedule_line_id=new.pk).stock.product == other
    pull_in(row, by=rep, to=build.workday(8), reason=build.reason())
    replace(row, by=rep, product=other, to=to, is_agreed=True, reason=build.reason())
    withdrawn = Promise.objects.get(state="withdrawn", subject_id=row.pk)
    assert withdrawn.reason == str(build.reason())
    assert row.order.state == "confirmed"
    assert is_right()


def test_what_does_not_stand_for_it_or_is_gone_is_refused_and_nothing_is_changed(rep, row):
    for product, told in ((build.product(), "not known to stand"), (stands_in(row, on_hand=13), "No planned supply")):
        with pytest.raises(ActionError, match=told):
            replace(row, by=rep, product=product, to=build.workday(8), is_agreed=True)
        with pytest.raises(ActionError, match=told):
            replace(row, by=rep, product=product, to=build.workday(8))
    assert OrderChange.objects.count() == 0
    assert (row.order.version, row.order.lines.count(), Reservation.objects.count()) == (1, 1, 1)


def test_what_needs_a_higher_role_waits_for_it(rep, row):
    other = stands_in(row, price="1.00")
    EntryRule.objects.create(kind="minimum", amount=Decimal(100), currency="EUR")
    with pytest.raises(SentForApproval):
        replace(row, by=rep, product=other, to=build.workday(8), is_agreed=True)
    assert row.order.lines.count() == 1


def test_the_dialog_offers_what_stands_for_it_and_says_what_it_does(rep, row, client: Client):
    other, stranger = stands_in(row), build.product("Valve")
    client.force_login(rep)
    address = f"/do/orders.replace/{row.pk}/"
    asked = client.get(f"{address}?product={other.pk}&to={build.workday(8)}").content.decode()
    assert other.number in asked
    assert stranger.number not in asked
    posted = {"product": other.pk, "to": build.workday(8).isoformat(), "_preview": "1"}
    told = client.post(address, posted).content.decode()
    assert "14 of" in told
    assert "182.00" in told
