"""The stream of live pages, in the real ASGI application: who hears what, and when it ends."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from comptoir.asgi import application
from comptoir.cases.actions.answering import note
from comptoir.cases.actions.incoming import receive
from comptoir.events import notify
from comptoir.events.recorder import CHANNEL
from comptoir.lib.roles import Role
from comptoir.people.models import Member, Membership
from comptoir.web import live
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


class Page:
    """A browser that reads a stream."""

    def __init__(self, topics: list[str], cookie: str, age: object = "", **headers: str) -> None:
        given = {"host": "127.0.0.1:8000", "cookie": cookie} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.scope = {
            "type": "http", "method": "GET", "path": "/live", "query_string": f"topics={','.join(topics)}&age={age}".encode(),
            "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        }  # fmt: skip
        self.status, self.headers, self.told, self.ended = 0, {}, [], False
        self.left, self.may_write = asyncio.Event(), asyncio.Event()
        self.may_write.set()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.may_write.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            return
        text = message["body"].decode()
        self.ended |= not message.get("more_body", False)
        if text.startswith("event: reset"):
            self.told.append("reset")
        elif text.startswith("data: "):
            self.told += json.loads(text[6:])

    async def __aenter__(self) -> "Page":
        self.task = asyncio.create_task(application(self.scope, self.receive, self.send))
        await until(lambda: self.told[:1] == ["reset"] or self.ended)
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.left.set()
        self.may_write.set()
        await asyncio.wait_for(self.task, 10)


async def until(happened: Callable[[], bool]) -> None:
    async def look() -> None:
        while not happened():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), 20)


def listens() -> bool:
    """True once the application listens to the database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query = %s"
    with connection.cursor() as cursor:
        cursor.execute(asked, [f"LISTEN {CHANNEL}"])
        return bool(cursor.fetchone()[0])


def played(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene while the application listens."""

    async def run() -> None:
        await live.HUB.start()
        try:
            while not await off(listens):  # a page that comes before it hears a second reset
                await asyncio.sleep(0.01)
            await scene()
        finally:
            await live.HUB.stop()

    asyncio.run(run())


async def off(act: Callable[[], Any]) -> Any:
    """Do something with the database in a thread, as the web process does."""

    def run() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


@pytest.fixture
def cookie() -> Callable[[Member], str]:
    def signed_in(member: Member) -> str:
        client = Client()
        client.force_login(member)
        return f"sessionid={client.cookies['sessionid'].value}"

    return signed_in


def test_a_page_hears_of_what_its_member_may_see_and_of_nothing_else(cookie: Callable[[Member], str]) -> None:
    rep, case = build.member(), receive(build.mail(build.WISH)).case
    box = build.inbox("export@desk.example", of=build.team("Export"))
    foreign = receive(build.mail(build.WISH, inbox=box)).case
    other = build.member()
    asked = [
        f"case:{case.pk}",
        f"case:{foreign.pk}",
        f"team:{foreign.team_id}",
        f"member:{other.pk}",
        "case:x",
        "case:²",
        "junk",
    ]

    async def scene() -> None:
        async with Page(asked, signed) as page:
            await off(lambda: note(foreign, by=boss, text="Not for you"))  # type: ignore[arg-type]
            await off(lambda: note(case, by=rep, text="For all"))  # type: ignore[arg-type]
            await until(lambda: len(page.told) > 1)
            assert page.told == ["reset", f"case:{case.pk}"]
            assert page.status == 200
            assert page.headers[b"content-security-policy"].startswith(b"default-src 'none'")

    boss, signed = build.member(Role.SUPERVISOR), cookie(rep)
    played(scene)


def test_a_page_hears_what_happened_since_it_was_asked_for(cookie: Callable[[Member], str]) -> None:
    rep, case = build.member(), receive(build.mail(build.WISH)).case

    async def told(age: object) -> list[str]:
        async with Page([f"case:{case.pk}"], signed, age) as page:
            await until(lambda: len(page.told) > 1)
            return page.told

    async def scene() -> None:
        await until(lambda: live.HUB.complete_since < monotonic())
        asked_for = monotonic()
        await off(lambda: note(case, by=rep, text="Meanwhile"))  # type: ignore[arg-type]
        await until(lambda: any(f"case:{case.pk}" in topics for _at, topics in live.HUB.recent))
        age = int((monotonic() - asked_for) * 1_000) + 1
        assert await told(age) == ["reset", f"case:{case.pk}"]
        assert await told(10**9) == ["reset", "reset"]

    signed = cookie(rep)
    played(scene)


def test_a_member_who_leaves_the_team_hears_no_more_of_it(cookie: Callable[[Member], str]) -> None:
    rep, case = build.member(), receive(build.mail(build.WISH)).case
    signed = cookie(rep)

    def leave() -> None:
        Membership.objects.filter(member=rep).delete()
        notify(f"member:{rep.pk}", f"case:{case.pk}")

    async def scene() -> None:
        async with Page([f"case:{case.pk}"], signed) as page:
            stream = next(iter(live.HUB.streams))
            await off(leave)
            await until(lambda: stream.topics == frozenset())
            await off(lambda: notify(f"case:{case.pk}"))
            await asyncio.sleep(0.2)
            assert page.told == ["reset"]

    played(scene)


@pytest.mark.parametrize("how", ["signs out", "is deactivated"])
def test_the_stream_ends_with_the_right_to_it(cookie: Callable[[Member], str], how: str) -> None:
    rep = build.member()
    client = Client()
    client.force_login(rep)
    signed = f"sessionid={client.cookies['sessionid'].value}"

    def deactivate() -> None:
        Member.objects.filter(pk=rep.pk).update(is_active=False)
        notify(f"member:{rep.pk}")

    async def scene() -> None:
        async with Page([f"team:{build_team}"], signed) as page:
            await off((lambda: client.post("/sign-out/")) if how == "signs out" else deactivate)
            await until(lambda: page.ended)
        async with Page([], signed) as again:
            assert again.status == 403

    build_team = build.team().pk
    played(scene)


def test_a_broken_connection_has_every_page_fetch_anew(cookie: Callable[[Member], str]) -> None:
    signed = cookie(build.member())

    def break_it() -> None:
        parameters = {k: v for k, v in connection.get_connection_params().items() if k in live.CONNECTION}
        with psycopg.connect(**parameters, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid() AND datname = current_database()"
            )

    async def scene() -> None:
        async with Page(["approval"], signed) as page:
            await off(lambda: notify("approval"))
            await until(lambda: page.told == ["reset", "approval"])
            await off(break_it)
            await until(lambda: page.told == ["reset", "approval", "reset"])

    played(scene)


def test_a_slow_reader_fetches_anew_instead_of_catching_up(cookie: Callable[[Member], str]) -> None:
    signed = cookie(build.member())

    async def scene() -> None:
        async with Page(["approval"], signed) as page:
            page.may_write.clear()
            for _ in range(live.MOST_WAITING * 2):
                live.HUB.tell(["approval"])
                await asyncio.sleep(0)
            page.may_write.set()
            await until(lambda: page.told.count("reset") == 2)
            assert len(page.told) < live.MOST_WAITING + 10

    played(scene)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_only_our_own_pages_are_answered(cookie: Callable[[Member], str], headers: dict[str, str]) -> None:
    signed = cookie(build.member())

    async def scene() -> None:
        async with Page(["approval"], signed, **headers) as page:
            assert page.status == 403

    played(scene)


def test_forty_topics_are_heard_and_no_more(cookie: Callable[[Member], str]) -> None:
    rep, case = build.member(), receive(build.mail(build.WISH)).case
    signed, asked = cookie(rep), [f"case:{case.pk}", *[f"team:{10**6 + n}" for n in range(60)], "approval"]

    async def scene() -> None:
        async with Page(asked, signed):
            assert next(iter(live.HUB.streams)).topics == {f"case:{case.pk}"}

    played(scene)
