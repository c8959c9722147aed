"""From raw mail to message: one transaction each, so that a mail is filed once or waits."""

from datetime import datetime, timedelta

from django.db.models import Q

from comptoir.actions import lock
from comptoir.cases import verbs
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.opening import on
from comptoir.cases.incoming import Incoming, IncomingFile
from comptoir.cases.models import Inbox, Message, Recipient
from comptoir.connect.email.models import RawMail
from comptoir.customers.identities import normal_email
from comptoir.customers.models import Identity
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.lib import clock
from comptoir.lib.mail.bounces import Report
from comptoir.lib.mail.parse import ParsedMail
from comptoir.people import system

State = RawMail.State
EARLIEST_YEAR = 1995


def file_read(raw: RawMail, mail: ParsedMail) -> Message | None:
    """File a mail that could be read; None when it has been filed before."""
    with journal():
        if not _is_waiting(raw):
            return None
        ours = _message_reported(mail.report)
        if ours is not None and mail.report is not None:
            _mark_bounced(ours, mail.report)
        return _filed(raw, receive(_incoming(raw, mail, ours)), State.FILED)


def file_unreadable(raw: RawMail, why: str, sender: str = "") -> Message | None:
    """File a mail that could not be read as a case that shows it; None when it has been filed before."""
    with journal():
        if not _is_waiting(raw):
            return None
        incoming = Incoming(
            inbox=raw.inbox, sender_address=sender or raw.envelope_from, occurred_at=raw.received_at, raw_file=raw.file,
            unreadable=why or "?",
        )  # fmt: skip
        raw.error = why[:300]
        return _filed(raw, receive(incoming), State.QUARANTINED)


def _is_waiting(raw: RawMail) -> bool:
    lock(raw)
    return raw.state == State.RECEIVED


def _filed(raw: RawMail, message: Message, state: str) -> Message:
    raw.message, raw.state = message, state
    raw.save(update_fields=["message", "state", "error"])
    return message


def _incoming(raw: RawMail, mail: ParsedMail, reported: Message | None) -> Incoming:
    files = tuple(
        IncomingFile(store(f.data, f.content_type), f.name, f.content_type, f.content_id) for f in mail.attachments
    )
    return Incoming(
        inbox=raw.inbox, sender_name=mail.sender[0], sender_address=mail.sender[1] or raw.envelope_from,
        occurred_at=_moment(raw, mail.date), raw_file=raw.file, subject=mail.subject, text=mail.text, quoted=mail.quoted,
        html=mail.html, html_version=mail.html_version, message_id=mail.message_id, in_reply_to=mail.in_reply_to,
        references=mail.references, to=mail.to, cc=mail.cc, tokens=mail.tokens, attachments=files,
        auto_reason=mail.auto_reason or _own(mail), report_on=reported,
    )  # fmt: skip


def _moment(raw: RawMail, date: datetime | None) -> datetime:
    """When it was written, unless its clock was plainly wrong."""
    if date is None or date > raw.received_at + timedelta(minutes=10) or date.year < EARLIEST_YEAR:
        return raw.received_at
    return date


def _own(mail: ParsedMail) -> str:
    """A sign that we wrote it ourselves: nobody waits for an answer."""
    if mail.message_id and Message.objects.filter(message_id=mail.message_id, direction="out").exists():
        return "Message-ID: our own"
    ours = {normal_email(address) for address in Inbox.objects.values_list("address", flat=True)}
    return "From: our own inbox" if normal_email(mail.sender[1]) in ours else ""


def _message_reported(report: Report | None) -> Message | None:
    if report is None or not report.message_id:
        return None
    return Message.objects.filter(message_id=report.message_id, direction="out").select_related("case").first()


def _mark_bounced(message: Message, report: Report) -> None:
    """The report reaches the recipients it names and the addresses we know them by."""
    lock(message.case)
    for address, why in report.failed:
        normal = normal_email(address)
        for recipient in message.recipients.exclude(state=Recipient.State.BOUNCED):
            if normal_email(recipient.address) != normal:
                continue
            recipient.state, recipient.last_error, recipient.at = Recipient.State.BOUNCED, why[:300], clock.now()
            recipient.save(update_fields=["state", "last_error", "at"])
            Identity.objects.filter(Q(kind="email"), normal=normal).update(bounced_at=clock.now())
            record(
                verbs.SEND_FAILED, by=system(), on=on(message.case), scope_team=message.case.team_id,
                to=recipient.address, error=why[:300],
            )  # fmt: skip
