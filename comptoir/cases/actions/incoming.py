"""Filing what comes in: into the case it answers, or a new one."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from comptoir.actions import lock
from comptoir.cases import verbs
from comptoir.cases.actions.opening import conversation_of, link_order, on, open_new, read_wishes
from comptoir.cases.clocks import next_update
from comptoir.cases.incoming import Incoming
from comptoir.cases.models import Attachment, Case, CaseLink, Message, Recipient
from comptoir.customers.identities import normal_email
from comptoir.customers.models import Identity
from comptoir.customers.queries import match_email
from comptoir.events import journal, record
from comptoir.lib.language import guess
from comptoir.lib.mail import tokens
from comptoir.orders.queries import find_in_text
from comptoir.people import system
from comptoir.people.models import Member

State = Case.State


def receive(incoming: Incoming) -> Message:
    """File a message: one transaction with everything that follows from it.

    It joins a case only by a signed token or a Message-ID that we know, and only from somebody who takes part there.
    """
    with journal(savepoint=False):
        by = system()
        if incoming.unreadable:
            return _file_unreadable(incoming, by)
        who = match_email(incoming.sender_address)
        ids = [i for i in (incoming.message_id, incoming.in_reply_to, *incoming.references) if i]
        known = dict(Message.objects.filter(message_id__in=ids).values_list("message_id", "case_id"))
        case, flag = _case_of(incoming, who, [known[i] for i in ids if i in known])
        is_new = case is None
        if case is None:
            case = _open(incoming, who, flag, by)
        else:
            lock(case)
        if case.state == State.CLOSED:
            case, is_new = _open_after_closed(incoming, case, who, by), True
        message = _file(incoming, case, by, is_taken=incoming.message_id in known, is_new=is_new)
        if not incoming.auto_reason:
            if is_new:
                read_wishes(case, message, by)
            else:
                _come_back(case, message, by)
        return message


def _case_of(incoming: Incoming, who: Identity | None, answered: list[int]) -> tuple[Case | None, str]:
    """The case a message answers, and a flag when somebody used a token who takes no part there."""
    if incoming.report_on is not None:
        return _after_merge(incoming.report_on.case), ""
    named = [pk for token in incoming.tokens if (pk := tokens.verify(settings.SECRET_KEY, token))]
    for pk in dict.fromkeys([*named, *answered]):
        case = _after_merge(Case.objects.filter(pk=pk).first())
        if case is not None and takes_part(case, incoming.sender_address, who):
            return case, ""
    return None, _("Answers a case in which this sender takes no part") if named else ""


def takes_part(case: Case, address: str, who: Identity | None) -> bool:
    """True when the address wrote, or was written to, in the case, or belongs to the case's contact."""
    if who is not None and who.contact_id is not None and who.contact_id == case.contact_id:
        return True
    normal = normal_email(address)
    if not normal:
        return False
    heard = Message.objects.filter(case=case, direction="in").values_list("sender_address", flat=True)
    told = Recipient.objects.filter(message__case=case, message__direction="out").values_list("address", flat=True)
    return any(normal_email(a) == normal for a in (*heard, *told))


def _after_merge(case: Case | None) -> Case | None:
    while case is not None and case.merged_into_id:
        case = case.merged_into
    return case


def _open(incoming: Incoming, who: Identity | None, flag: str, by: Member) -> Case:
    customer = who.customer if who else None
    contact = who.contact if who else None
    known = (contact and contact.language) or (customer and customer.language)
    return open_new(
        by=by, subject=incoming.subject, team=incoming.inbox.team, channel="email", inbox=incoming.inbox,
        customer=customer, contact=contact, flag=flag, at=incoming.occurred_at,
        language=known or guess(incoming.text, incoming.inbox.language),
    )  # fmt: skip


def _open_after_closed(incoming: Incoming, closed: Case, who: Identity | None, by: Member) -> Case:
    case = _open(incoming, who, "", by)
    case.customer, case.contact = case.customer or closed.customer, case.contact or closed.contact
    case.save(update_fields=["customer", "contact"])
    CaseLink.objects.create(case=case, noun="case", object_id=closed.pk, how="follows")
    record(
        verbs.LINKED,
        by=by,
        on=[case, closed],
        scope_team=case.team_id,
        to=closed.number,
        how=CaseLink.How.FOLLOWS.label,
    )
    return case


def _file(incoming: Incoming, case: Case, by: Member, *, is_taken: bool, is_new: bool) -> Message:
    is_taken = is_taken or not incoming.message_id
    conversation = conversation_of(case, "email", incoming.subject, is_new=is_new)
    message = Message.objects.create(
        case=case, conversation=conversation, direction=Message.Direction.IN,
        contact_id=case.contact_id, sender_name=incoming.sender_name[:200], sender_address=incoming.sender_address[:254],
        subject=incoming.subject[:300], text=incoming.text, quoted=incoming.quoted, html=incoming.html,
        html_version=incoming.html_version, language=case.language, message_id=None if is_taken else incoming.message_id,
        in_reply_to=incoming.in_reply_to[:255], references=" ".join(incoming.references)[:8000],
        auto_reason=incoming.auto_reason[:100], raw_file=incoming.raw_file, occurred_at=incoming.occurred_at,
    )  # fmt: skip
    _keep_recipients(message, incoming)
    Attachment.objects.bulk_create(
        Attachment(message=message, file=f.file, name=f.name[:200], content_type=f.content_type[:150],
                   content_id=f.content_id[:200], size=f.file.size)
        for f in incoming.attachments
    )  # fmt: skip
    _touch(case, message)
    sender = incoming.sender_name or incoming.sender_address
    record(
        verbs.RECEIVED, by=by, on=on(case), occurred_at=incoming.occurred_at, scope_team=case.team_id,
        channel=message.conversation.Channel.EMAIL.label, sender=sender,
    )  # fmt: skip
    return message


def _keep_recipients(message: Message, incoming: Incoming) -> None:
    roles: Iterable[tuple[str, tuple[tuple[str, str], ...]]] = (("to", incoming.to), ("cc", incoming.cc))
    Recipient.objects.bulk_create(
        Recipient(message=message, role=role, name=name[:200], address=address[:254])
        for role, people in roles
        for name, address in people
    )


def _touch(case: Case, message: Message) -> None:
    """The case shows its newest message first and unread."""
    case.last_message_at = max(case.last_message_at, message.occurred_at)
    case.snippet = " ".join(message.text.split())[:160]
    case.is_unread = True
    if not message.auto_reason:
        case.last_inbound_at = message.occurred_at
    case.save(update_fields=["last_message_at", "snippet", "is_unread", "last_inbound_at"])


def _come_back(case: Case, message: Message, by: Member) -> None:
    """The customer wrote again: the case is ours to move."""
    was = case.state
    if was in (State.RESOLVED, State.WAITING, State.SPAM):
        case.state, case.waiting_on, case.waiting_until = State.OPEN, "", None
    if was == State.RESOLVED:
        case.reopened += 1
        case.solved_in_contact = False
        record(verbs.REOPENED, by=by, on=on(case), scope_team=case.team_id)
    case.next_update_at = next_update(case, message.recorded_at)
    case.save(update_fields=["state", "waiting_on", "waiting_until", "reopened", "solved_in_contact", "next_update_at"])
    for found in find_in_text(message.text, case.customer):
        link_order(case, found, by)


def _file_unreadable(incoming: Incoming, by: Member) -> Message:
    """A mail that could not be read is a case like any other, with the mail as its attachment."""
    sender = incoming.sender_address or _("unknown sender")
    case = open_new(
        by=by, subject=_("Unreadable mail from {sender}").format(sender=sender), team=incoming.inbox.team,
        channel="email", inbox=incoming.inbox, language=incoming.inbox.language,
        flag=_("Unreadable mail: {why}").format(why=incoming.unreadable),
        at=incoming.occurred_at,
    )  # fmt: skip
    message = Message.objects.create(
        case=case, conversation=conversation_of(case, "email"), direction=Message.Direction.IN,
        state=Message.State.UNREADABLE, sender_address=incoming.sender_address[:254], raw_file=incoming.raw_file,
        text=_("This mail could not be read: {why}. It is attached as it came.").format(why=incoming.unreadable),
        occurred_at=incoming.occurred_at,
    )  # fmt: skip
    if incoming.raw_file is not None:
        Attachment.objects.create(
            message=message, file=incoming.raw_file, name="mail.eml", content_type="message/rfc822",
            size=incoming.raw_file.size,
        )  # fmt: skip
    return message
