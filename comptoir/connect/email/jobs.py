"""Filing what came in, delivering what goes out."""

import logging

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.connect.email import delivery
from comptoir.connect.email.actions.filing import file_read, file_unreadable
from comptoir.connect.email.models import RawMail
from comptoir.lib.mail.limits import Unreadable
from comptoir.lib.mail.parse import ParsedMail
from comptoir.lib.mail.worker import Reader

log = logging.getLogger(__name__)
reader = Reader()


@app.task(name="email.file", queue="mail", retry=RetryStrategy(max_attempts=12, wait=1, exponential_wait=2))
def file(raw_id: int) -> None:
    """Read a raw mail within limits and file it; whatever is wrong with it becomes a case that shows it."""
    raw = RawMail.objects.select_related("inbox__team", "file").filter(pk=raw_id, state=RawMail.State.RECEIVED).first()
    if raw is None:
        return
    try:
        mail = reader.read(raw.file.read())
    except Unreadable as error:
        file_unreadable(raw, str(error))
        return
    _file(raw, mail)


def _file(raw: RawMail, mail: ParsedMail) -> None:
    try:
        file_read(raw, mail)
    except (OperationalError, InterfaceError):
        raise  # the database's fault, not the mail's: the job tries again
    except Exception as error:
        log.exception("Mail %s could not be filed", raw.pk)
        file_unreadable(raw, f"{type(error).__name__}: {error}"[:200], mail.sender[1])


@app.task(name="email.deliver", queue="mail", retry=RetryStrategy(max_attempts=8, wait=5, exponential_wait=3))
def deliver(message_id: int) -> None:
    """Send a queued message to those who have not got it yet."""
    delivery.deliver(message_id)
