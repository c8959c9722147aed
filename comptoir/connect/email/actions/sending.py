"""The states of a message on its way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from comptoir.actions import lock
from comptoir.actions.due import due, take
from comptoir.cases import verbs
from comptoir.cases.actions.opening import on
from comptoir.cases.models import Attachment, Message, Recipient
from comptoir.connect.email.actions.keeping import have_filed
from comptoir.connect.email.models import RawMail, SinkMail
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.people import system

State = Message.State
WAITS_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240, 480, 960)  # a temporary refusal is tried again for some 32 hours
LOST_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a server said about one recipient; empty `error`: taken."""

    error: str = ""
    is_final: bool = False


def begin(message_id: int) -> Message | None:
    """The message, from now on out of the writer's hands; None when it was taken back or has left already."""
    with journal():
        messages = Message.objects.select_related("case", "author", "conversation__inbox")
        message: Message | None = messages.filter(pk=message_id).first()
        if message is None:
            return None
        lock(message.case)
        message.refresh_from_db(fields=["state"])
        if message.state not in (State.QUEUED, State.SENDING):
            return None
        message.state = State.SENDING
        message.save(update_fields=["state"])
        return message


def keep_rendered(attachment: Attachment, file: File) -> None:
    """The document an attachment refers to has been made."""
    attachment.file, attachment.size = file, file.size
    attachment.save(update_fields=["file", "size"])


def keep_composed(message: Message, raw: bytes) -> File:
    """The bytes that a message leaves with, now and at every further try."""
    with journal():
        lock(message.case)
        message.refresh_from_db(fields=["raw_file"])
        if message.raw_file is None:
            message.raw_file = store(raw, "message/rfc822")
            message.save(update_fields=["raw_file"])
        return message.raw_file


def finish(message: Message, outcomes: dict[int, Outcome], sink: File | None = None) -> None:
    """Write down what became of each recipient (by id), and either end the delivery or try the rest later."""
    with journal():
        lock(message.case)
        waiting = list(message.recipients.filter(state=Recipient.State.QUEUED))
        if sink is not None and waiting:
            _put_into_sink(message, sink, waiting)
        for recipient in waiting:
            _mark(recipient, outcomes.get(recipient.pk, Outcome(_("No answer"))))
        _tell(message, [r for r in waiting if r.state != Recipient.State.QUEUED])
        if left := [r for r in waiting if r.state == Recipient.State.QUEUED]:
            _try_later(message, max(r.tries for r in left))
        else:
            is_sent = message.recipients.filter(state__in=("sent", "bounced")).exists()
            message.state = State.SENT if is_sent else State.FAILED
            message.save(update_fields=["state"])


def _mark(recipient: Recipient, outcome: Outcome) -> None:
    recipient.tries += 1
    recipient.last_error, recipient.at = outcome.error[:300], clock.now()
    if not outcome.error:
        recipient.state = Recipient.State.SENT
    elif outcome.is_final or recipient.tries > len(WAITS_MINUTES):
        recipient.state = Recipient.State.FAILED
    recipient.save(update_fields=["tries", "last_error", "at", "state"])


def _tell(message: Message, done: list[Recipient]) -> None:
    case = message.case
    if sent := [r.address for r in done if r.state == Recipient.State.SENT]:
        record(verbs.SENT, by=system(), on=on(case), scope_team=case.team_id, to=", ".join(sent)[:300])
    for recipient in done:
        if recipient.state == Recipient.State.FAILED:
            record(
                verbs.SEND_FAILED, by=system(), on=on(case), scope_team=case.team_id, to=recipient.address,
                error=recipient.last_error,
            )  # fmt: skip


def _try_later(message: Message, tries: int) -> None:
    wait = timedelta(minutes=WAITS_MINUTES[min(tries, len(WAITS_MINUTES)) - 1])
    message.send_after = clock.now() + wait
    message.save(update_fields=["send_after"])
    defer_delivery(message, int(wait.total_seconds()))


def defer_delivery(message: Message, seconds: int = 0) -> None:
    """Insert the job that delivers a message; one at a time works on it."""
    task = app.configure_task(
        "email.deliver", queue="mail", schedule_in={"seconds": seconds}, lock=f"message-{message.pk}"
    )
    task.defer(message_id=message.pk)


def _put_into_sink(message: Message, file: File, recipients: list[Recipient]) -> None:
    SinkMail.objects.create(
        message=message, file=file, sender=message.sender_address, subject=message.subject,
        recipients=[{"role": r.role, "name": r.name, "address": r.address} for r in recipients],
    )  # fmt: skip


@due("email.deliver_again")
def deliver_lost(now: datetime) -> int:
    """Messages whose job got lost are given another."""
    late = Message.objects.filter(
        direction="out", state__in=(State.QUEUED, State.SENDING), send_after__lt=now - LOST_AFTER
    )
    return take(late, lambda message: _defer_once("email.deliver", f"message-{message.pk}", message_id=message.pk))


@due("email.file_again")
def file_lost(now: datetime) -> int:
    """Raw mails whose job got lost are given another."""
    late = RawMail.objects.filter(state=RawMail.State.RECEIVED, received_at__lt=now - LOST_AFTER)
    if late.exists():
        have_filed()
    return late.count()


def _defer_once(task: str, name: str, **arguments: int) -> None:
    try:
        with journal():
            app.configure_task(task, queue="mail", lock=name, queueing_lock=f"again-{name}").defer(**arguments)
    except AlreadyEnqueued:
        pass
