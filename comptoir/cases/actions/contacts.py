"""Logging a contact: a call, letter, fax or visit typed in by hand."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Text, action
from comptoir.cases import verbs
from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.noting import note_told
from comptoir.cases.actions.opening import conversation_of, link_again, link_order, on, open_new
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Case, Conversation, Message
from comptoir.customers.models import Contact, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders.queries import find_in_text
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises.models import Promise


class ByHand(models.TextChoices):
    """The channels that bring nothing in by themselves."""

    PHONE = Conversation.Channel.PHONE
    LETTER = Conversation.Channel.LETTER
    FAX = Conversation.Channel.FAX
    VISIT = Conversation.Channel.VISIT


TELLS = {
    ByHand.PHONE: Promise.Channel.PHONE,
    ByHand.LETTER: Promise.Channel.LETTER,
    ByHand.FAX: Promise.Channel.FAX,
    ByHand.VISIT: Promise.Channel.PERSON,
}


@action(
    "cases.log_contact",
    subject=None,
    authority=any_member,
    also=lambda _none, inputs: [inputs["case"]] if inputs["case"] else [],
    title=gettext_lazy("Log a contact"),
    labels={
        "channel": gettext_lazy("Channel"),
        "contact": gettext_lazy("Contact"),
        "case": gettext_lazy("Case (empty: a new one)"),
        "text": gettext_lazy("What was said"),
        "occurred_at": gettext_lazy("When"),
        "minutes": gettext_lazy("How long (minutes)"),
        "we_called": gettext_lazy("We called, wrote or went there"),
        "asked": gettext_lazy("Asked (one a line)"),
        "answered": gettext_lazy("Answered with it"),
        "promised_at": gettext_lazy("Answer promised for"),
    },
)
def log_contact(
    *,
    by: Member,
    channel: ByHand = ByHand.PHONE,
    contact: Contact | None = None,
    customer: Customer | None = None,
    case: Case | None = None,
    subject: str = "",
    text: Text,
    asked: list[str] = [],  # noqa: B006 - never changed
    answered: bool = False,
    promised_at: datetime | None = None,
    occurred_at: datetime | None = None,
    minutes: int | None = None,
    we_called: bool = False,
) -> Message:
    """Write down a contact that went through no machine: the same message, whatever the channel."""
    if case is not None and case.state == Case.State.MERGED:
        raise ActionError(_("{case} was merged into {other}: log it there.").format(case=case, other=case.merged_into))
    moment = occurred_at or clock.now()
    if moment > clock.now():
        raise ActionError(_("A contact is logged after it took place."))
    customer = customer or (contact.customer if contact else None) or (case.customer if case else None)
    target = case or _new_case(by, channel, subject or text, customer, contact, moment)
    message = Message.objects.create(
        case=target, conversation=conversation_of(target, channel), author=by, contact=contact, text=text,
        direction=Message.Direction.OUT if we_called else Message.Direction.IN,
        sender_name=by.name if we_called else str(contact or customer or ""), language=target.language,
        duration_seconds=minutes * 60 if minutes else None, occurred_at=moment,
    )  # fmt: skip
    _note_asks(target, message, asked, answered, promised_at, by)
    note_told(target, message, TELLS[ByHand(channel)], by=by)
    _touch(target, message)
    shown = str(contact or customer or _("unknown"))
    record(
        verbs.LOGGED, by=by, on=on(target), occurred_at=moment, scope_team=target.team_id,
        channel=Conversation.Channel(channel).label, contact=shown,
    )  # fmt: skip
    return message


def _new_case(
    by: Member, channel: str, subject: str, customer: Customer | None, contact: Contact | None, moment: datetime
) -> Case:
    team = by.teams.filter(is_active=True).order_by("pk").first()
    if team is None:
        raise ActionError(_("You are in no team: an administrator has to add you to one first."))
    language = (contact and contact.language) or (customer.language if customer else by.language)
    case = open_new(
        by=by, subject=" ".join(subject.split())[:120], team=team, channel=channel, customer=customer, contact=contact,
        language=language, at=moment, inbox=team.inboxes.filter(is_active=True).order_by("pk").first(),
    )  # fmt: skip
    case.owner, case.state = by, Case.State.OPEN
    case.save(update_fields=["owner", "state"])
    return case


def _note_asks(
    case: Case, message: Message, asked: list[str], answered: bool, promised_at: datetime | None, by: Member
) -> None:
    for text in asked:
        ask = Ask.objects.create(case=case, text=text[:300], message=message)
        record(verbs.ASK_ADDED, by=by, on=[case], scope_team=case.team_id, text=ask.text)
        if answered:
            ask.state, ask.answered_by = Ask.State.ANSWERED, message
            ask.save()
            record(verbs.ASK_ANSWERED, by=by, on=[case], scope_team=case.team_id, text=ask.text)
        elif promised_at is not None:
            promise_answer(ask, by=by, due_at=promised_at)
    for found in find_in_text(f"{case.subject}\n{message.text}", case.customer):
        link_order(case, found, by)
    link_again(case, by)


def _touch(case: Case, message: Message) -> None:
    case.refresh_from_db()
    case.last_message_at = max(case.last_message_at, message.occurred_at)
    if message.direction == Message.Direction.IN:
        case.last_inbound_at = message.occurred_at
    case.first_response_at = case.first_response_at or message.recorded_at
    case.snippet = " ".join(message.text.split())[:160]
    if case.state in (Case.State.RESOLVED, Case.State.CLOSED):
        case.state, case.reopened = Case.State.OPEN, case.reopened + 1
    if case.next_update_at is None and case.is_worked_on:
        case.next_update_at = next_update(case, clock.now())
    case.save()
