"""Asking another department: its clock, its answers, and what the case and the customer's next update do meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.cases.actions import handoffs
from comptoir.cases.actions.ending import resolve
from comptoir.cases.actions.escalating import accept_escalation, escalate, resolve_escalation, return_escalation
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.merging import merge, unmerge
from comptoir.cases.models import Case, Draft, Escalation, HandOff
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.people.models import Department, Member
from tests import build

pytestmark = pytest.mark.django_db
Answer = HandOff.Answer


@pytest.fixture
def case() -> Case:
    build.contact(build.customer())
    return receive(build.mail(build.WISH)).case


@pytest.fixture
def planning() -> Department:
    return Department.objects.create(name="Planning", answer_hours=6)


@pytest.fixture
def planner(planning: Department) -> Member:
    made = build.member(name="Planner", teams=())
    made.department = planning
    made.save()
    return made


def asked(case: Case, planning: Department, **more: object) -> HandOff:
    return handoffs.hand_off(
        case, by=build.member(), department=planning, question="Can position 20 come earlier?", **more
    )


def test_the_case_waits_for_the_department_and_the_customers_update_follows_its_clock(case, planning):
    one = asked(case, planning)
    assert (case.state, case.waiting_on, case.waiting_until) == ("waiting", "department", one.due_at)
    assert one.due_at >= clock.now() + timedelta(hours=5)
    assert one.due_at < case.next_update_at <= one.due_at + timedelta(days=4)
    assert ["Customer", "Hydraulique Martin, class B"] in one.facts
    assert any("position 20" in value for _label, value in one.facts)


def test_who_is_asked_sees_the_case_and_nobody_else_of_another_team_does(case, planning, planner):
    stranger = build.member(teams=(build.team("Export"),))
    elsewhere = Department.objects.create(name="Accounts")
    stranger.department = elsewhere
    stranger.save()
    assert not Case.objects.visible_to(planner).filter(pk=case.pk).exists()
    one = asked(case, planning)
    assert Case.objects.visible_to(planner).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(stranger).filter(pk=case.pk).exists()
    assert list(HandOff.objects.asked_of(planner)) == [one]
    with pytest.raises(ActionError):
        handoffs.answer_hand_off(one, by=stranger, answer=Answer.NO)


def test_an_answer_brings_the_case_back_with_an_update_soon(case, planning, planner):
    one = handoffs.accept_hand_off(asked(case, planning, expects=HandOff.Expects.DAY), by=planner)
    with pytest.raises(ActionError, match="A day was asked for"):
        handoffs.answer_hand_off(one, by=planner, answer=Answer.YES)
    handoffs.answer_hand_off(
        one, by=planner, answer=Answer.COUNTER, day=build.workday(9), quantity=Decimal(4), text="In part"
    )
    case.refresh_from_db()
    assert (case.state, case.waiting_on, case.is_unread) == ("open", "", True)
    assert case.next_update_at <= clock.now() + timedelta(days=4)
    assert (one.state, one.answer, one.day, one.quantity, one.taken_by) == (
        "answered",
        "counter",
        build.workday(9),
        4,
        planner,
    )
    assert [turn.kind for turn in one.turns.all()] == ["question", "answer"]


def test_a_question_back_is_answered_and_the_clock_starts_anew(case, planning, planner):
    one = handoffs.answer_hand_off(asked(case, planning), by=planner, answer=Answer.INFO, text="Which colour?")
    handoffs.ask_again(one, by=build.member(), text="Blue")
    assert (one.state, one.answer) == ("accepted", "")
    handoffs.answer_hand_off(one, by=planner, answer=Answer.YES)
    handoffs.close_hand_off(one, by=build.member())
    assert [turn.kind for turn in one.turns.all()] == ["question", "answer", "information", "answer"]
    with pytest.raises(ActionError, match="Closed"):
        handoffs.answer_hand_off(one, by=planner, answer=Answer.NO)


def test_two_departments_are_waited_for_until_the_last_has_answered(case, planning, planner):
    accounts = Department.objects.create(name="Accounts")
    first, second = asked(case, planning), asked(case, accounts)
    handoffs.decline_hand_off(first, by=planner, reason="Not ours")
    case.refresh_from_db()
    assert case.state == "waiting"
    handoffs.close_hand_off(second, by=build.member())
    case.refresh_from_db()
    assert case.state == "open"


def test_what_is_not_answered_in_time_is_late_once_and_the_case_comes_back(case, planning):
    one = asked(case, planning)
    tick(one.due_at + timedelta(minutes=1))
    tick(one.due_at + timedelta(minutes=2))
    one.refresh_from_db()
    case.refresh_from_db()
    assert (one.was_late, case.state) == (True, "open")
    assert [e.verb for e in story(case)].count("cases.hand_off_late") == 1


def test_a_case_is_not_resolved_over_an_open_hand_off(case, planning, planner):
    case.asks.update(state="answered")
    one = handoffs.answer_hand_off(asked(case, planning), by=planner, answer=Answer.NO)
    with pytest.raises(ActionError, match="Planning"):
        resolve(case, by=build.member(), resolution="Done")
    handoffs.close_hand_off(one, by=build.member())
    case.refresh_from_db()
    assert resolve(case, by=build.member(), resolution="Done").state == "resolved"


def test_a_hand_off_goes_with_a_merged_case_and_comes_back(case, planning):
    one, other = asked(case, planning), receive(build.mail(build.WISH)).case
    merge(case, by=build.member(), into=other)
    one.refresh_from_db()
    assert one.case == other
    unmerge(case, by=build.member())
    one.refresh_from_db()
    assert one.case == case


def test_asking_about_a_line_without_a_case_opens_one_for_the_customer(planning):
    order = build.order(build.customer())
    row, rep = build.schedule_line(order), build.member()
    one = handoffs.hand_off_line(row, by=rep, department=planning, question="Earlier?")
    assert (one.case.customer, one.case.owner, one.case.waiting_on) == (order.customer, rep, "department")
    assert (one.noun, one.object_id) == ("scheduleline", row.pk)
    assert one.case.links.filter(noun="order", object_id=order.pk).exists()
    assert "cases.handed_off" in [e.verb for e in story(order)]


def test_a_line_is_asked_about_in_a_case_of_its_own_customer_only(case, planning):
    row = build.schedule_line(build.order(build.customer("Nordisk Pumpe", country="DK")))
    with pytest.raises(ActionError, match="another customer"):
        handoffs.hand_off_line(row, by=build.member(), department=planning, question="Earlier?", case=case)
    assert not HandOff.objects.exists()


def test_an_escalation_is_taken_with_its_brief_and_the_customer_told_who_answers(case):
    rep, senior = build.member(), build.member(Role.SENIOR)
    raised = escalate(case, by=rep, level=Escalation.Level.SENIOR, reason="Above my limit")
    assert any(label == "The customer's last words" for label, _value in raised.brief)
    accept_escalation(raised, by=senior)
    case.refresh_from_db()
    assert case.owner == senior
    assert case.follows.filter(member=rep).exists()
    assert senior.name in Draft.objects.get(case=case, member=senior).text
    case.asks.update(state="answered")
    with pytest.raises(ActionError, match="has not decided yet"):
        resolve(case, by=senior, resolution="Done")
    resolve_escalation(raised, by=senior, answer="Credit the freight")
    case.refresh_from_db()
    assert (case.owner, raised.state) == (rep, "resolved")


def test_an_escalation_goes_up_and_never_sideways_or_to_oneself(case):
    senior, supervisor = build.member(Role.SENIOR), build.member(Role.SUPERVISOR)
    first = escalate(case, by=build.member(), level=Escalation.Level.SENIOR, reason="Help")
    with pytest.raises(ActionError, match="already"):
        escalate(case, by=build.member(), level=Escalation.Level.SPECIALIST, reason="Help")
    second = escalate(case, by=senior, level=Escalation.Level.SUPERVISOR, reason="Above mine too")
    first.refresh_from_db()
    assert first.state == "higher"
    with pytest.raises(ActionError):
        accept_escalation(second, by=senior)
    return_escalation(second, by=supervisor, reason="Ask the carrier first")
    case.refresh_from_db()
    assert (case.owner, second.state) == (senior, "returned")
