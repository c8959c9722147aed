"""Asks: every question and wish ends answered, promised or refused."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.cases import verbs
from comptoir.cases.models import Ask, Case, Message
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise

State = Ask.State
ANSWER = Promise.Kind.ANSWER


@action("cases.add_ask", subject=Case, authority=any_member, title=gettext_lazy("Add an ask"))
def add_ask(case: Case, *, by: Member, text: str) -> Ask:
    """Note a question or wish of the customer."""
    ask = Ask.objects.create(case=case, text=text[:300])
    record(verbs.ASK_ADDED, by=by, on=[case], scope_team=case.team_id, text=ask.text)
    return ask


def answer_open(case: Case, asks: list[Ask], message: Message | None, by: Member) -> None:
    """Mark asks as answered by a message; a promise to answer one is kept by it."""
    for ask in asks:
        if ask.case_id != case.pk:
            raise ActionError(_("This ask belongs to another case."))
        if ask.state not in (State.OPEN, State.PROMISED):
            continue
        ask.state, ask.answered_by = State.ANSWERED, message
        ask.save()
        record(verbs.ASK_ANSWERED, by=by, on=[case], scope_team=case.team_id, text=ask.text)
        if ask.promise is not None and ask.promise.is_standing:
            promises.keep(ask.promise, message or ask, by=by, on=(case,))


def unanswer(ask: Ask, message: Message, by: Member) -> None:
    """The message that answered an ask never left: it is open again, and a promise kept by the message stands."""
    kept = ask.promise
    if kept is not None and (kept.evidence_noun, kept.evidence_id) == ("message", message.pk):
        promises.stand_again(kept, by=by, on=(ask.case,))
    ask.state = State.PROMISED if kept is not None and kept.is_standing else State.OPEN
    ask.answered_by = None
    ask.save()


@action(
    "cases.answer_ask", subject=Ask, root=lambda ask: ask.case, authority=any_member, title=gettext_lazy("Answered")
)
def answer_ask(ask: Ask, *, by: Member) -> Ask:
    """The customer has the answer: by the last message that went to them, or said on the phone."""
    last = ask.case.messages.exclude(direction="internal").order_by("-occurred_at", "-pk").first()
    answer_open(ask.case, [ask], last, by)
    return ask


@action(
    "cases.promise_answer",
    subject=Ask,
    root=lambda ask: ask.case,
    authority=any_member,
    title=gettext_lazy("Promise an answer"),
    labels={"due_at": gettext_lazy("By when"), "owner": gettext_lazy("Who answers")},
)
def promise_answer(ask: Ask, *, by: Member, due_at: datetime, owner: Member | None = None) -> Promise:
    """Promise the answer for a moment; an earlier promise of it is moved."""
    if due_at <= clock.now():
        raise ActionError(_("This moment has passed."))
    if ask.state in (State.ANSWERED, State.REFUSED):
        raise ActionError(_("This ask is settled: {state}.").format(state=State(ask.state).label))
    case, until = ask.case, promises.Due.at_moment(due_at, by.time_zone)
    standing = promises.standing_on(ask, ANSWER)
    if standing is not None:
        made = promises.revise(standing, ask, by=by, until=until, reason="", on=(case,))
    else:
        made = promises.promise(
            ask, by=by, kind=ANSWER, text=ask.text, until=until, customer=case.customer, contact=case.contact,
            case_id=case.pk, owner=owner or by, on=(case, owner or by),
        )  # fmt: skip
    ask.state, ask.promise = State.PROMISED, made
    ask.save()
    if case.is_worked_on:
        case.next_update_at = due_at
        case.save(update_fields=["next_update_at"])
    record(verbs.ASK_PROMISED, by=by, on=[case], scope_team=case.team_id, text=ask.text, due=due_at)
    return made


@action("cases.refuse_ask", subject=Ask, root=lambda ask: ask.case, authority=any_member, title=gettext_lazy("Refuse"))
def refuse_ask(ask: Ask, *, by: Member, reason: str) -> Ask:
    """The customer does not get it, and why."""
    ask.state, ask.reason = State.REFUSED, reason[:300]
    ask.save()
    if ask.promise is not None and ask.promise.is_standing:
        promises.withdraw(ask.promise, by=by, reason=reason, on=(ask.case,))
    record(verbs.ASK_REFUSED, by=by, on=[ask.case], scope_team=ask.case.team_id, text=ask.text, reason=reason)
    return ask
