"""What a connector hands over when something has come in."""

from dataclasses import dataclass, field
from datetime import datetime

from comptoir.cases.models import Inbox, Message
from comptoir.files.models import File


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with it, stored already."""

    file: File
    name: str
    content_type: str
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from outside, read. `unreadable` says why it could not be; then only the raw file counts.

    `report_on` is our own message when this one only tells how its delivery went.
    """

    inbox: Inbox
    sender_address: str
    occurred_at: datetime
    raw_file: File | None = None
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    html: str = ""
    html_version: int = 0
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    to: tuple[tuple[str, str], ...] = ()
    cc: tuple[tuple[str, str], ...] = ()
    tokens: tuple[str, ...] = ()
    attachments: tuple[IncomingFile, ...] = field(default=())
    auto_reason: str = ""
    unreadable: str = ""
    report_on: Message | None = None
