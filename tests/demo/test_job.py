"""The demo's own job: the house, the buyer in Lyon and her order."""

from datetime import date
from decimal import Decimal

import pytest

from comptoir.actions import SentForApproval
from comptoir.actions.models import Limit
from comptoir.cases.models import Inbox
from comptoir.catalog.models import Product
from comptoir.customers.models import Contact
from comptoir.demo import goods, house, job, logins
from comptoir.lib import clock
from comptoir.lib.calendar import is_business_day
from comptoir.lib.money import Money
from comptoir.orders import actions as orders
from comptoir.orders.models import Order, Reason
from comptoir.people.models import Department, Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    house.build()
    goods.build(clock.today())
    return job.build(clock.today())


def test_the_house_has_twelve_members_in_four_departments_and_five_languages_of_inboxes(order: Order) -> None:
    people = Member.objects.exclude(kind="system")
    assert people.count() == 12
    assert len(set(people.values_list("role", flat=True))) >= 5
    assert Department.objects.count() == 4
    assert set(Inbox.objects.values_list("language", flat=True)) == {"en", "fr", "da", "sk", "bg"}
    assert Product.objects.count() == 80


def test_every_login_that_is_shown_opens(order: Order) -> None:
    for role, email, password in logins():
        member = Member.objects.get(email=email)
        assert member.role == role
        assert member.check_password(password)


def test_the_order_is_confirmed_and_position_10_is_late(order: Order) -> None:
    rows = {row.line.position: row for row in order.schedule_lines.all()}
    assert order.state == Order.State.CONFIRMED
    assert order.versions.count() == 1
    assert rows[10].is_late(clock.today())
    assert rows[20].promised_on == job.Days(clock.today()).promised


def test_pulling_position_20_in_within_the_limit_is_done_and_above_it_waits_for_a_senior(order: Order) -> None:
    emma = Member.objects.get(name="Emma Laurent")
    row = order.schedule_lines.get(line__position=20)
    wanted, reason = job.Days(clock.today()).wanted, Reason.objects.get(code="customer_needs_earlier")
    with pytest.raises(SentForApproval) as sent:
        orders.pull_in(row, by=emma, to=wanted, reason=reason, freight_cost=Money.of("120", "EUR"))
    assert sent.value.approval.required_role == "senior"
    row.refresh_from_db()
    assert row.promised_on != wanted
    orders.pull_in(row, by=emma, to=wanted, reason=reason, freight_cost=Money.of("80", "EUR"))
    row.refresh_from_db()
    assert row.promised_on == wanted


def test_the_rep_may_give_200_a_month_and_80_each_time(order: Order) -> None:
    amounts = Limit.objects.filter(role="rep", action="orders.pull_in").values_list("period", "amount")
    assert dict(amounts) == {"month": Decimal(200), "act": Decimal(80)}


def test_the_mail_is_from_the_buyer_and_names_her_order_and_both_positions(order: Order) -> None:
    letter = job.letter()
    assert "claire.moreau@rhone-mecanique.example" in letter.sender
    assert Contact.objects.filter(identities__normal="claire.moreau@rhone-mecanique.example").exists()
    assert letter.to.endswith("<service.clients@lyskamp.example>")
    assert "$" not in letter.subject + letter.text
    assert "position 20 de notre commande PO-77341" in letter.text
    assert "position 10" in letter.text
    assert str(job.Days(clock.today()).wanted.day) in letter.text


@pytest.mark.parametrize("offset", range(0, 365, 9))
def test_the_days_of_the_job_are_working_days_in_their_order_whatever_the_day_of_the_first_start(offset: int) -> None:
    days = job.Days(date.fromordinal(date(2026, 1, 1).toordinal() + offset))
    assert days.placed < days.late < days.today < days.wanted < days.promised
    assert all(is_business_day(day, "FR") for day in (days.wanted, days.promised, days.late))
