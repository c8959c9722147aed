"""The mail process against a real IMAP server and a real SMTP client."""

import smtplib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection

from comptoir.connect.email import service
from comptoir.connect.email.imap import Pace
from comptoir.connect.email.listener import Listener
from comptoir.connect.email.models import Mailbox, RawMail
from tests import build
from tests.conftest import need
from tests.connect import mails
from tests.connect.dovecot import PASSWORD, Dovecot
from tests.connect.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = Pace(settings_seconds=0.1, slice_seconds=0.2, pause_seconds=0.1)


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    server = Dovecot(need("dovecot", "an IMAP server is needed"))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def running() -> Iterator[Callable[[], None]]:
    """Starts the mail process in a thread; stopped at the end."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start() -> None:
        threads.append(threading.Thread(target=service.run, args=(stop, QUICK)))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join(15)
    connection.close()


def eventually(happened: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def mailbox(imap: Dovecot, user: str, **more: object) -> Mailbox:
    given: dict[str, object] = {
        "fetching": "idle", "imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none",
        "imap_user": user, "imap_password": PASSWORD,
    }  # fmt: skip
    return Mailbox.objects.create(inbox=build.inbox(f"{user}@desk.example"), **(given | more))


def kept() -> int:
    return RawMail.objects.count()


@pytest.mark.parametrize("fetching", ["idle", "poll"])
def test_mail_comes_in_and_is_marked_only_once_it_is_ours(
    imap: Dovecot, running: Callable[[], None], fetching: str
) -> None:
    client = imap.client(f"u-{fetching}")
    data = mails.raw("first").replace(b"\n", b"\r\n")
    client.append("INBOX", data)
    mailbox(imap, f"u-{fetching}", fetching=fetching, poll_seconds=1)
    running()
    eventually(lambda: kept() == 1)
    client.append("INBOX", mails.raw("second"))
    eventually(lambda: kept() == 2)
    assert RawMail.objects.order_by("uid")[0].file.read() == data
    eventually(lambda: client.noop() is not None and client.search(["UNSEEN"]) == [])
    assert client.search(["ALL"]) == [1, 2]


def test_several_mailboxes_are_read_side_by_side_and_a_broken_one_says_why(
    imap: Dovecot, running: Callable[[], None]
) -> None:
    broken = mailbox(imap, "wrong", imap_password="no")
    for user in ("one", "two"):
        mailbox(imap, user)
        imap.client(user).append("INBOX", mails.raw(user))
    running()
    eventually(lambda: kept() == 2)
    assert set(RawMail.objects.values_list("inbox__address", flat=True)) == {"one@desk.example", "two@desk.example"}
    eventually(lambda: "uthentication" in Mailbox.objects.get(pk=broken.pk).last_error)


def test_renumbered_mail_is_known_and_new_mail_is_found(imap: Dovecot, running: Callable[[], None]) -> None:
    client = imap.client("renumbered")
    row = mailbox(imap, "renumbered", fetching="poll", poll_seconds=1)
    client.append("INBOX", mails.raw("old"))
    running()
    eventually(lambda: kept() == 1)
    before = Mailbox.objects.get(pk=row.pk).uidvalidity
    Mailbox.objects.filter(pk=row.pk).update(fetching="off")
    eventually(lambda: f"mailbox-{row.pk}" not in {thread.name for thread in threading.enumerate()})
    client.logout()
    eventually(lambda: time.time() > before + 1)  # dovecot numbers anew by the second
    imap.renumber("renumbered")
    client = imap.client("renumbered")
    client.append("INBOX", mails.raw("new"))
    Mailbox.objects.filter(pk=row.pk).update(fetching="poll")
    eventually(lambda: kept() == 2)
    looked = Mailbox.objects.get(pk=row.pk)
    eventually(lambda: Mailbox.objects.get(pk=row.pk).last_looked_at > looked.last_looked_at)
    assert kept() == 2
    assert looked.uidvalidity != before


def test_an_imap_server_that_comes_back_is_read_again(imap: Dovecot, running: Callable[[], None]) -> None:
    own = Dovecot(imap.program)
    try:
        own.start()
        row = mailbox(own, "restart")
        running()
        eventually(lambda: Mailbox.objects.get(pk=row.pk).last_looked_at is not None)
        own.stop()
        eventually(lambda: Mailbox.objects.get(pk=row.pk).last_error != "")
        own.start()
        own.client("restart").append("INBOX", mails.raw())
        eventually(lambda: kept() == 1, 30)
    finally:
        own.remove()


@pytest.fixture
def smtp() -> Iterator[smtplib.SMTP]:
    build.inbox()
    port = free_port()
    listener = Listener("127.0.0.1", port)
    listener.start()
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        yield client
    listener.stop()


def test_our_server_keeps_the_exact_bytes_before_it_says_so(smtp: smtplib.SMTP) -> None:
    data = mails.raw("Žltý kôň\n.\n" + "x" * 5_000).replace(b"\n", b"\r\n")
    smtp.sendmail("claire@martin.example", ["service+token@desk.example"], data)
    row = RawMail.objects.get()
    assert (row.file.read(), row.envelope_from, row.source) == (data, "claire@martin.example", "smtp")


def test_our_server_relays_nothing(smtp: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.sendmail("claire@martin.example", ["anybody@elsewhere.example"], mails.raw())
    assert refused.value.recipients["anybody@elsewhere.example"][0] == 550
    assert kept() == 0


def test_one_mail_for_two_inboxes_is_kept_for_both(smtp: smtplib.SMTP) -> None:
    build.inbox("orders@desk.example")
    smtp.sendmail("a@b.cd", ["service@desk.example", "orders@desk.example"], mails.raw())
    assert set(RawMail.objects.values_list("inbox__address", flat=True)) == {
        "service@desk.example",
        "orders@desk.example",
    }


def test_what_cannot_be_kept_is_asked_for_again(smtp: smtplib.SMTP, tmp_path, monkeypatch) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("no folder")
    monkeypatch.setattr(settings, "FILES_ROOT", blocked)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail("a@b.cd", ["service@desk.example"], mails.raw())
    assert refused.value.smtp_code == 451
    assert kept() == 0
