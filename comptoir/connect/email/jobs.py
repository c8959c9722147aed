"""Filing what came in, delivering what goes out."""

import logging

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.actions.locks import only_one
from comptoir.connect.email import delivery
from comptoir.connect.email.actions.filing import file_read, file_unreadable
from comptoir.connect.email.actions.keeping import FILING
from comptoir.connect.email.models import RawMail
from comptoir.lib.mail.limits import Unreadable
from comptoir.lib.mail.parse import ParsedMail
from comptoir.lib.mail.worker import Reader

BATCH = 50
log = logging.getLogger(__name__)
reader = Reader()


@app.task(
    name="email.file", queue="mail", queueing_lock=FILING,
    retry=RetryStrategy(max_attempts=12, wait=1, exponential_wait=2),
)  # fmt: skip
def file() -> None:
    """File the raw mails that wait, oldest first, each in a transaction of its own; one worker at a time does it."""
    while _waiting().exists():
        with only_one(FILING) as is_mine:
            if not is_mine:
                return  # whoever files now looks again before it ends
            _file_waiting()


def _waiting() -> QuerySet[RawMail]:
    return RawMail.objects.filter(state=RawMail.State.RECEIVED)


def _file_waiting() -> None:
    """File all that wait. What the database would not take keeps nobody else waiting, and fails the job in the end."""
    failed: dict[int, Exception] = {}
    rows = _waiting().select_related("inbox__team", "file").order_by("pk")
    while batch := list(rows.exclude(pk__in=failed)[:BATCH]):
        for raw in batch:
            try:
                read_and_file(raw)
            except (OperationalError, InterfaceError) as error:
                failed[raw.pk] = error
    if failed:
        raise next(iter(failed.values()))


def read_and_file(raw: RawMail) -> None:
    """Read a raw mail within limits and file it; whatever is wrong with it becomes a case that shows it."""
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
