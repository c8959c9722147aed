"""Asking another department: question, facts, clock, answer, counter-proposals; the customer's next update follows."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Denied, Text, Verdict, action
from comptoir.actions.due import due, take
from comptoir.cases import verbs
from comptoir.cases.actions.opening import open_new
from comptoir.cases.clocks import open_hours_after
from comptoir.cases.facts import Fact, facts_of, facts_of_line
from comptoir.cases.models import Case, CaseLink, HandOff, HandOffTurn
from comptoir.catalog.fields import Counted
from comptoir.events import record
from comptoir.lib import clock, days
from comptoir.lib.roles import Role
from comptoir.orders.actions.rests import follows_rests
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people import any_member, system
from comptoir.people.models import Department, Member

State, Answer, Kind = HandOff.State, HandOff.Answer, HandOffTurn.Kind
TELLING = 2  # hours between the department's answer and the customer's update
LABELS = {
    "department": gettext_lazy("Department"),
    "question": gettext_lazy("Question"),
    "expects": gettext_lazy("Answer wanted"),
    "due_at": gettext_lazy("Answer by (empty: the department's own time)"),
    "answer": gettext_lazy("Answer"),
    "day": gettext_lazy("Day"),
    "case": gettext_lazy("Case"),
}


def is_asked(member: Member, asked: HandOff, inputs: Mapping[str, Any]) -> Verdict:
    """A member of the department, or a supervisor and above."""
    if asked.department_id in member.department_ids or member.at_least(Role.SUPERVISOR):
        return ALLOWED
    return Denied(_("{department} answers this.").format(department=asked.department))


def case_of(asked: HandOff) -> Case:
    return asked.case


HAND_OFF: dict[str, Any] = {"subject": HandOff, "root": case_of, "labels": LABELS}


@action("cases.hand_off", subject=Case, authority=any_member, title=gettext_lazy("Hand off"), labels=LABELS)
def hand_off(
    case: Case,
    *,
    by: Member,
    department: Department,
    question: Text,
    expects: HandOff.Expects = HandOff.Expects.TEXT,
    due_at: datetime | None = None,
) -> HandOff:
    """Ask a department something in a case, with the facts as they stand; the case waits for the answer."""
    return _ask(case, by, department, question, expects, due_at, facts_of(case))


def _case_named(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Case]:
    return [inputs["case"]] if inputs.get("case") else []


@action(
    "cases.hand_off_line",
    subject=ScheduleLine,
    root=lambda row: row.order,
    also=_case_named,
    authority=any_member,
    title=gettext_lazy("Ask a department"),
    labels=LABELS,
)
def hand_off_line(
    row: ScheduleLine,
    *,
    by: Member,
    department: Department,
    question: Text,
    expects: HandOff.Expects = HandOff.Expects.DAY,
    due_at: datetime | None = None,
    case: Case | None = None,
) -> HandOff:
    """Ask a department about a schedule line; without a case one is opened for it, so that somebody tells the customer."""
    told = _("{order}: question about {line}").format(order=row.order, line=row.line)
    found = case or open_for(row.order, told, "note", by=by)
    if found.customer_id not in (None, row.order.customer_id):
        raise ActionError(_("{case} is another customer's.").format(case=found))
    put_beside(found, row.order, by)
    return _ask(found, by, department, question, expects, due_at, facts_of_line(row) + facts_of(found), row)


def put_beside(case: Case, order: Order, by: Member) -> None:
    """The order stands beside the case; the row is locked already."""
    link, new = CaseLink.objects.get_or_create(case=case, noun="order", object_id=order.pk)
    if new:
        how = CaseLink.How(link.how).label
        record(verbs.LINKED, by=by, on=[case, order], scope_team=case.team_id, to=order.number, how=how)


def open_for(order: Order, subject: str, channel: str, *, by: Member) -> Case:
    """A case of the member's own about an order."""
    team = by.teams.filter(is_active=True).order_by("pk").first()
    if team is None:
        raise ActionError(_("You are in no team: name the case this belongs to."))
    case = open_new(
        by=by, subject=subject, team=team, channel=channel, customer=order.customer, contact=order.contact,
        language=(order.contact and order.contact.language) or order.customer.language,
        inbox=team.inboxes.filter(is_active=True).order_by("pk").first(),
    )  # fmt: skip
    case.owner, case.state, case.type, case.is_unread = by, Case.State.OPEN, Case.Type.CHANGE, False
    case.save(update_fields=["owner", "state", "type", "is_unread"])
    return case


@follows_rests
def ask_of_rest(row: ScheduleLine, rest: ScheduleLine, by: Member) -> None:
    """What was asked about a schedule line is about what has not left of it."""
    HandOff.objects.filter(noun="scheduleline", object_id=row.pk).exclude(state=State.CLOSED).update(object_id=rest.pk)


def _ask(
    case: Case, by: Member, department: Department, question: str, expects: str, due_at: datetime | None,
    facts: list[Fact], row: ScheduleLine | None = None,
) -> HandOff:  # fmt: skip
    if not case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=case, state=Case.State(case.state).label))
    if not department.is_active:
        raise ActionError(_("{department} is no longer asked.").format(department=department))
    if due_at is not None and due_at <= clock.now():
        raise ActionError(_("This moment has passed."))
    until = due_at or open_hours_after(clock.now(), department.answer_hours)
    asked = HandOff.objects.create(
        case=case, department=department, question=question, facts=facts, expects=expects, asked_by=by, due_at=until,
        asked_at=clock.now(), noun="scheduleline" if row else "", object_id=row.pk if row else None,
    )  # fmt: skip
    _say(asked, by, Kind.QUESTION, question)
    _wait(case, until)
    _record(verbs.HANDED_OFF, asked, by, due=until, question=question[:200])
    return asked


def _say(asked: HandOff, by: Member, kind: str, text: str, **more: Any) -> None:
    HandOffTurn.objects.create(hand_off=asked, kind=kind, by=by, at=clock.now(), text=text, **more)


def _wait(case: Case, until: datetime) -> None:
    """The case rests until the department has answered; the customer hears from us right after."""
    case.state, case.waiting_on, case.waiting_until = Case.State.WAITING, Case.WaitingOn.DEPARTMENT, until
    case.next_update_at = open_hours_after(until, TELLING)
    case.save(update_fields=["state", "waiting_on", "waiting_until", "next_update_at"])


def _come_back(case: Case) -> None:
    """The ball is with us again: the case returns to its owner, and the customer is told soon."""
    if not case.is_worked_on:
        return
    if case.hand_offs.with_department().exists():
        return
    soon = open_hours_after(clock.now(), TELLING)
    case.state, case.waiting_on, case.waiting_until, case.is_unread = Case.State.OPEN, "", None, True
    case.next_update_at = min(case.next_update_at or soon, soon)
    case.save(update_fields=["state", "waiting_on", "waiting_until", "is_unread", "next_update_at"])


def _record(verb: Any, asked: HandOff, by: Member, **data: Any) -> None:
    """Tell it in the stories of the case, the department, the owner, and the order it is about."""
    case = asked.case
    people = [member for member in (case.owner, asked.asked_by) if member is not None]
    rows = [asked, case, asked.department, *people]
    if asked.noun == "scheduleline":
        row = ScheduleLine.objects.select_related("order").filter(pk=asked.object_id or 0).first()
        rows += [row, row.order] if row else []
    record(verb, by=by, on=list({(type(r), r.pk): r for r in rows}.values()), scope_team=case.team_id,
           department=str(asked.department), **data)  # fmt: skip


def _refuse_elsewhere(asked: HandOff) -> None:
    if not asked.is_with_department:
        raise ActionError(_("This hand-off is {state}.").format(state=State(asked.state).label))


@action("cases.accept_hand_off", authority=is_asked, title=gettext_lazy("Accept"), **HAND_OFF)
def accept_hand_off(asked: HandOff, *, by: Member) -> HandOff:
    """Take the question on: whoever asked knows that somebody works on it."""
    _refuse_elsewhere(asked)
    asked.state, asked.taken_by = State.ACCEPTED, by
    asked.save(update_fields=["state", "taken_by"])
    _record(verbs.HAND_OFF_ACCEPTED, asked, by)
    return asked


@action("cases.decline_hand_off", authority=is_asked, title=gettext_lazy("Decline"), **HAND_OFF)
def decline_hand_off(asked: HandOff, *, by: Member, reason: Text) -> HandOff:
    """Give the question back: it is not ours, and why."""
    _refuse_elsewhere(asked)
    asked.state, asked.taken_by, asked.answered_at = State.DECLINED, by, clock.now()
    asked.save(update_fields=["state", "taken_by", "answered_at"])
    _say(asked, by, Kind.DECLINED, reason)
    _come_back(asked.case)
    _record(verbs.HAND_OFF_DECLINED, asked, by, reason=reason[:200])
    return asked


@action("cases.answer_hand_off", authority=is_asked, title=gettext_lazy("Answer"), **HAND_OFF)
def answer_hand_off(
    asked: HandOff,
    *,
    by: Member,
    answer: HandOff.Answer,
    text: Text = Text(""),
    day: date | None = None,
    quantity: Counted | None = None,
) -> HandOff:
    """Answer yes, no, another proposal or what is missing; who asked for a day gets one."""
    _refuse_elsewhere(asked)
    if answer == Answer.COUNTER and not (day or quantity or text.strip()):
        raise ActionError(_("Say what you propose: a day, a quantity or a sentence."))
    if answer == Answer.INFO and not text.strip():
        raise ActionError(_("Say what you need to know."))
    if answer == Answer.YES and asked.expects == HandOff.Expects.DAY and day is None:
        raise ActionError(_("A day was asked for: name it."))
    now = clock.now()
    asked.state, asked.answer, asked.day, asked.quantity = State.ANSWERED, answer, day, quantity
    asked.taken_by, asked.answered_at, asked.was_late = asked.taken_by or by, now, asked.was_late or asked.due_at < now
    asked.save()
    _say(asked, by, Kind.ANSWER, text, answer=answer, day=day, quantity=quantity)
    _come_back(asked.case)
    _record(verbs.HAND_OFF_ANSWERED, asked, by, answer=Answer(answer).label, told=_told(text, day, quantity))
    return asked


def _told(text: str, day: date | None, quantity: Decimal | None) -> str:
    parts = [days.day(day) if day else "", f"{quantity.normalize():f}" if quantity is not None else "", text.strip()]
    return " · ".join(part for part in parts if part)[:200] or "–"


@action("cases.ask_hand_off_again", authority=any_member, title=gettext_lazy("Ask again"), **HAND_OFF)
def ask_again(
    asked: HandOff, *, by: Member, text: Text, day: date | None = None, due_at: datetime | None = None
) -> HandOff:
    """Give what was missing, or make a proposal of one's own: the question goes back to the department with a new clock."""
    if asked.state not in (State.ANSWERED, State.DECLINED):
        raise ActionError(_("This hand-off is {state}.").format(state=State(asked.state).label))
    if not asked.case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=asked.case, state=Case.State(asked.case.state).label))
    if due_at is not None and due_at <= clock.now():
        raise ActionError(_("This moment has passed."))
    asked.due_at = due_at or open_hours_after(clock.now(), asked.department.answer_hours)
    asked.state = State.ACCEPTED if asked.state == State.ANSWERED else State.SENT
    asked.answer, asked.day, asked.quantity, asked.answered_at = "", None, None, None
    asked.save()
    _say(asked, by, Kind.INFORMATION, text, day=day)
    _wait(asked.case, asked.due_at)
    _record(verbs.HAND_OFF_ASKED_AGAIN, asked, by, text=_told(text, day, None))
    return asked


@action("cases.close_hand_off", authority=any_member, title=gettext_lazy("Close the hand-off"), **HAND_OFF)
def close_hand_off(asked: HandOff, *, by: Member) -> HandOff:
    """The answer is used, or the question is no longer one."""
    if asked.state == State.CLOSED:
        raise ActionError(_("This hand-off is {state}.").format(state=State(asked.state).label))
    was_waiting = asked.is_with_department
    asked.state, asked.closed_at = State.CLOSED, clock.now()
    asked.save(update_fields=["state", "closed_at"])
    if was_waiting:
        _come_back(asked.case)
    _record(verbs.HAND_OFF_CLOSED, asked, by)
    return asked


def refuse_open_hand_offs(case: Case) -> None:
    """Raise ActionError naming the departments whose answers are still out or unused."""
    if standing := [str(one.department) for one in case.hand_offs.standing().select_related("department")]:
        raise ActionError(_("Hand-offs are still open: {departments}.").format(departments=", ".join(standing)))


@due("cases.hand_offs_late")
def mark_late(now: datetime) -> int:
    """Hand-offs nobody answered in time are late, and said to be."""
    late = HandOff.objects.with_department().filter(due_at__lte=now, was_late=False).order_by("due_at")
    return take(late, _mark_late)


def _mark_late(asked: HandOff) -> None:
    asked.was_late = True
    asked.save(update_fields=["was_late"])
    _record(verbs.HAND_OFF_LATE, asked, system(), due=asked.due_at)
