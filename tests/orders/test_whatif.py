"""What if a line had to arrive on another day: the ways, and what each does to whom."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.limits import meters
from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.handoffs import answer_hand_off, hand_off_line
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.noting import names_day
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import change_receipt, stock_of
from comptoir.catalog.models import Product, ProductLink, Site, Stock, Supply
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.orders.actions import NewLine, confirm, lend, place, push_out, split
from comptoir.orders.models import ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.orders.whatif import Option, what_if
from comptoir.people import Role
from comptoir.people.models import Department, Member
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> Member:
    build.inbox()
    return build.member(name="Emma Larsen")


@pytest.fixture
def pump() -> Product:
    """Ten lie there, and fifty come in thirty days."""
    made = build.product(on_hand=10)
    build.supply(made, 50, 30)
    return made


def sold(of: Product, quantity: int, days: int, name: str = "Hydraulique Martin") -> ScheduleLine:
    line = NewLine(of, Decimal(quantity), build.workday(days))
    customer = build.customer(name)
    build.contact(customer)
    contact = customer.contacts.get()
    placed = place(customer, by=build.member(), lines=[line], site=build.site(), contact=contact)
    return build.schedule_line(confirm(placed, by=build.member()))


def ways(row: ScheduleLine, days: int, by: Member) -> dict[str, Option]:
    return {one.kind: one for one in what_if(row, build.workday(days), by).options}


def is_right() -> bool:
    return not [f for f in (*invariants(), *catalog.invariants()) if f.count]


def test_a_day_on_which_the_goods_are_there_is_one_act_away(rep, pump):
    row = sold(pump, 8, 20)
    way = ways(row, 8, rep)["whole"]
    assert (way.action, way.inputs) == ("orders.pull_in", {"to": build.workday(8).isoformat()})
    assert "2 pcs stay free" in way.told


def test_what_is_there_comes_as_wished_and_the_rest_later(rep, pump):
    row = sold(pump, 14, 40)
    way = ways(row, 8, rep)["part"]
    assert (way.action, way.inputs["quantity"]) == ("orders.split", "10")
    split(row, by=rep, quantity=Decimal(10), to=build.workday(8), reason=build.reason("split"))
    assert is_right()


def test_of_a_promise_at_risk_the_part_that_is_there_stays_and_the_rest_is_moved(rep, pump):
    build.supply(pump, 10, 3)
    row = sold(pump, 14, 12)
    supply = Supply.objects.order_by("due_on")[0]
    keeper = build.member(Role.ADMINISTRATOR)
    change_receipt(supply, by=keeper, quantity=Decimal(10), due_on=clock.today() + timedelta(days=33))
    row.refresh_from_db()
    way = {o.kind: o for o in what_if(row, row.promised_on, rep).options}["part"]
    assert way.inputs["quantity"] == "4"
    split(row, by=rep, quantity=Decimal(4), to=way.inputs["to"] and build.workday(30), reason=build.reason("split"))
    assert not Promise.objects.filter(at_risk_at__isnull=False).exists()


def test_faster_freight_says_how_many_days_it_has_and_what_is_left_of_the_limit(rep, pump):
    row = sold(pump, 8, 20)
    row.order.ship_to.transit_days = 5
    row.order.ship_to.save()
    build.limit(Role.REP, "150")
    row = ScheduleLine.objects.get(pk=row.pk)
    way = ways(row, 2, rep)["express"]
    assert way.action == "orders.pull_in"
    assert "a faster one has 2 working days" in way.told
    assert str(way.meters[0].left.amount).startswith("150")


def express(row: ScheduleLine, weight: str | None = "2") -> ScheduleLine:
    """The line five days of transport away, its goods so many kilograms heavy."""
    row.order.ship_to.transit_days = 5
    row.order.ship_to.save()
    Product.objects.filter(pk=row.line.product_id).update(weight_kg=weight and Decimal(weight))
    return ScheduleLine.objects.get(pk=row.pk)


def test_faster_freight_says_about_what_it_costs_more_and_books_it_against_the_limit(rep, pump, client: Client):
    row = express(sold(pump, 8, 20))
    build.freight_zone(fixed="12", per_kg="1", fast=("40", "3"))
    build.limit(Role.REP, "150")
    way = ways(row, 2, rep)["express"]
    assert any("60.00" in told and "Tariff of the carrier" in told for told in way.told), way.told
    assert (way.inputs["freight_cost_0"], way.inputs["freight_cost_1"]) == ("60", "EUR")
    assert not any("agree" in told for told in way.told)
    client.force_login(rep)
    address = f"/do/{way.action}/{row.pk}/"
    asked = client.get(address, way.inputs).content.decode()
    assert 'value="60"' in asked
    client.post(address, way.inputs | {"reason": build.reason().pk, "initiator": "customer"})
    row.refresh_from_db()
    assert row.promised_on == build.workday(2)
    assert meters(rep, "orders.pull_in", row.order.customer, "EUR")[0].left.amount == 90


def test_faster_freight_above_the_limit_says_that_somebody_has_to_agree(rep, pump):
    row = express(sold(pump, 8, 20))
    build.freight_zone(fixed="12", per_kg="1", fast=("40", "3"))
    build.limit(Role.REP, "50")
    told = ways(row, 2, rep)["express"].told
    assert any("above your limit" in one and "whoever may agree" in one for one in told), told


@pytest.mark.parametrize(("weight", "fast"), [(None, ("40", "3")), ("2", None)])
def test_faster_freight_that_nobody_knows_the_cost_of_says_so(rep, pump, weight, fast):
    row = express(sold(pump, 8, 20), weight)
    build.freight_zone(fast=fast)
    way = ways(row, 2, rep)["express"]
    assert "what it costs more is not known: ask the carrier" in way.told
    assert "freight_cost_0" not in way.inputs


def test_stock_of_another_site_is_asked_for_with_the_question_written(rep, pump):
    row = sold(pump, 14, 40)
    east = Site.objects.create(code="EAST", name="East", country="SK", time_zone="Europe/Bratislava")
    stock = stock_of(pump, east)
    stock.on_hand = Decimal(30)
    stock.save()
    way = ways(row, 8, rep)["site"]
    assert (way.action, way.told[0]) == ("cases.hand_off_line", "30 pcs are free there")
    assert "Can 4 pcs be moved from East" in way.inputs["question"]


def test_what_hurts_nobody_comes_first_and_another_customers_line_last_by_their_keys(rep, pump, client: Client):
    sold(pump, 8, 10, "Nordisk Pumpe")
    row = sold(pump, 9, 40)
    namur = Site.objects.create(code="NAM", name="Namur", country=build.site().country, time_zone="Europe/Brussels")
    Stock.objects.create(product=pump, site=namur, on_hand=Decimal(30))
    twin = build.product("Gear pump II", on_hand=30)
    ProductLink.objects.create(product=pump, other=twin, kind="substitute")
    found = what_if(row, build.workday(8), rep).options
    assert [one.kind for one in found] == ["site", "instead", "part", "later", "lend", "planning"]
    client.force_login(rep)
    page = client.get(f"/schedule-lines/{row.pk}/what-if/?to={build.workday(8).isoformat()}").content.decode()
    keys = re.findall(r'data-dialog="/do/([\w.]+)/\d+/[^"]*" data-dialog-key="(\d)"', page)
    assert keys == [(one.action, str(n)) for n, one in enumerate(found, 1)]


def test_another_customers_goods_are_named_with_whose_they_are_and_by_how_much_it_hurts(rep, pump):
    pump_owner = sold(pump, 8, 10, "Nordisk Pumpe")
    pump_owner.order.customer.owner = build.member(name="Marc Peeters")
    pump_owner.order.customer.save()
    row = sold(pump, 9, 40)
    way = ways(row, 8, rep)["lend"]
    assert (way.action, way.inputs["other"], way.tone) == ("orders.lend", pump_owner.pk, "bad")
    assert "Nordisk Pumpe" in way.title
    assert "owned by Marc Peeters" in way.told
    assert "days later" in way.told[-1]


def test_lending_gives_one_the_goods_and_the_other_the_next_day_it_can_be_served(rep, pump):
    other, row = sold(pump, 8, 10, "Nordisk Pumpe"), sold(pump, 9, 40)
    before, senior = other.promised_on, build.member(Role.SENIOR)
    lend(row, by=senior, other=other, to=build.workday(8), reason=build.reason())
    row.refresh_from_db()
    other.refresh_from_db()
    assert row.promised_on == build.workday(8)
    assert other.promised_on > before
    assert (row.order.version, other.order.version) == (2, 2)
    assert is_right()


def test_who_is_served_too_late_already_lends_for_a_day_that_is_to_come(rep, pump):
    other, row = sold(pump, 8, 10, "Nordisk Pumpe"), sold(pump, 9, 40)
    with clock.at(clock.now() + timedelta(days=21)):
        lend(row, by=build.member(Role.SENIOR), other=other, to=build.workday(8), reason=build.reason())
        other.refresh_from_db()
        assert clock.today() <= other.ship_by_on < other.promised_on
        assert is_right()


def test_a_promise_at_risk_is_saved_by_goods_of_another(rep):
    pump = build.product(on_hand=10)
    build.supply(pump, 10, 3)
    build.supply(pump, 30, 60)
    first, second = sold(pump, 10, 10, "Nordisk Pumpe"), sold(pump, 10, 12)
    supply = Supply.objects.order_by("due_on")[0]
    late = add_business_days(clock.today(), 20, "FR")
    change_receipt(supply, by=build.member(Role.ADMINISTRATOR), quantity=Decimal(10), due_on=late)
    second.refresh_from_db()
    lend(second, by=build.member(Role.SENIOR), other=first, to=second.promised_on, reason=build.reason())
    assert not Promise.objects.filter(at_risk_at__isnull=False).exists()
    assert is_right()


def test_goods_change_hands_where_somebody_else_waits_for_theirs(rep):
    pump = build.product(on_hand=10)
    build.supply(pump, 30, 3)
    build.supply(pump, 30, 60)
    first, second, third = (
        sold(pump, 10, days, name) for days, name in ((10, "Nordisk"), (12, "Martin"), (13, "Slovnaft"))
    )
    supply = Supply.objects.order_by("due_on")[0]
    late = add_business_days(clock.today(), 20, "FR")
    change_receipt(supply, by=build.member(Role.ADMINISTRATOR), quantity=Decimal(30), due_on=late)
    second.refresh_from_db()
    way = {o.kind: o for o in what_if(second, second.promised_on, rep).options}["lend"]
    assert way.inputs["other"] == first.pk
    lend(second, by=build.member(Role.SENIOR), other=first, to=second.promised_on, reason=build.reason())
    risky = Promise.objects.filter(at_risk_at__isnull=False, state="at_risk")
    assert list(risky.values_list("subject_id", flat=True)) == [third.pk]
    assert is_right()


def test_a_rep_asks_for_another_customers_goods(rep, pump):
    other, row = sold(pump, 8, 10, "Nordisk Pumpe"), sold(pump, 9, 40)
    with pytest.raises(SentForApproval):
        lend(row, by=rep, other=other, to=build.workday(8), reason=build.reason())
    other.refresh_from_db()
    assert other.order.version == 1


def test_goods_of_a_line_of_another_product_help_nobody(rep, pump):
    row, stranger = sold(pump, 9, 40), sold(build.product(), 9, 10, "Nordisk Pumpe")
    with pytest.raises(ActionError, match="holds nothing"):
        lend(row, by=build.member(Role.SENIOR), other=stranger, to=build.workday(8), reason=build.reason())


def test_only_lines_that_hold_the_same_goods_are_offered(rep, pump, client: Client):
    other, row = sold(pump, 8, 10, "Nordisk Pumpe"), sold(pump, 9, 40)
    stranger = sold(build.product(), 9, 10, "Slovnaft")
    client.force_login(rep)
    page = client.get(f"/do/orders.lend/{row.pk}/?other={other.pk}&to={build.workday(8)}").content.decode()
    assert "Nordisk Pumpe" in page
    assert stranger.order.number not in page


def test_planning_answers_in_the_panel(rep, pump, client: Client):
    row, planning = sold(pump, 14, 40), Department.objects.create(name="Planning")
    asked = hand_off_line(row, by=rep, department=planning, question="When?")
    boss = build.member(Role.MANAGER)
    answer_hand_off(asked, by=boss, answer=asked.Answer.COUNTER, day=build.workday(25), text="Night shift")
    client.force_login(rep)
    page = client.get(f"/schedule-lines/{row.pk}/what-if/?to={build.workday(8)}").content.decode()
    assert "Planning answers" in page
    assert "Night shift" in page
    assert f"to={build.workday(25)}" in page


def test_the_panel_says_a_day_it_cannot_read(rep, pump, client: Client):
    client.force_login(rep)
    page = client.get(f"/schedule-lines/{sold(pump, 8, 20).pk}/what-if/?to=someday").content.decode()
    assert "is not a day" in page


@pytest.mark.parametrize(
    ("text", "language"), [("now on 1 December.", "en"), ("le 1 décembre", "fr"), ("d. 1. december", "da"),
                           ("dňa 1. decembra", "sk"), ("на 1 декември", "bg"), ("1.12.2026", "sk"), ("2026-12-01", "en")]
)  # fmt: skip
def test_a_day_is_recognised_as_people_write_it(text, language):
    from datetime import date

    assert names_day(text, date(2026, 12, 1), language)
    assert not names_day(text, date(2026, 12, 2), language)


def test_one_day_is_not_named_by_another_that_ends_like_it():
    from datetime import date

    assert not names_day("on 11 December", date(2026, 12, 1), "en")


def test_the_reply_that_names_the_new_day_tells_of_it(rep, pump):
    row = sold(pump, 8, 20)
    case = receive(build.mail(f"{row.order.number}?")).case
    push_out(row, by=rep, to=build.workday(25), reason=build.reason())
    promise = Promise.objects.standing().get(subject_id=row.pk, subject_noun="scheduleline")
    reply(case, by=rep, text="We look into it.")
    promise.refresh_from_db()
    assert promise.told_at is None
    day = build.workday(25)
    reply(case, by=rep, text=f"It arrives on {day:%d/%m}.")
    promise.refresh_from_db()
    assert promise.told_by == "email"
