"""A manager stands up for a customer: named, shown, first asked, and told; and what nobody decides is late."""

from datetime import timedelta

import pytest
from django.test import Client

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.cases import handoff_queries as queries
from comptoir.cases.actions.escalating import accept_escalation, escalate
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.merging import merge, unmerge
from comptoir.cases.models import Case, Escalation, HandOff
from comptoir.customers.actions import set_sponsor
from comptoir.customers.models import Customer
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.people.models import Department, Member
from tests import build

pytestmark = pytest.mark.django_db
Level = Escalation.Level


@pytest.fixture
def customer() -> Customer:
    made = build.customer()
    build.contact(made)
    build.order(made, po="PO-77341", products=2)
    return made


@pytest.fixture
def case(customer) -> Case:
    return receive(build.mail(build.WISH)).case


@pytest.fixture
def sponsor(customer) -> Member:
    luc = build.member(Role.MANAGER, name="Luc Martens")
    set_sponsor(customer, by=build.member(Role.SUPERVISOR), sponsor=luc)
    return luc


def told(row) -> str:
    return " ".join(str(event.phrase) for event in story(row))


def test_a_manager_is_named_by_a_supervisor_and_shown_wherever_the_customer_is(client: Client, customer, case, sponsor):
    client.force_login(build.member())
    order = customer.orders.get()
    for page in (customer.get_absolute_url(), case.get_absolute_url(), order.get_absolute_url()):
        assert "Luc Martens" in client.get(page).content.decode()
    assert "Sponsor: – → Luc Martens" in told(customer)


def test_nobody_else_is_named_and_no_rep_names_one(customer):
    boss = build.member(Role.SUPERVISOR)
    with pytest.raises(ActionError, match="Senior"):
        set_sponsor(customer, by=boss, sponsor=build.member(Role.SENIOR))
    with pytest.raises(ActionError):
        set_sponsor(customer, by=build.member(), sponsor=build.member(Role.MANAGER))
    customer.refresh_from_db()
    assert customer.sponsor is None


def test_what_is_raised_to_the_managers_goes_to_the_sponsor_first(case, sponsor):
    build.member(Role.MANAGER)
    raised = escalate(case, by=build.member(), level=Level.MANAGER, reason="They threaten to leave")
    assert raised.to == sponsor
    assert queries.raised_to(sponsor) == [raised]


def test_the_sponsor_hears_of_what_others_decide(client: Client, case, sponsor):
    raised = escalate(case, by=build.member(), level=Level.SENIOR, reason="Above my limit")
    assert raised.to is None
    assert queries.raised_to(sponsor) == [raised]
    assert "Above my limit" in told(sponsor)
    assert queries.raised_to(build.member(Role.MANAGER)) == []
    client.force_login(sponsor)
    assert "you sponsor them" in client.get("/day/").content.decode()


def test_a_sponsor_who_left_is_asked_no_more(case, sponsor):
    Member.objects.filter(pk=sponsor.pk).update(is_active=False)
    assert escalate(case, by=build.member(), level=Level.MANAGER, reason="Help").to is None


def test_what_nobody_decides_in_time_is_late_once_and_those_concerned_are_told(case, sponsor):
    rep = build.member()
    raised = escalate(case, by=rep, level=Level.SENIOR, reason="Above my limit")
    with clock.at(raised.due_at - timedelta(minutes=1)):
        assert tick()["cases.escalations_late"] == 0
    with clock.at(raised.due_at + timedelta(minutes=1)):
        assert tick()["cases.escalations_late"] == 1
        assert tick()["cases.escalations_late"] == 0
    for row in (case, rep, sponsor):
        assert "no decision by" in told(row)
    accept_escalation(raised, by=build.member(Role.SENIOR))


def test_a_merged_case_takes_its_escalation_along_and_back(case, sponsor):
    other = receive(build.mail("Autre chose", sender="else@martin.example")).case
    raised = escalate(case, by=build.member(), level=Level.SENIOR, reason="Help")
    rep = build.member()
    merge(case, by=rep, into=other)
    raised.refresh_from_db()
    assert raised.case == other
    assert not any(finding.count for finding in queries.invariants())
    unmerge(case, by=rep)
    raised.refresh_from_db()
    assert raised.case == case


def test_two_cases_that_both_were_escalated_are_not_merged(case):
    other = receive(build.mail("Autre chose", sender="else@martin.example")).case
    for one in (case, other):
        escalate(one, by=build.member(), level=Level.SENIOR, reason="Help")
    with pytest.raises(ActionError, match="decided or returned"):
        merge(case, by=build.member(), into=other)
    assert Escalation.objects.filter(case=case).exists()


def test_the_self_check_finds_what_waits_where_nobody_works_and_answers_nobody_gave(case):
    planning = Department.objects.create(name="Planning")
    common = {"asked_by": build.member(), "due_at": clock.now(), "question": "When?", "department": planning}
    assert not any(finding.count for finding in queries.invariants())
    HandOff.objects.create(case=case, **common)
    HandOff.objects.create(case=case, state="answered", answer="yes", **common)
    Escalation.objects.create(case=case, level="senior", raised_by=build.member(), due_at=clock.now(), reason="x")
    Case.objects.filter(pk=case.pk).update(state="resolved")
    assert [finding.count for finding in queries.invariants()] == [1, 1, 1]
