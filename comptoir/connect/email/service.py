"""The mail process: one watcher for each mailbox, and our own SMTP server where a port is set."""

import logging
import signal
import threading

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from comptoir.connect.email.imap import PACE, Pace, Watcher
from comptoir.connect.email.listener import Listener
from comptoir.connect.email.models import Mailbox

log = logging.getLogger(__name__)
SETTINGS = (
    "fetching",
    "poll_seconds",
    "imap_host",
    "imap_port",
    "imap_security",
    "imap_user",
    "imap_password",
    "folder",
)
Fingerprint = tuple[object, ...]


class Watchers:
    """The running watchers, kept in step with the mailboxes as the settings say."""

    def __init__(self, pace: Pace = PACE) -> None:
        self.pace = pace
        self.running: dict[int, tuple[Fingerprint, Watcher]] = {}

    def follow_settings(self) -> None:
        """Start, stop and replace watchers; one whose thread has died is started again."""
        wanted = _wanted()
        for pk, (fingerprint, watcher) in list(self.running.items()):
            if wanted.get(pk) != fingerprint or not watcher.is_alive():
                watcher.stopping.set()
                del self.running[pk]
        for pk in wanted.keys() - self.running.keys():
            watcher = Watcher(pk, self.pace)
            watcher.start()
            self.running[pk] = (wanted[pk], watcher)

    def stop(self) -> None:
        """Ask all to end, and wait for them a moment."""
        for _fingerprint, watcher in self.running.values():
            watcher.stopping.set()
        for _fingerprint, watcher in self.running.values():
            watcher.join(5)


def _wanted() -> dict[int, Fingerprint]:
    rows = Mailbox.objects.exclude(fetching=Mailbox.Fetching.OFF).filter(inbox__is_active=True)
    return {row[0]: row[1:] for row in rows.values_list("pk", *SETTINGS)}


def run(stopping: threading.Event | None = None, pace: Pace = PACE) -> None:
    """Serve until SIGTERM or SIGINT, or until the event is set."""
    stop = stopping or _stopped_by_signals()
    listener = _listening()
    watchers = Watchers(pace)
    try:
        while not stop.is_set():
            _follow(watchers)
            stop.wait(pace.settings_seconds)
    finally:
        if listener is not None:
            listener.stop()
        watchers.stop()


def _follow(watchers: Watchers) -> None:
    try:
        watchers.follow_settings()
    except (DatabaseError, InterfaceError) as error:
        log.warning("The mailboxes cannot be read now: %s", error)
    finally:
        connection.close()


def _listening() -> Listener | None:
    port = settings.SMTP_PORT
    if not port:
        return None
    listener = Listener(settings.HOST, port)
    listener.start()
    return listener


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop
