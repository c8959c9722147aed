"""A whole desk in its own processes on the test's database: pages, jobs, mail; and browsers that look at it."""

import os
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

from aiosmtpd.controller import Controller
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from comptoir.people.models import Member
from tests.connect.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD, SALT = "correct horse battery", "s" * 22  # as long as salts are, else it would be hashed again
expect.set_options(timeout=20_000)  # a machine that runs everything at once is slow
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()


RESTS = """
    SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'doing' OR status = 'todo' AND coalesce(scheduled_at, now()) <= now())
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    )
"""
_kept = ExitStack()  # for as long as tests of browsers follow each other
_desks: list["Desk"] = []
_browsers: list[Browser] = []


@dataclass
class Post:
    """The customer's own mail server: keeps what arrives for her."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@dataclass(frozen=True)
class Desk:
    """A running desk: its address, the port its SMTP server listens on, and the customer's mail server."""

    url: str
    smtp_port: int
    post: Post

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail to the desk as any mail server does."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as server:
            server.send_message(mail)


def eventually(what: Callable[[], Any], seconds: float = 20) -> Any:
    """What becomes true within a time; AssertionError when it does not."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


def database_url() -> str:
    """The test's own database, as another process names it."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def _run(what: str, given: Any) -> None:
    """In the forked process: what it was made for."""
    from tests.web import loaded

    getattr(loaded, what)(given)


@cache
def ports() -> tuple[int, int]:
    """Where the desks of this run listen, one after the other: for pages, and for mail."""
    return free_port(), free_port()


def started() -> list[Any]:
    """The desk's processes, forked from one that has loaded it: that one learns the surroundings when it begins, once a run."""
    port, smtp_port = ports()
    surroundings = os.environ | {
        "DATABASE_URL": database_url(), "COMPTOIR_URL": f"http://127.0.0.1:{port}", "COMPTOIR_PORT": str(port),
        "COMPTOIR_SMTP_PORT": str(smtp_port), "COMPTOIR_UNDO_SECONDS": "1", "COMPTOIR_DEMO": "1", "PYTHONPATH": str(ROOT),
        "COMPTOIR_DATA": str(settings.DATA),  # this process has its files there, whatever its surroundings say since
    }  # fmt: skip
    forking = get_context("forkserver")
    forking.set_forkserver_preload(["tests.web.loaded"])
    made = [
        forking.Process(target=_run, args=what)
        for what in (("pages", port), ("command", "worker"), ("command", "mail"))
    ]
    with mock.patch.dict(os.environ, surroundings):
        for process in made:
            process.start()
    return made


@contextmanager
def running() -> Iterator[Desk]:
    """A running desk. It is kept for the next test of a browser: with the block, only what it was doing ends."""
    if not _desks:
        _desks.append(_kept.enter_context(_desk()))
    try:
        yield _desks[0]
    finally:
        _leave_pages()
        for desk in _desks:  # none where it has been ended
            eventually(_rests)
            desk.post.mails.clear()


@contextmanager
def _desk() -> Iterator[Desk]:
    """The desk's processes, ended with the block."""
    port, smtp_port = ports()
    post, processes = Post(free_port()), started()
    theirs = Controller(post, hostname="127.0.0.1", port=post.port)
    theirs.start()
    try:
        for taken in (port, smtp_port):
            eventually(lambda taken=taken: _listens(taken), 60)
        yield Desk(f"http://127.0.0.1:{port}", smtp_port, post)
    finally:
        theirs.stop()
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(20)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()


def _rests() -> bool:
    """True once no job is due or under way, and no process of the desk is in the middle of something."""
    with connection.cursor() as cursor:
        cursor.execute(RESTS)
        return bool(cursor.fetchone()[0])


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """Debian's Chromium, kept for the next test of a browser: with the block, its pages are left."""
    if not _browsers:
        _browsers.append(_kept.enter_context(_chromium(program)))
    try:
        yield _browsers[0]
    finally:
        _leave_pages()


@contextmanager
def _chromium(program: str) -> Iterator[Browser]:
    """Its driver runs an event loop in this thread, in which the test asks its database by another connection."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
            try:
                yield opened
            finally:
                opened.close()
                connection.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _leave_pages() -> None:
    for opened in _browsers:
        for context in list(opened.contexts):
            context.close()


def end() -> None:
    """End what is kept: the next test is none of a browser, and neither the desk's jobs nor the driver's loop are to meet it."""
    _kept.close()
    _browsers.clear()
    _desks.clear()


def give_password(*members: Member) -> None:
    """A password that the desk's own processes can check."""
    hasher = PBKDF2PasswordHasher()
    for member in members:
        member.password = hasher.encode(PASSWORD, SALT, iterations=1_000)
        member.save(update_fields=["password"])


def signed_in(opened: Browser, desk: Desk, member: Member, **context: Any) -> Page:
    """A page of its own browser session, signed in by the form; what its console says is an error of the test."""
    page = opened.new_context(viewport={"width": 1440, "height": 900}, **context).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    errors: list[str] = page.__dict__.setdefault("errors", [])
    page.goto(f"{desk.url}/sign-in/")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.url}/")
    return page


def unfit(page: Page, *rules: str) -> list[str]:
    """What axe finds on the page as it stands, by all its rules or by some, as sentences."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    asked = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found: list[dict[str, Any]] = page.evaluate("asked => axe.run(asked).then(told => told.violations)", asked)
    return [f"{v['id']}: {v['help']} – {[n['target'] for n in v['nodes']]}" for v in found]
