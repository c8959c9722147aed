"""Raising a case up the ladder: with a brief, taken or returned, while the rep keeps following and the customer is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from comptoir.actions import ALLOWED, ActionError, Denied, Text, Verdict, action
from comptoir.actions.due import due, take
from comptoir.cases import verbs
from comptoir.cases.actions.desk import save_draft
from comptoir.cases.clocks import open_hours_after, past_closed_days
from comptoir.cases.facts import Fact, facts_of
from comptoir.cases.models import Case, Draft, Escalation, Follow, HandOff
from comptoir.customers.queries import email_of
from comptoir.events import record
from comptoir.lib import clock, days
from comptoir.lib.roles import RANKS, Role
from comptoir.people import any_member, system
from comptoir.people.models import Member

State, Level = Escalation.State, Escalation.Level
HOURS = {Level.SENIOR: 4, Level.SPECIALIST: 8, Level.SUPERVISOR: 4, Level.MANAGER: 8}
LABELS = {
    "level": gettext_lazy("To whom"),
    "to": gettext_lazy("Who exactly (empty: whoever takes it first)"),
    "due_at": gettext_lazy("Answer by (empty: the usual time)"),
    "reason": gettext_lazy("Why"),
    "answer": gettext_lazy("What was decided"),
}


def may_take(member: Member, raised: Escalation, inputs: Mapping[str, Any]) -> Verdict:
    """The member it was raised to, or anyone of that level and above but who raised it."""
    if member.pk == raised.raised_by_id:
        return Denied(_("You raised this yourself: somebody else has to take it."))
    level = Role(raised.level)
    if member.pk == raised.to_id or member.role == level or member.rank > RANKS[level]:
        return ALLOWED
    return Denied(_("This was raised to the role {role} or higher.").format(role=level.label))


def case_of(raised: Escalation) -> Case:
    return raised.case


ESCALATION: dict[str, Any] = {"subject": Escalation, "root": case_of, "labels": LABELS}


@action("cases.escalate", subject=Case, authority=any_member, title=gettext_lazy("Escalate"), labels=LABELS)
def escalate(
    case: Case,
    *,
    by: Member,
    level: Escalation.Level,
    reason: Text,
    to: Member | None = None,
    due_at: datetime | None = None,
) -> Escalation:
    """Raise a case to somebody with more authority; the brief writes itself, and one keeps following."""
    if not case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=case, state=Case.State(case.state).label))
    if to is not None and not (to.role == level or to.rank > RANKS[Role(level)]):
        raise ActionError(_("{member} is {role}.").format(member=to, role=to.get_role_display()))
    if to is not None and to.pk == by.pk:
        raise ActionError(_("A case is escalated to somebody else."))
    if due_at is not None and due_at <= clock.now():
        raise ActionError(_("This moment has passed."))
    _raise_above(case, level)
    to = to or _sponsor(case, level, by)
    until = due_at or open_hours_after(clock.now(), HOURS[Level(level)])
    raised = Escalation.objects.create(
        case=case, level=level, reason=reason, brief=brief_of(case), raised_by=by, to=to, due_at=until, raised_at=clock.now()
    )  # fmt: skip
    Follow.objects.get_or_create(case=case, member=by)
    case.next_update_at = past_closed_days(until)
    case.save(update_fields=["next_update_at"])
    _record(verbs.ESCALATED, raised, by, level=Level(level).label, reason=reason[:200])
    return raised


def _sponsor(case: Case, level: str, by: Member) -> Member | None:
    """What goes to the managers goes first to the one who is the customer's sponsor."""
    sponsor: Member | None = case.customer.sponsor if case.customer else None
    if level != Level.MANAGER or sponsor is None or not sponsor.is_active or sponsor.pk == by.pk:
        return None
    return sponsor if sponsor.at_least(Role.MANAGER) else None


def _raise_above(case: Case, level: str) -> None:
    """One standing at a time: raised higher it replaces the one before."""
    standing = case.escalations.standing().first()
    if standing is None:
        return
    if RANKS[Role(level)] <= RANKS[Role(standing.level)]:
        told = _("This case is with the {level} already.").format(level=standing.get_level_display())
        raise ActionError(told)
    standing.state, standing.answered_at = State.HIGHER, clock.now()
    standing.save(update_fields=["state", "answered_at"])


def brief_of(case: Case) -> list[Fact]:
    """What the next one has to know: the facts, what was said last, who was asked, what was decided before."""
    facts = facts_of(case)
    heard = case.messages.filter(direction="in").order_by("-occurred_at", "-pk").first()
    if heard is not None:
        facts.append([_("The customer's last words"), " ".join(heard.text.split())[:400]])
    for asked in HandOff.objects.filter(case=case).select_related("department"):
        facts.append([str(asked.department), f"{asked.question[:160]} · {asked.get_state_display()}"])
    for before in case.escalations.all():
        facts.append([before.get_level_display(), f"{before.reason[:160]} · {before.get_state_display()}"])
    return facts


def _record(verb: Any, raised: Escalation, by: Member, **data: Any) -> None:
    sponsor = raised.case.customer.sponsor if raised.case.customer else None
    people = {m.pk: m for m in (raised.to, raised.raised_by, raised.case.owner, sponsor) if m is not None}
    record(verb, by=by, on=[raised.case, raised, *people.values()], scope_team=raised.case.team_id, **data)


def _refuse_ended(raised: Escalation, *states: str) -> None:
    if raised.state not in states:
        raise ActionError(_("This escalation is {state}.").format(state=State(raised.state).label))


@action("cases.accept_escalation", authority=may_take, title=gettext_lazy("Take the escalation"), **ESCALATION)
def accept_escalation(raised: Escalation, *, by: Member) -> Escalation:
    """Take the case on; a reply that tells the customer who answers and by when waits as a draft."""
    _refuse_ended(raised, State.RAISED)
    case = raised.case
    raised.state, raised.to, raised.answered_at = State.ACCEPTED, by, clock.now()
    raised.save(update_fields=["state", "to", "answered_at"])
    case.owner = by
    case.save(update_fields=["owner"])
    Follow.objects.get_or_create(case=case, member=raised.raised_by)
    if case.customer is not None and not Draft.objects.filter(case=case, member=by, kind=Draft.Kind.REPLY).exists():
        save_draft(case, by, Draft.Kind.REPLY, telling(case, by, raised.due_at), email_of(case.contact, case.customer))
    _record(verbs.ESCALATION_ACCEPTED, raised, by, member=by)
    return raised


def telling(case: Case, member: Member, due_at: datetime) -> str:
    """The sentence that tells the customer who answers and by when, in their language."""
    with override(case.language):
        told = _("I am now looking after your matter myself. You will hear from me by {day}.")
        return f"{told.format(day=days.day(due_at.date()))}\n\n{member.name}"


@action("cases.return_escalation", authority=may_take, title=gettext_lazy("Return the escalation"), **ESCALATION)
def return_escalation(raised: Escalation, *, by: Member, reason: Text) -> Escalation:
    """Give the case back: what is missing, or how to go on."""
    _refuse_ended(raised, State.RAISED, State.ACCEPTED)
    raised.state, raised.answer, raised.answered_at = State.RETURNED, reason, clock.now()
    raised.save(update_fields=["state", "answer", "answered_at"])
    _give_back(raised)
    _record(verbs.ESCALATION_RETURNED, raised, by, reason=reason[:200])
    return raised


@action("cases.resolve_escalation", authority=may_take, title=gettext_lazy("Decided"), **ESCALATION)
def resolve_escalation(raised: Escalation, *, by: Member, answer: Text) -> Escalation:
    """Say what was decided; the case goes back to whoever raised it."""
    _refuse_ended(raised, State.RAISED, State.ACCEPTED)
    raised.state, raised.answer, raised.answered_at = State.RESOLVED, answer, clock.now()
    raised.to = raised.to or by
    raised.save(update_fields=["state", "answer", "answered_at", "to"])
    _give_back(raised)
    _record(verbs.ESCALATION_RESOLVED, raised, by, answer=answer[:200])
    return raised


def _give_back(raised: Escalation) -> None:
    """The case returns to whoever raised it, with something new in it."""
    case = raised.case
    case.owner = raised.raised_by if raised.raised_by.is_active else case.owner
    case.is_unread = True
    case.save(update_fields=["owner", "is_unread"])


@due("cases.escalations_late")
def mark_late(now: datetime) -> int:
    """Escalations nobody decided in time are late, and said to be: to who raised it, who has it, and the sponsor."""
    return take(Escalation.objects.standing().filter(due_at__lte=now, was_late=False).order_by("due_at"), _mark_late)


def _mark_late(raised: Escalation) -> None:
    raised.was_late = True
    raised.save(update_fields=["was_late"])
    _record(verbs.ESCALATION_LATE, raised, system(), level=Level(raised.level).label, due=raised.due_at)


def refuse_open_escalation(case: Case) -> None:
    """Raise ActionError while somebody up the ladder has still to decide."""
    standing = case.escalations.standing().first()
    if standing is not None:
        raise ActionError(_("The {level} has not decided yet.").format(level=standing.get_level_display()))
