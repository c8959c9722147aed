"""Live pages: one stream a browser, fed by PostgreSQL's notifications.

A page subscribes to topics (`case:42`, `team:3`); a notification names what changed and the page re-fetches its own fragments.
A page says how long ago it was asked for, and hears what happened since; after a reconnect it gets `reset` and re-fetches all.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http.cookies import SimpleCookie
from importlib import import_module
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.request import validate_host

from comptoir.actions.models import Approval
from comptoir.cases.models import Case
from comptoir.catalog.models import Agreement, Product
from comptoir.customers.models import Customer
from comptoir.events.recorder import CHANNEL, LISTED
from comptoir.lib.numbers import row_id
from comptoir.orders.models import Order, Quote
from comptoir.people.models import Department, Member

log = logging.getLogger(__name__)
Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
PING_SECONDS = 20
CHECK_SECONDS = 60
MOST_TOPICS = 40
MOST_WAITING = 200
MOST_RECENT = 5_000
NOUNS: dict[str, Any] = {
    "case": Case,
    "presence": Case,
    "order": Order,
    "quote": Quote,
    "customer": Customer,
    "product": Product,
    "agreement": Agreement,
    "department": Department,
    "approval": Approval,
}


class Hub:
    """The process's one LISTEN connection and the streams that wait on it."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.recent: deque[tuple[float, list[str]]] = deque(maxlen=MOST_RECENT)
        self.complete_since = float("inf")
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        for stream in list(self.streams):
            stream.put(None)
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except psycopg.Error as error:
                log.warning("The stream of notifications broke, trying again: %s", error)
                await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        parameters = {k: v for k, v in connection.get_connection_params().items() if k in CONNECTION}
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            self.recent.clear()
            self.complete_since = monotonic()
            for stream in list(self.streams):
                stream.put(["reset"])
            async for notification in listener.notifies():
                self.tell(json.loads(notification.payload))

    def tell(self, topics: list[str]) -> None:
        """Hand topics to the streams that asked for them."""
        if len(self.recent) == MOST_RECENT:
            self.complete_since = self.recent[0][0]
        self.recent.append((monotonic(), topics))
        for stream in list(self.streams):
            if wanted := stream.wanted(topics):
                stream.put(wanted)

    def missed(self, stream: "Stream", age: float) -> list[str]:
        """What a page did not hear of since it was asked for, so many seconds ago; `reset` where that is not known."""
        since = monotonic() - age
        if since < self.complete_since:
            return ["reset"]
        return sorted({topic for at, topics in self.recent if at >= since for topic in stream.wanted(topics)})


CONNECTION = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "options"}
HUB = Hub()


class Stream:
    """One browser's stream."""

    def __init__(self, member: Member, topics: frozenset[str]) -> None:
        self.member, self.topics = member, topics
        self.own_topic = f"member:{member.pk}"  # always heard: what the member may hear can change
        self.queue: asyncio.Queue[list[str] | None] = asyncio.Queue(MOST_WAITING)

    def wanted(self, topics: list[str]) -> list[str]:
        """Those of the topics that the stream is about."""
        return [topic for topic in topics if topic in self.topics or topic == self.own_topic]

    def put(self, topics: list[str] | None) -> None:
        """Queue topics; a browser too slow to take them re-fetches everything instead."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            topics = ["reset"] if topics is not None else None
        self.queue.put_nowait(topics)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer GET /live?topics=a,b&age=250 with server-sent events; the age of the page in milliseconds."""
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    given = parse_qs(scope["query_string"].decode("latin-1"))
    asked, age = given.get("topics", [""])[0].split(","), given.get("age", [""])[0]
    if scope["method"] != "GET" or not is_own_page(headers):
        await _refuse(send, 403)
        return
    opened = await sync_to_async(_open)(headers.get("cookie", ""), asked[:MOST_TOPICS])
    if opened is None:
        await _refuse(send, 403)
        return
    seconds = int(age) / 1_000 if age.isascii() and age.isdigit() and len(age) < 12 else 0
    await _run(opened, seconds, headers.get("cookie", ""), receive, send)


def is_own_page(headers: dict[str, str]) -> bool:
    """True for a request that one of our own pages makes to one of our own hosts."""
    host = headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if not validate_host(name, settings.ALLOWED_HOSTS):
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return False
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _open(cookie: str, asked: list[str]) -> Stream | None:
    """The stream of the signed-in member, with the topics they may hear."""
    close_old_connections()
    try:
        member = _member(cookie)
        return Stream(member, frozenset(t for t in asked if may_hear(member, t))) if member else None
    finally:
        connection.close()


def _member(cookie: str) -> Member | None:
    morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user = get_user(request)
    return user if isinstance(user, Member) and user.is_active else None


def may_hear(member: Member, topic: str) -> bool:
    """True when the member may know that this has changed."""
    noun, _colon, number = topic.partition(":")
    if topic in LISTED:
        return True
    pk = row_id(number)
    if pk is None:
        return False
    if noun == "team":
        return member.sees_team(pk)
    if noun == "member":
        return pk == member.pk
    model = NOUNS.get(noun)
    return bool(model and model.objects.visible_to(member).filter(pk=pk).exists())


async def _run(opened: Stream, age: float, cookie: str, receive: Receive, send: Send) -> None:
    HUB.streams.add(opened)  # before the page is told to fetch: nothing falls in between
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await _say(send, "event: reset\ndata: []\n\n")
    if age and (missed := HUB.missed(opened, age)):
        opened.put(missed)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await _pump(opened, cookie, gone, send)
    finally:
        HUB.streams.discard(opened)
        gone.cancel()
    with suppress(Exception):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pump(opened: Stream, cookie: str, gone: "asyncio.Task[None]", send: Send) -> None:
    """Send what comes, a ping when nothing does, and end when the browser left or the member lost the right."""
    loop = asyncio.get_running_loop()
    checked = loop.time()
    while not gone.done():
        getting = asyncio.ensure_future(opened.queue.get())
        await asyncio.wait({getting, gone}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        topics = getting.result() if getting.done() else []
        if not getting.done():
            getting.cancel()
        if topics is None:
            return
        if loop.time() - checked > CHECK_SECONDS or opened.own_topic in topics:
            checked = loop.time()
            again = await sync_to_async(_open)(cookie, sorted(opened.topics))
            if again is None:
                return
            opened.topics = again.topics
        told = [topic for topic in topics if topic in opened.topics or topic == "reset"]
        await _say(send, f"data: {json.dumps(told)}\n\n" if told else ": ping\n\n")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": HEADERS[1:]})
    await send({"type": "http.response.body", "body": b""})


HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
