"""Mails for tests."""

from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

from comptoir.cases.models import Message
from comptoir.connect.email import jobs
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail
from comptoir.lib import clock
from tests import build

_serial = count(1)


def raw(
    text: str = "Where is our order?", *, sender: str = "Claire Moreau <claire@martin.example>", subject: str = "Order",
    **headers: str,
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = "Service <service@desk.example>"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<mail{next(_serial)}@martin.example>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def arrive(data: bytes) -> Message:
    """A mail comes through the pipe and is filed."""
    kept = keep(data, inbox=build.inbox(), source=RawMail.Source.PIPE)
    jobs.file()
    kept.refresh_from_db()
    assert kept.message is not None
    return kept.message


def bounce(original: Message, address: str) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@martin.example\r\nTo: service@desk.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: <b{next(_serial)}@martin.example>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original.message_id}\r\n--b--\r\n"
    ).encode()
