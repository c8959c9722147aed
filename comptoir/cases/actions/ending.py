"""Resolving, reopening, closing, spam."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Text, action
from comptoir.actions.due import due, take
from comptoir.cases import verbs
from comptoir.cases.actions.escalating import refuse_open_escalation
from comptoir.cases.actions.handoffs import refuse_open_hand_offs
from comptoir.cases.actions.opening import on
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Case
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member, system
from comptoir.people.models import Member
from comptoir.promises.models import Promise

State = Case.State
CLOSE_DAYS = 14


@action(
    "cases.resolve",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Resolve"),
    labels={
        "resolution": gettext_lazy("What solved it"),
        "solved_in_contact": gettext_lazy("Solved in this contact"),
    },
)
def resolve(case: Case, *, by: Member, resolution: Text, solved_in_contact: bool = False) -> Case:
    """End the work: nothing asked is open, nothing promised outstanding."""
    if not case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=case, state=State(case.state).label))
    refuse_unfinished(case)
    case.state, case.waiting_on, case.waiting_until = State.RESOLVED, "", None
    case.resolution, case.solved_in_contact = resolution, solved_in_contact
    case.resolved_at, case.is_unread, case.next_update_at = clock.now(), False, None
    case.save()
    record(verbs.RESOLVED, by=by, on=on(case), scope_team=case.team_id, resolution=resolution[:120])
    return case


def refuse_unfinished(case: Case) -> None:
    """Raise ActionError naming what is still open."""
    if case.customer_id is None and case.type != Case.Type.INTERNAL:
        raise ActionError(_("Say first whose case it is."))
    if asks := [a.text for a in case.asks.filter(state=Ask.State.OPEN)]:
        raise ActionError(_("Not answered yet: {asks}").format(asks=" · ".join(asks)))
    if standing := [p.text for p in Promise.objects.standing().filter(case_id=case.pk)]:
        raise ActionError(_("Promised and not done yet: {promises}").format(promises=" · ".join(standing)))
    refuse_open_hand_offs(case)
    refuse_open_escalation(case)


@action("cases.reopen", subject=Case, authority=any_member, title=gettext_lazy("Open again"))
def reopen(case: Case, *, by: Member) -> Case:
    """Take the work up again."""
    if case.state not in (State.RESOLVED, State.CLOSED, State.SPAM):
        raise ActionError(_("{case} is {state}.").format(case=case, state=State(case.state).label))
    case.reopened += case.state != State.SPAM
    case.state, case.resolved_at, case.solved_in_contact = State.OPEN, None, None
    case.next_update_at = next_update(case, clock.now())
    case.save()
    record(verbs.REOPENED, by=by, on=on(case), scope_team=case.team_id)
    return case


@action("cases.mark_spam", subject=Case, authority=any_member, title=gettext_lazy("Spam"))
def mark_spam(case: Case, *, by: Member) -> Case:
    """Nobody's case: kept, never answered."""
    if case.state in (State.MERGED, State.SPAM):
        raise ActionError(_("{case} is {state}.").format(case=case, state=State(case.state).label))
    refuse_open_hand_offs(case)
    refuse_open_escalation(case)
    case.state, case.next_update_at, case.is_unread = State.SPAM, None, False
    case.save()
    record(verbs.SPAM, by=by, on=[case], scope_team=case.team_id)
    return case


@due("cases.close")
def close_due(now: datetime) -> int:
    """Resolved cases nobody came back to are closed after two weeks."""
    old = Case.objects.filter(state=State.RESOLVED, resolved_at__lte=now - timedelta(days=CLOSE_DAYS))
    return take(old, _close)


def _close(case: Case) -> None:
    case.state = State.CLOSED
    case.save(update_fields=["state"])
    record(verbs.CLOSED, by=system(), on=[case], scope_team=case.team_id)
