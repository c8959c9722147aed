"""The journal: append-only, one job and one notification a transaction, nothing left by what was rolled back."""

import json
import re
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, InternalError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.events import Ref, journal, notify, record
from comptoir.events.models import Event, EventSubject
from comptoir.events.queries import story
from comptoir.events.recorder import CHANNEL, NOTIFY_BYTES
from comptoir.events.verbs import CODECS, VERBS, Verb, verb
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.people import Role, system
from tests import build


@pytest.fixture
def told():
    """A verb of this test's own."""
    made = verb("events.told", "Told: {text}", text="text")
    yield made
    del VERBS[made.name]


def jobs() -> list[list[int]]:
    return [job.args["event_ids"] for job in ProcrastinateJob.objects.filter(task_name="fanout").order_by("pk")]


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE events_event SET verb = 'x'", "DELETE FROM events_event"])
def test_what_was_told_is_never_changed(told: Verb, change: str) -> None:
    with journal():
        record(told, by=system(), on=[build.team()], text="once")
    with (
        pytest.raises((InternalError, DatabaseError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert Event.objects.get().phrase == "Told: once"


@pytest.mark.django_db
def test_one_transaction_has_one_job_however_much_it_tells(told: Verb) -> None:
    rows = [build.team(), build.team("Export")]
    with journal():
        for number in range(3):
            with journal():
                record(told, by=system(), on=rows, text=str(number))
    ids = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    assert jobs() == [ids]
    assert EventSubject.objects.filter(event_id__in=ids).count() == 6


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_told(told: Verb) -> None:
    with pytest.raises(ZeroDivisionError), journal():
        record(told, by=system(), on=[build.team()], text="lost")
        raise ZeroDivisionError
    assert (Event.objects.count(), EventSubject.objects.count(), jobs()) == (0, 0, [])


@pytest.mark.django_db
def test_a_part_that_is_undone_leaves_what_was_told_around_it(told: Verb) -> None:
    with journal():
        record(told, by=system(), on=[build.team()], text="kept")
        with pytest.raises(ZeroDivisionError), journal():
            record(told, by=system(), on=[build.team()], text="lost")
            raise ZeroDivisionError
    assert [e.data["text"] for e in Event.objects.all()] == ["kept"]


@pytest.mark.django_db
def test_nothing_is_told_outside_a_transaction_and_no_wrong_data(told: Verb) -> None:
    with pytest.raises(RuntimeError):
        record(told, by=system(), on=[], text="x")
    for data in ({}, {"text": "x", "more": 1}, {"words": "x"}):
        with pytest.raises(ValueError, match=r"takes \['text'\]"), journal():
            record(told, by=system(), on=[], **data)
    assert Event.objects.count() == 0


def listened() -> psycopg.Connection:
    parameters = {
        k: v
        for k, v in connection.get_connection_params().items()
        if k in {"dbname", "user", "password", "host", "port"}
    }
    listener = psycopg.connect(**parameters, autocommit=True)
    listener.execute(f"LISTEN {CHANNEL}")
    return listener


@pytest.mark.django_db(transaction=True)
def test_one_notification_leaves_with_the_commit_and_none_without(told: Verb) -> None:
    team = build.team()
    with listened() as listener:
        with pytest.raises(ZeroDivisionError), journal():
            record(told, by=system(), on=[team], text="lost")
            raise ZeroDivisionError
        with journal():
            for _ in range(3):
                record(told, by=system(), on=[team], scope_team=team, text="x")
            notify("presence:1")
        heard = [json.loads(n.payload) for n in listener.notifies(timeout=1, stop_after=2)]
    assert heard == [[f"team:{team.pk}", "presence:1"]]


@pytest.mark.django_db(transaction=True)
def test_many_topics_are_split_below_what_postgresql_takes() -> None:
    topics = [f"case:{10**12 + number}" for number in range(600)] + [f"a:{number}" for number in range(3_000)]
    with listened() as listener:
        with journal():
            notify(*topics)
        heard = [n.payload for n in listener.notifies(timeout=1, stop_after=20)]
    assert len(heard) > 1
    assert all(len(payload.encode()) <= NOTIFY_BYTES + 100 < 8_000 for payload in heard)
    assert [topic for payload in heard for topic in json.loads(payload)] == topics


@pytest.mark.django_db
def test_a_teams_events_are_its_own(told: Verb) -> None:
    ours, theirs = build.team(), build.team("Export")
    row = build.customer()
    with journal():
        record(told, by=system(), on=[row], text="for all")
        record(told, by=system(), on=[row], scope_team=ours, text="ours")
        record(told, by=system(), on=[row], scope_team=theirs, text="theirs")
    rep, boss = build.member(), build.member(Role.SUPERVISOR, teams=())
    told_of = {e.data["text"]: e for e in story(row) if e.verb == told.name}
    assert {text for text, e in told_of.items() if e.is_hidden_from(rep)} == {"theirs"}
    assert {text for text, e in told_of.items() if e.is_hidden_from(boss)} == set()
    seen = Event.objects.filter(verb=told.name).visible_to(rep)
    assert {e.data["text"] for e in seen} == {"for all", "ours"}


VALUES = {
    "text": ("a – b", "a – b"),
    "int": (7, "7"),
    "number": (Decimal("1.50"), "1.5"),
    "date": (date(2031, 12, 18), "Thu 18 Dec 2031"),
    "money": (Money.of("12.50", "EUR"), "€12.50"),
    "ref": (Ref("order", 3, "SO-3"), "SO-3"),
}


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_datum_is_kept_as_its_type_and_shown_in_words(kind: str) -> None:
    value, shown = VALUES[kind]
    kept = json.loads(json.dumps(CODECS[kind].encode(value)))
    assert CODECS[kind].show(kept) == shown


def test_every_type_of_datum_is_tried() -> None:
    assert set(CODECS) == {*VALUES, "moment", "due", "member", "word"}
    moment = clock.now()
    assert CODECS["moment"].encode(moment).endswith("+00:00")


def test_consumers_are_jobs_and_never_read_what_is_newer_than_an_id() -> None:
    """Ids become visible out of commit order: whoever reads `id > last seen` loses events."""
    from tests.test_house import FILES

    newer = re.compile(r"Event(Subject)?\.objects[^\n]*\b(id|pk|event_id)__gt")
    assert [path for path in FILES if newer.search(path.read_text())] == []
