"""Keeping what came in, before anybody is told that we have it."""

import hashlib
import re
import secrets

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from comptoir.cases.models import Inbox
from comptoir.connect.email.models import Mailbox, RawMail
from comptoir.events import journal
from comptoir.files.actions import store

Source = RawMail.Source
FILING = "email.file"
_HAS_ID = re.compile(rb"^message-id:", re.IGNORECASE | re.MULTILINE)


def keep(
    raw: bytes,
    mailbox: Mailbox | None = None,
    *,
    source: str,
    inbox: Inbox | None = None,
    uidvalidity: int | None = None,
    uid: int | None = None,
    envelope_from: str = "",
) -> RawMail:
    """The durable row of a mail and its job; when this returns the server that brought it may forget it.

    The same mail brought again (a repeated SMTP transaction, a mailbox with new UIDs) is the row that stands already.
    """
    to = inbox or (mailbox.inbox if mailbox else None)
    if to is None:
        raise ValueError("A mail is kept for an inbox.")
    digest = hashlib.sha256(raw).hexdigest()
    with journal():
        row, new = RawMail.objects.get_or_create(
            inbox=to, key=_key(raw, digest, uidvalidity, uid),
            defaults={
                "mailbox": mailbox, "source": source, "uidvalidity": uidvalidity, "uid": uid, "sha256": digest,
                "file": store(raw, "message/rfc822"), "envelope_from": envelope_from[:254],
            },
        )  # fmt: skip
        if new:
            have_filed()
        if mailbox is not None and uid is not None:
            Mailbox.objects.filter(pk=mailbox.pk, uidvalidity=uidvalidity, last_uid__lt=uid).update(last_uid=uid)
    return row


def have_filed() -> None:
    """Insert the job that files what waits, unless one that has not begun is there already."""
    if ProcrastinateJob.objects.filter(queueing_lock=FILING, status="todo").exists():
        return
    try:
        with transaction.atomic():
            app.configure_task("email.file", queue="mail", queueing_lock=FILING).defer()
    except AlreadyEnqueued:
        pass


def _key(raw: bytes, digest: str, uidvalidity: int | None, uid: int | None) -> str:
    """What makes a mail the same mail: its bytes; without a Message-ID two equal mails may both be meant."""
    head = raw[: raw.find(b"\r\n\r\n") if b"\r\n\r\n" in raw else raw.find(b"\n\n") if b"\n\n" in raw else None]
    if _HAS_ID.search(head[:262_144]):
        return digest
    return f"{uidvalidity}:{uid}" if uid is not None else secrets.token_hex(16)
