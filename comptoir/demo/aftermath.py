"""What the played threads leave behind: promises of answers, and events."""

from datetime import datetime, time, timedelta
from typing import Any

from comptoir.cases import verbs
from comptoir.cases.models import Ask, Case, Conversation
from comptoir.demo.cast import HOME
from comptoir.demo.ledger import Ledger
from comptoir.demo.moments import worked
from comptoir.demo.stage import Play, due_on
from comptoir.people import system
from comptoir.people.models import Member
from comptoir.promises import verbs as promised
from comptoir.promises.models import Promise

Channel = Conversation.Channel


def write(plays: list[Play], now: datetime, ledger: Ledger) -> None:
    """Promises first, then the story of each case."""
    desk = system()
    _write_promises(plays, now, ledger, desk)
    for entry in plays:
        _tell_case(entry, ledger, desk)
        _tell_messages(entry, ledger, desk)
        _tell_asks(entry, ledger, desk)
        _tell_end(entry, ledger, desk)


def _on(entry: Play) -> list[Any]:
    return [entry.case, entry.case.customer]


# Promises


def _write_promises(plays: list[Play], now: datetime, ledger: Ledger, desk: Member) -> None:
    made: list[tuple[Play, Promise, Ask | None]] = []
    for entry in plays:
        if entry.thread.promise:
            ask = entry.asks[0] if entry.asks and entry.thread.promise_kind == "answer" else None
            made.append((entry, _promise(entry, ask, now), ask))
    Promise.objects.bulk_create([promise for _e, promise, _a in made])
    for entry, promise, ask in made:
        if ask is not None:
            ask.promise = promise
            ask.state = Ask.State.PROMISED if promise.is_standing else Ask.State.ANSWERED
            if not promise.is_standing:
                ask.answered_by = entry.last_answer
        if promise.state == Promise.State.OPEN and entry.case.is_worked_on:
            entry.case.next_update_at = promise.due_at
        _tell_promise(entry, promise, ledger, desk)
    Ask.objects.bulk_update([a for _e, _p, a in made if a is not None], ["promise", "state", "answered_by"])
    Case.objects.bulk_update([e.case for e, _p, _a in made], ["next_update_at"])


def _promise(entry: Play, ask: Ask | None, now: datetime) -> Promise:
    """`kept`, `late` and `broken` lie behind us, `today` and `tomorrow` ahead."""
    case, kind, outcome = entry.case, entry.thread.promise_kind, entry.thread.promise
    first = entry.first_answer or entry.messages[0]
    answered = entry.last_answer or first
    due_at = _due(outcome, first.occurred_at, answered.occurred_at, now)
    promise = Promise(
        kind=kind if ask is not None or kind != "answer" else "callback", text=(ask.text if ask else case.subject)[:300],
        customer=case.customer, contact=case.contact, subject_noun="ask" if ask else "case",
        subject_id=ask.pk if ask else case.pk, case_id=case.pk, made_by=entry.rep, owner=entry.rep,
        made_at=first.occurred_at, due_at=due_at, original_due_at=due_at, zone="Europe/Brussels",
    )  # fmt: skip
    if outcome in ("kept", "late"):
        promise.state = Promise.State.KEPT if outcome == "kept" else Promise.State.KEPT_LATE
        promise.closed_at, promise.evidence_noun, promise.evidence_id = answered.occurred_at, "message", answered.pk
    elif outcome == "broken":
        promise.state = Promise.State.BROKEN
    return promise


def _due(outcome: str, made_at: datetime, answered_at: datetime, now: datetime) -> datetime:
    if outcome == "kept":
        return answered_at + timedelta(hours=2)
    if outcome == "late":
        return made_at + (answered_at - made_at) / 2
    if outcome == "broken":
        return worked(min(made_at + timedelta(hours=24), now - timedelta(minutes=40)), now)
    hour = time(10) if outcome == "tomorrow" else time(16)
    return max(datetime.combine(due_on(outcome, now), hour, HOME), now + timedelta(minutes=50))


def _tell_promise(entry: Play, promise: Promise, ledger: Ledger, desk: Member) -> None:
    on = [promise, entry.case, entry.case.customer, entry.rep]
    ledger.write(promised.MADE, entry.rep, on, promise.made_at, text=promise.text, due=promise.due)
    if promise.state == Promise.State.BROKEN:
        ledger.write(promised.BROKEN, desk, on, promise.due_at, text=promise.text, due=promise.due)
    elif promise.closed_at is not None:
        verb = promised.KEPT if promise.state == Promise.State.KEPT else promised.KEPT_LATE
        ledger.write(verb, entry.rep, on, promise.closed_at, text=promise.text)


# The story of a case


def _tell_case(entry: Play, ledger: Ledger, desk: Member) -> None:
    case, team = entry.case, entry.case.team_id
    by = entry.messages[0].author or desk
    ledger.write(verbs.OPENED, by, _on(entry), case.created_at, team, subject=case.subject)
    for link in entry.links:
        assert entry.cast is not None
        order = entry.cast.order
        at = max(
            case.created_at, order.placed_at + timedelta(minutes=1)
        )  # what came before the order is linked to it then
        ledger.write(verbs.LINKED, by, [case, order], at, team, to=order.number, how=link.How(link.how).label)
    if case.owner is not None:
        taken_at = case.created_at + timedelta(minutes=1)
        ledger.write(
            verbs.ASSIGNED, case.owner, [*_on(entry), case.owner], taken_at, team, before=None, after=case.owner
        )
    for tag in entry.thread.tags:
        ledger.write(verbs.TAGGED, entry.rep, [case], case.last_message_at, team, tag=tag)


def _tell_messages(entry: Play, ledger: Ledger, desk: Member) -> None:
    case, team = entry.case, entry.case.team_id
    for message in entry.messages:
        at, channel = message.occurred_at, Channel(message.conversation.channel).label
        if message.direction == "internal":
            ledger.write(verbs.NOTED, message.author or desk, [case], at, team)
        elif message.direction == "out":
            assert entry.cast is not None
            assert message.author is not None
            ledger.write(verbs.REPLIED, message.author, _on(entry), at, team, to=entry.cast.email)
            _tell_delivery(entry, at + timedelta(seconds=12), ledger, desk)
        elif message.author is not None:
            ledger.write(
                verbs.LOGGED, message.author, _on(entry), at, team, channel=channel, contact=message.sender_name
            )
        else:
            ledger.write(verbs.RECEIVED, desk, _on(entry), at, team, channel=channel, sender=message.sender_name)


def _tell_delivery(entry: Play, at: datetime, ledger: Ledger, desk: Member) -> None:
    assert entry.cast is not None
    case, to = entry.case, entry.cast.email
    if entry.thread.bounce:
        ledger.write(verbs.SEND_FAILED, desk, _on(entry), at, case.team_id, to=to, error=entry.thread.bounce)
    else:
        ledger.write(verbs.SENT, desk, [case], at, case.team_id, to=to)


def _tell_asks(entry: Play, ledger: Ledger, desk: Member) -> None:
    case, team = entry.case, entry.case.team_id
    for ask in entry.asks:
        ledger.write(verbs.ASK_ADDED, entry.messages[0].author or desk, [case], ask.created_at, team, text=ask.text)
        if ask.promise is not None:
            promise = ask.promise
            ledger.write(
                verbs.ASK_PROMISED, entry.rep, [case], promise.made_at, team, text=ask.text, due=promise.due_at
            )
        if ask.state == Ask.State.ANSWERED:
            at = ask.answered_by.occurred_at if ask.answered_by else case.last_message_at
            ledger.write(verbs.ASK_ANSWERED, entry.rep, [case], at, team, text=ask.text)


def _tell_end(entry: Play, ledger: Ledger, desk: Member) -> None:
    case, team, at = entry.case, entry.case.team_id, entry.case.last_message_at
    if case.state == Case.State.WAITING and case.is_snoozed:
        ledger.write(verbs.SNOOZED, entry.rep, [case], at, team, until=case.waiting_until)
    elif case.state == Case.State.WAITING:
        label = Case.WaitingOn(case.waiting_on).label
        ledger.write(verbs.WAITING, entry.rep, [case], at, team, for_what=label)
    elif case.state == Case.State.SPAM:
        ledger.write(verbs.SPAM, entry.rep, [case], at, team)
    elif case.resolved_at is not None:
        ledger.write(verbs.RESOLVED, entry.rep, _on(entry), case.resolved_at, team, resolution=case.resolution[:120])
        if case.state == Case.State.CLOSED:
            ledger.write(verbs.CLOSED, desk, [case], case.resolved_at + timedelta(days=14), team)
