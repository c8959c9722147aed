"""Our own SMTP server (RFC 5321): takes mail for our inboxes and says 250 only when it is durable. It relays nothing."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail
from comptoir.connect.email.pipe import NotOurs, inbox_of
from comptoir.events import journal
from comptoir.lib.mail.limits import MAX_BYTES

log = logging.getLogger(__name__)
MOST_RECIPIENTS = 100
Result = TypeVar("Result")


class _Server(SMTP):  # type: ignore[misc]
    """Takes lines as long as real mail has them."""

    line_length_limit = 1 << 20


class Listener(Controller):  # type: ignore[misc]
    """The server in a thread of its own: start() and stop()."""

    def __init__(self, hostname: str, port: int) -> None:
        super().__init__(Handler(), hostname=hostname, port=port)

    def factory(self) -> SMTP:
        return _Server(self.handler, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, ident="Comptoir", timeout=300)


class Handler:
    """What the server says to each recipient and to the mail."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 Too many recipients"
        try:
            await _in_thread(lambda: inbox_of(address))
        except NotOurs:
            return "550 5.1.1 No such inbox here"
        except Exception:
            log.exception("Recipient %s could not be looked up", address)
            return "451 4.3.0 Not now; try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            await _in_thread(lambda: _keep(envelope))
        except Exception:
            log.exception("A mail could not be kept; its sender is asked to try again")
            return "451 4.3.0 Not now; try again later"
        return "250 2.6.0 Kept"


def _keep(envelope: Envelope) -> None:
    """One mail, all our inboxes it is for, one transaction."""
    raw: Any = envelope.content
    with journal():
        inboxes = {inbox.pk: inbox for inbox in map(inbox_of, envelope.rcpt_tos)}
        for inbox in sorted(inboxes.values(), key=lambda inbox: inbox.pk):
            keep(bytes(raw), inbox=inbox, source=RawMail.Source.SMTP, envelope_from=envelope.mail_from or "")


async def _in_thread(act: Callable[[], Result]) -> Result:
    def run() -> Result:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(None, run)
