"""Reading a mailbox by IMAP (RFC 9051): nothing is marked before it is ours, and nothing is ever deleted."""

import logging
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from comptoir.connect.email.actions import mailboxes
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import Mailbox, RawMail

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 60
IDLE_SECONDS = 9 * 60  # servers may end an IDLE after 30 minutes, routers sooner
LONGEST_PAUSE_SECONDS = 60.0
OVERLAP = timedelta(days=3)
BODY = b"BODY[]"
NEWS = (b"EXISTS", b"RECENT")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a mail process looks: at the settings, at whether it has to end, and again after a failure."""

    settings_seconds: float = 2.0
    slice_seconds: float = 1.0
    pause_seconds: float = 1.0


PACE = Pace()


class Watcher(threading.Thread):
    """Brings in the mail of one mailbox until it is told to stop; comes back after any failure."""

    def __init__(self, mailbox_id: int, pace: Pace = PACE) -> None:
        super().__init__(name=f"mailbox-{mailbox_id}", daemon=True)
        self.mailbox_id, self.pace = mailbox_id, pace
        self.stopping = threading.Event()

    def run(self) -> None:
        pause = self.pace.pause_seconds
        while not self.stopping.is_set():
            try:
                mailbox = Mailbox.objects.select_related("inbox").get(pk=self.mailbox_id)
                watch(mailbox, self.stopping, self.pace)
                pause = self.pace.pause_seconds
            except Mailbox.DoesNotExist:
                return
            except (IMAPClientError, OSError, DatabaseError, InterfaceError, EOFError) as error:
                self._note(error)
                self.stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            finally:
                connection.close()

    def _note(self, error: Exception) -> None:
        log.warning("%s: %s: %s", self.name, type(error).__name__, error)
        try:
            mailboxes.failed(Mailbox(pk=self.mailbox_id), f"{type(error).__name__}: {error}")
        except (DatabaseError, InterfaceError):
            pass


def watch(mailbox: Mailbox, stopping: threading.Event, pace: Pace = PACE) -> None:
    """Bring in what is there, then what comes, until told to stop. Raises what IMAP, the network or the database raise."""
    with connected(mailbox) as server:
        while not stopping.is_set():
            bring_in(server, mailbox)
            mailboxes.looked(mailbox)
            connection.close()  # while nothing comes, the connection is another's
            _wait(server, mailbox, stopping, pace)


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[IMAPClient]:
    """A signed-in client with the mailbox's folder open and its numbering known."""
    context = ssl.create_default_context()
    is_tls = mailbox.imap_security == Mailbox.Security.TLS
    server = IMAPClient(
        mailbox.imap_host,
        mailbox.imap_port,
        ssl=is_tls,
        ssl_context=context if is_tls else None,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        if mailbox.imap_security == Mailbox.Security.STARTTLS:
            server.starttls(context)
        server.login(mailbox.imap_user, mailbox.imap_password)
        _open(server, mailbox)
        yield server
    finally:
        _leave(server)


def _leave(server: IMAPClient) -> None:
    try:
        server.logout()
    except (IMAPClientError, OSError):
        with suppress(IMAPClientError, OSError):
            server.shutdown()


def _open(server: IMAPClient, mailbox: Mailbox) -> None:
    folder: dict[bytes, Any] = server.select_folder(mailbox.folder)
    uidvalidity = int(folder[b"UIDVALIDITY"])
    if mailbox.uidvalidity == uidvalidity:
        return
    if mailbox.uidvalidity is None:  # a first look: what was read before our time stays where it is
        mailboxes.begin_numbering(mailbox, uidvalidity, int(folder.get(b"UIDNEXT", 1)) - 1)
        return
    mailboxes.begin_numbering(mailbox, uidvalidity, _last_before(server, mailbox))


def _last_before(server: IMAPClient, mailbox: Mailbox) -> int:
    """After a change of numbering: the last UID that we surely had; what came since is compared by its bytes."""
    latest = (
        RawMail.objects.filter(mailbox=mailbox).order_by("-received_at").values_list("received_at", flat=True).first()
    )
    if latest is None:
        return 0
    since = server.search(["SINCE", (latest - OVERLAP).date()])
    return min(since) - 1 if since else 0


def bring_in(server: IMAPClient, mailbox: Mailbox) -> int:
    """Keep every mail not kept yet, oldest first: how many. A mail is marked as seen once it is durable here."""
    _was_told(server)  # what was told before this look is looked for now
    fresh = [uid for uid in server.search(["UID", f"{mailbox.last_uid + 1}:*"]) if uid > mailbox.last_uid]
    unseen = server.search(["UNSEEN"])
    kept = set(
        RawMail.objects.filter(mailbox=mailbox, uidvalidity=mailbox.uidvalidity, uid__in=unseen).values_list(
            "uid", flat=True
        )
    )
    if marked := sorted(kept):
        server.add_flags(marked, [SEEN])
    wanted = sorted({*fresh, *unseen} - kept)
    for uid in wanted:
        _take(server, mailbox, uid)
    return len(wanted)


def _take(server: IMAPClient, mailbox: Mailbox, uid: int) -> None:
    fetched = server.fetch([uid], ["BODY.PEEK[]"]).get(uid, {})
    raw = fetched.get(BODY)
    if raw is not None:  # else it was removed in between
        keep(bytes(raw), mailbox, source=RawMail.Source.IMAP, uidvalidity=mailbox.uidvalidity, uid=uid)
        server.add_flags([uid], [SEEN])
    mailbox.last_uid = max(mailbox.last_uid, uid)


def _wait(server: IMAPClient, mailbox: Mailbox, stopping: threading.Event, pace: Pace) -> None:
    """Until it is time to look again. A server tells of a mail once, with whatever it answers next: that is heard too."""
    if _was_told(server):
        stopping.wait(pace.slice_seconds)
    elif mailbox.fetching == Mailbox.Fetching.IDLE and server.has_capability("IDLE"):
        _idle(server, stopping, pace.slice_seconds)
    else:
        stopping.wait(mailbox.poll_seconds)
        server.noop()


def _was_told(server: IMAPClient) -> bool:
    """Whether the server told of news with an answer since this was asked last."""
    return bool(server._imap.response("EXISTS")[1] != [None])


def _idle(server: IMAPClient, stopping: threading.Event, slice_seconds: float) -> None:
    """Until the server says that something is new."""
    server.idle()
    if _was_told_at_once(server):
        stopping.wait(slice_seconds)
    else:
        _listen(server, stopping, slice_seconds)
    server.idle_done()


def _was_told_at_once(server: IMAPClient) -> bool:
    """Whether news came in one piece with the answer to IDLE: it is read already, and the socket stays silent."""
    sock = server.socket()
    sock.setblocking(False)
    try:
        return any(name in server._imap.file.peek() for name in NEWS)
    except OSError:  # so TLS says that there is nothing
        return False
    finally:
        sock.settimeout(TIMEOUT_SECONDS)


def _listen(server: IMAPClient, stopping: threading.Event, slice_seconds: float) -> None:
    until = time.monotonic() + IDLE_SECONDS
    while not stopping.is_set() and time.monotonic() < until:
        begin = time.monotonic()
        told = server.idle_check(timeout=slice_seconds)
        if not told and time.monotonic() - begin < slice_seconds / 2:  # it answers at once when the connection is gone
            raise ConnectionResetError("the server closed the connection")
        if any(len(line) > 1 and line[1] in NEWS for line in told):
            return
