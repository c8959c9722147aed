"""The worker as it must not be: a mail is marked as sent before the server has taken it."""

import sys

from comptoir.cli import database

database.load_django()

from comptoir.cases.models import Message, Recipient  # noqa: E402
from comptoir.cli import main  # noqa: E402
from comptoir.connect.email import delivery, smtp  # noqa: E402
from comptoir.connect.email.actions.sending import Outcome, finish  # noqa: E402
from comptoir.files.models import File  # noqa: E402


def send(message: Message, file: File, recipients: list[Recipient], outcomes: dict[int, Outcome]) -> None:
    """What is written down first is wrong when the process dies over it."""
    finish(message, outcomes | {r.pk: Outcome() for r in recipients})
    box = delivery._mailbox_of(message)
    assert box is not None
    smtp.send(box, message.sender_address, [r.address for r in recipients], file.read())


delivery._send = send
sys.exit(main.main(["worker"]))
