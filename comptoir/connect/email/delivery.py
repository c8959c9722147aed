"""One try to deliver a message: to whoever has not got it, with the bytes of the first try."""

from django.conf import settings
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.cases.actions.enclosing import send_enclosed
from comptoir.cases.models import Message, Recipient
from comptoir.connect.email import smtp
from comptoir.connect.email.actions.sending import Outcome, begin, finish
from comptoir.connect.email.models import Mailbox
from comptoir.connect.email.outgoing import bytes_of, is_sendable
from comptoir.files.models import File


def deliver(message_id: int) -> None:
    """Send a message unless it was taken back or has left; a crash in between sends the same bytes again."""
    message = begin(message_id)
    if message is None:
        return
    waiting = list(message.recipients.filter(state=Recipient.State.QUEUED).order_by("pk"))
    try:
        send_enclosed(message)
    except ActionError as refused:
        finish(message, {r.pk: Outcome(refused.sentence, is_final=True) for r in waiting})
        return
    good = [r for r in waiting if is_sendable(r.address)]
    outcomes = {r.pk: Outcome(_("Not an address that mail can go to"), is_final=True) for r in waiting if r not in good}
    if not good:
        finish(message, outcomes)
        return
    _send(message, bytes_of(message), good, outcomes)


def _send(message: Message, file: File, recipients: list[Recipient], outcomes: dict[int, Outcome]) -> None:
    mailbox = _mailbox_of(message)
    if _goes_to_sink(mailbox):
        finish(message, outcomes | {r.pk: Outcome() for r in recipients}, sink=file)
        return
    if mailbox is None or not mailbox.smtp_host:
        missing = Outcome(_("No outgoing mail server is set up for this inbox"))
        finish(message, outcomes | {r.pk: missing for r in recipients})
        return
    told = smtp.send(mailbox, message.sender_address, [r.address for r in recipients], file.read())
    finish(message, outcomes | {r.pk: told[r.address] for r in recipients})


def _mailbox_of(message: Message) -> Mailbox | None:
    inbox = message.conversation.inbox or message.case.inbox
    return Mailbox.objects.filter(inbox=inbox).first() if inbox else None


def _goes_to_sink(mailbox: Mailbox | None) -> bool:
    """On a demo desk nothing leaves the house unless a server was set up."""
    return settings.DEMO if mailbox is None else mailbox.sending == Mailbox.Sending.SINK
