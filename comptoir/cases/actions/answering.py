"""Answering: replies, notes, taking a reply back."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from email.utils import getaddresses
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from procrastinate.contrib.django import app

from comptoir.actions import ALLOWED, ActionError, Denied, Text, Verdict, action
from comptoir.cases import verbs
from comptoir.cases.actions.asks import answer_open, unanswer
from comptoir.cases.actions.desk import claim, put_back
from comptoir.cases.actions.enclosing import refuse_unsendable
from comptoir.cases.actions.noting import note_told, take_back_told
from comptoir.cases.actions.opening import conversation_of, on
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Attachment, Case, Draft, Inbox, Message, Recipient
from comptoir.customers.identities import normal_email
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.lib import clock
from comptoir.lib.mail import tokens
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises.models import Promise

State = Case.State


class NewerMessages(ActionError):
    """Somebody wrote while the answer was being written."""


@action(
    "cases.reply",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Reply"),
    is_public=False,
    labels={
        "answers": gettext_lazy("Answers"),
        "send_anyway": gettext_lazy("Send anyway"),
        "base": gettext_lazy("Based on"),
        "cc": "Cc",
        "shown": gettext_lazy("The draft as it was shown"),
        "to": gettext_lazy("To"),
    },
)
def reply(
    case: Case,
    *,
    by: Member,
    text: Text,
    to: str = "",
    cc: str = "",
    answers: list[Ask] = [],  # noqa: B006 - never changed
    base: int | None = None,
    shown: str = "",
    send_anyway: bool = False,
) -> Message:
    """Queue an answer by mail: its Message-ID is final, and for some seconds it can be taken back.

    The files of the member's draft go with it. Raises NewerMessages when the customer, or a colleague to them,
    wrote after message `base`, and ActionError when something was added to the draft since it was `shown`.
    """
    _refuse_ended(case)
    if base is not None and not send_anyway:
        refuse_newer(case, base, by)
    inbox = case.inbox or Inbox.objects.filter(team=case.team, is_active=True).first()
    if inbox is None:
        raise ActionError(_("This case has no inbox to send from: set one up in the settings."))
    people = _recipients(to or default_to(case), cc, inbox)
    draft = Draft.objects.filter(case=case, member=by, kind=Draft.Kind.REPLY).first()
    if draft is not None:
        _refuse_unseen(draft, shown)
        refuse_unsendable(draft, by)
    message = queue_mail(case, inbox, by, text, people)
    if draft is not None:
        _move_files(draft, message)
        draft.delete()
    _after_answer(case, message, list(Ask.objects.filter(pk__in=[ask.pk for ask in answers])), by)
    note_told(case, message, by=by)
    record(verbs.REPLIED, by=by, on=on(case), scope_team=case.team_id, to=people[0][2])
    hand_over(message)
    return message


def hand_over(message: Message) -> None:
    """Have the message delivered when it can be taken back no more."""
    delay = settings.UNDO_SECONDS
    app.configure_task(
        "email.deliver", queue="mail", schedule_in={"seconds": delay}, lock=f"message-{message.pk}"
    ).defer(message_id=message.pk)


def _refuse_ended(case: Case) -> None:
    if case.state == State.MERGED:
        raise ActionError(_("This case was merged into {other}: answer there.").format(other=case.merged_into))


def _refuse_unseen(draft: Draft, shown: str) -> None:
    if draft.added_since(shown) or not claim(draft):
        raise ActionError(_("Something was added to this reply meanwhile: look at it, then send it."))


def refuse_newer(case: Case, base: int, by: Member) -> None:
    """Raise NewerMessages when something came in after a message, or a colleague answered it."""
    answered = Q(direction="out") & ~Q(author=by) & ~Q(state=Message.State.UNDONE)
    newer = list(case.messages.filter(Q(direction="in") | answered, pk__gt=base))
    if newer:
        told = " · ".join(f"{m.sender_name or m.sender_address}: {' '.join(m.text.split())[:80]}" for m in newer)
        raise NewerMessages(
            ngettext(
                "There is a new message meanwhile: {told}",
                "There are {count} new messages meanwhile: {told}",
                len(newer),
            ).format(count=len(newer), told=told)
        )


def last_heard(case: Case) -> Message | None:
    """The last message of somebody who can be answered by mail."""
    heard: Message | None = (
        case.messages.filter(direction="in").exclude(sender_address="").order_by("-occurred_at").defer("html").first()
    )
    return heard


def default_to(case: Case) -> str:
    """Whoever wrote last, else the contact's address."""
    return answer_to(case, last_heard(case))


def answer_to(case: Case, last: Message | None) -> str:
    """Whoever wrote the last message, else the contact's address."""
    from comptoir.customers.queries import email_of

    return last.sender_address if last else email_of(case.contact, case.customer)


def default_cc(last: Message | None) -> str:
    """Whoever else was in the last mail that came in, without the writer and our own addresses."""
    if last is None:
        return ""
    people = {normal_email(r.address): r.address for r in last.recipients.all()}
    if len(people) < 2:
        return ""
    ours = {normal_email(a) for a in Inbox.objects.values_list("address", flat=True)} | {
        normal_email(last.sender_address)
    }
    return ", ".join(address for normal, address in people.items() if normal not in ours)


def _recipients(to: str, cc: str, inbox: Inbox) -> list[tuple[str, str, str]]:
    """Role, name and address of everybody it goes to, without our own addresses; refused when nobody is left."""
    ours = {normal_email(a) for a in Inbox.objects.values_list("address", flat=True)}
    people: dict[str, tuple[str, str, str]] = {}
    for role, typed in (("to", to), ("cc", cc)):
        for name, address in getaddresses([typed.replace(";", ",").replace("\n", ",").replace("\r", "")]):
            normal = normal_email(address)
            if not address or normal in ours:
                continue
            if normal.count("@") != 1 or any(c.isspace() for c in address):
                raise ActionError(_("{address} is not an e-mail address.").format(address=address))
            people.setdefault(normal, (role, name, address))
    if not any(role == "to" for role, _name, _address in people.values()):
        raise ActionError(
            _("Nobody to send it to: the contact has no e-mail address. Call or write a letter, and log it.")
        )
    return list(people.values())


def queue_mail(case: Case, inbox: Inbox, by: Member, text: str, people: list[tuple[str, str, str]]) -> Message:
    """A message that waits to be delivered, with its final Message-ID and those it goes to."""
    earlier = list(case.messages.exclude(message_id=None).exclude(direction="internal").order_by("occurred_at", "pk"))
    known = [m.message_id for m in earlier if m.message_id]
    host = inbox.address.rpartition("@")[2]
    subject = case.subject if case.subject.lower().startswith("re:") else f"Re: {case.subject}"
    message = Message.objects.create(
        case=case, conversation=conversation_of(case, "email", case.subject), direction=Message.Direction.OUT,
        state=Message.State.QUEUED, author=by, sender_name=f"{by.name} – {inbox.sender_name}"[:200],
        sender_address=inbox.address, subject=subject[:300], text=text, language=case.language,
        message_id=f"<{secrets.token_hex(8)}.{tokens.make(settings.SECRET_KEY, case.pk)}@{host}>",
        in_reply_to=known[-1] if known else "", references=" ".join(known[-20:]),
        send_after=clock.now() + timedelta(seconds=settings.UNDO_SECONDS),
    )  # fmt: skip
    Recipient.objects.bulk_create(
        Recipient(message=message, role=role, name=name[:200], address=address, state=Recipient.State.QUEUED)
        for role, name, address in people
    )
    return message


def _move_files(draft: Draft, message: Message) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message, file=f.file, order_version=f.order_version, quote=f.quote, quote_version=f.quote_version,
            name=f.name, content_type=f.content_type, size=f.file.size if f.file else 0,
        )
        for f in draft.files.select_related("file", "order_version", "quote")
    )  # fmt: skip


def _after_answer(case: Case, message: Message, answers: list[Ask], by: Member) -> None:
    now = clock.now()
    answer_open(case, answers, message, by)
    case.first_response_at = case.first_response_at or now
    case.last_message_at, case.is_unread = now, False
    case.snippet = " ".join(message.text.split())[:160]
    if case.state == State.NEW:
        case.state = State.OPEN
    case.owner = case.owner or by
    if case.is_worked_on:
        case.next_update_at = next_update(case, now)
    case.save()


def wrote_it(member: Actor, message: Message, inputs: Mapping[str, Any]) -> Verdict:
    """Authority of whoever wrote the message."""
    if message.author_id == member.pk:
        return ALLOWED
    return Denied(_("Only {author} can take this back.").format(author=message.author or _("its writer")))


@action(
    "cases.undo_send",
    subject=Message,
    root=lambda message: message.case,
    authority=wrote_it,
    title=gettext_lazy("Take back"),
)
def undo_send(message: Message, *, by: Member) -> Draft:
    """Take one's own reply back before it leaves: its text is a draft again, what it answered and kept stands open."""
    if message.state != Message.State.QUEUED:
        raise ActionError(_("This reply has left already."))
    message.state = Message.State.UNDONE
    message.save(update_fields=["state"])
    case = message.case
    for ask in Ask.objects.filter(answered_by=message):
        unanswer(ask, message, by)
    take_back_told(message, by=by)
    _before_answer(case)
    record(verbs.SEND_UNDONE, by=by, on=[case], scope_team=case.team_id)
    return _draft_again(case, message, by)


def _before_answer(case: Case) -> None:
    """The case as one that has not been answered: by its other messages."""
    left = case.messages.exclude(state=Message.State.UNDONE)
    if not left.filter(Q(direction="out") | Q(direction="in", author__isnull=False)).exists():
        case.first_response_at = None
    last = left.exclude(direction="internal").order_by("-occurred_at", "-pk").defer("html").first()
    case.snippet = " ".join(last.text.split())[:160] if last else ""
    if case.is_worked_on and case.next_update_at is not None:
        promised = Promise.objects.standing().filter(case_id=case.pk).values_list("due_at", flat=True)
        usual = next_update(case, case.last_inbound_at or clock.now())
        case.next_update_at = min(case.next_update_at, usual, *promised)
    case.save(update_fields=["first_response_at", "snippet", "next_update_at"])


def _draft_again(case: Case, message: Message, by: Member) -> Draft:
    """A draft with what the message said and had with it, before whatever was begun since."""
    to, cc = (
        ", ".join(r.address for r in message.recipients.filter(role=role).order_by("pk")) for role in ("to", "cc")
    )
    draft = put_back(case, by, message.text, to, cc)
    for kept in message.attachments.all():
        draft.files.create(
            file=kept.file, order_version=kept.order_version, quote=kept.quote, quote_version=kept.quote_version,
            name=kept.name, content_type=kept.content_type,
        )  # fmt: skip
    return draft


@action("cases.note", subject=Case, authority=any_member, title=gettext_lazy("Internal note"))
def note(case: Case, *, by: Member, text: Text) -> Message:
    """Write down something for colleagues only."""
    now = clock.now()
    message = Message.objects.create(
        case=case, conversation=conversation_of(case, "note"), direction=Message.Direction.INTERNAL, author=by,
        sender_name=by.name, text=text, occurred_at=now,
    )  # fmt: skip
    Draft.objects.filter(case=case, member=by, kind=Draft.Kind.NOTE).delete()
    case.last_message_at = now
    case.save(update_fields=["last_message_at"])
    record(verbs.NOTED, by=by, on=[case], scope_team=case.team_id)
    return message
