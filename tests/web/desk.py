"""A whole desk in its own processes on the test's database: pages, jobs, mail; and browsers that look at it."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiosmtpd.controller import Controller
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from comptoir.people.models import Member
from tests.connect.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery"
expect.set_options(timeout=20_000)  # a machine that runs everything at once is slow
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()


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


@contextmanager
def running() -> Iterator[Desk]:
    """The desk's processes, ended with the block."""
    port, smtp_port, post = free_port(), free_port(), Post(free_port())
    environment = os.environ | {
        "DATABASE_URL": database_url(), "COMPTOIR_URL": f"http://127.0.0.1:{port}", "COMPTOIR_PORT": str(port),
        "COMPTOIR_SMTP_PORT": str(smtp_port), "COMPTOIR_UNDO_SECONDS": "1", "COMPTOIR_DEMO": "1",
    }  # fmt: skip
    python = [sys.executable, "-m"]
    web = ["uvicorn", "comptoir.asgi:application", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    web += ["--timeout-graceful-shutdown", "1"]  # open streams do not hold the test
    started = [
        subprocess.Popen([*python, *what], cwd=ROOT, env=environment)
        for what in (web, ["comptoir", "worker"], ["comptoir", "mail"])
    ]
    theirs = Controller(post, hostname="127.0.0.1", port=post.port)
    theirs.start()
    try:
        for taken in (port, smtp_port):
            eventually(lambda taken=taken: _listens(taken), 60)
        yield Desk(f"http://127.0.0.1:{port}", smtp_port, post)
    finally:
        theirs.stop()
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """Debian's Chromium. Its driver runs an event loop in this thread, in which the test asks its database by another connection."""
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


def give_password(*members: Member) -> None:
    """A password that the desk's own processes can check."""
    hasher = PBKDF2PasswordHasher()
    for member in members:
        member.password = hasher.encode(PASSWORD, "salt", iterations=1_000)
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
    found: dict[str, Any] = page.evaluate("rules => axe.run(rules.length ? {runOnly: rules} : {})", list(rules))
    return [f"{v['id']}: {v['help']} – {[n['target'] for n in v['nodes']]}" for v in found["violations"]]
