"""Writing the journal: events are gathered while a transaction runs and written at its end, together with
one fan-out job and one notification."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from comptoir.events.actor import Actor
from comptoir.events.models import Event
from comptoir.events.verbs import Verb
from comptoir.lib import clock

CHANNEL = "comptoir_live"
NOTIFY_BYTES = 7_500
LISTED = frozenset({"approval", "order"})  # nouns of which a list wants to hear that any of them changed
WRITE = """
WITH told AS MATERIALIZED (
    SELECT nextval('events_event_id_seq') AS id, t.* FROM ROWS FROM (jsonb_to_recordset(%s) AS (
        verb text, actor_id bigint, approver_id bigint, data jsonb, occurred_at timestamptz, recorded_at timestamptz,
        scope_team_id bigint, cause_id bigint, action text, subjects jsonb
    )) AS t
), events AS (
    INSERT INTO events_event (id, verb, actor_id, approver_id, data, occurred_at, recorded_at, scope_team_id, cause_id, action)
    SELECT id, verb, actor_id, approver_id, data, occurred_at, recorded_at, scope_team_id, cause_id, action FROM told
), subjects AS (
    INSERT INTO events_eventsubject (noun, object_id, occurred_at, event_id)
    SELECT s ->> 0, (s ->> 1)::bigint, told.occurred_at, told.id FROM told, jsonb_array_elements(subjects) s
)
SELECT array_agg(id ORDER BY id), procrastinate_defer_jobs_v1(ARRAY[ROW(
    'fanout', 'fanout', 0, NULL, NULL, jsonb_build_object('event_ids', jsonb_agg(id ORDER BY id)), NULL
)::procrastinate_job_to_defer_v1]), (SELECT count(pg_notify(%s, topics)) FROM unnest(%s::text[]) topics) FROM told
"""
NOTIFY = "SELECT pg_notify(%s, topics) FROM unnest(%s::text[]) topics"


@dataclass(slots=True)
class Journal:
    """What one transaction has to say."""

    entries: list[tuple[Event, list[tuple[str, int]]]] = field(default_factory=list)
    topics: dict[str, None] = field(default_factory=dict)

    def write(self) -> list[int]:
        """Insert events, subjects, the fan-out job and the notification; the ids of the events."""
        if not self.entries:
            send_topics(self.topics)
            return []
        told = json.dumps([_told(event, on) for event, on in self.entries])
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [told, CHANNEL, _payloads(self.topics)])
            for (event, _), pk in zip(self.entries, cursor.fetchone()[0], strict=True):
                event.pk, event._state.adding = pk, False
        return [event.pk for event, _ in self.entries]


def _told(event: Event, subjects: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "verb": event.verb, "actor_id": event.actor_id, "approver_id": event.approver_id, "data": event.data,
        "occurred_at": event.occurred_at.isoformat(), "recorded_at": event.recorded_at.isoformat(),
        "scope_team_id": event.scope_team_id, "cause_id": event.cause_id, "action": event.action, "subjects": subjects,
    }  # fmt: skip


_journal: ContextVar[Journal | None] = ContextVar("journal", default=None)
_about: ContextVar[tuple[models.Model, ...]] = ContextVar("about", default=())
_cause: ContextVar[int | None] = ContextVar("cause", default=None)
_approver: ContextVar[Actor | None] = ContextVar("approver", default=None)
_action: ContextVar[str] = ContextVar("action", default="")


@contextmanager
def journal(savepoint: bool = True) -> Iterator[Journal]:
    """One transaction with its journal; inside another journal, a savepoint of it.

    Without a `savepoint` an error inside ends the outer transaction too.
    """
    outer = _journal.get()
    if outer is None:
        with transaction.atomic():
            current = Journal()
            token = _journal.set(current)
            try:
                yield current
                current.write()
            finally:
                _journal.reset(token)
        return
    entries, topics = len(outer.entries), dict(outer.topics)
    try:
        with transaction.atomic(savepoint=savepoint):
            yield outer
    except BaseException:
        del outer.entries[entries:]
        outer.topics = topics
        raise


@contextmanager
def _setting(variable: ContextVar[Any], value: object) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def about(*rows: models.Model) -> Any:
    """Add rows to the subjects of every event written in the block: an act on an order in a case's context."""
    return _setting(_about, (*_about.get(), *rows))


def caused_by(event_id: int | None) -> Any:
    """Name the event that causes what the block records."""
    return _setting(_cause, event_id)


def approved_by(member: Actor | None) -> Any:
    """Name the second person on every event of the block."""
    return _setting(_approver, member)


def within_action(name: str) -> Any:
    """Name the outermost action on every event of the block."""
    return _setting(_action, name)


def record(
    verb: Verb,
    /,
    *,
    by: Actor,
    on: Sequence[models.Model],
    occurred_at: datetime | None = None,
    scope_team: models.Model | int | None = None,
    **data: Any,
) -> Event:
    """Write down what happened; the event gets its id when the transaction ends.

    Raises RuntimeError outside a journal, ValueError when the data are not what the verb declares.
    """
    current = _journal.get()
    if current is None:
        raise RuntimeError(f"{verb.name}: events are recorded inside an action or a journal().")
    now = clock.now()
    team_id = scope_team.pk if isinstance(scope_team, models.Model) else scope_team
    event = Event(
        verb=verb.name,
        actor_id=by.pk,
        approver_id=getattr(_approver.get(), "pk", None),
        data=verb.encode(data),
        occurred_at=occurred_at or now,
        recorded_at=now,
        scope_team_id=team_id,
        cause_id=_cause.get(),
        action=_action.get(),
    )
    subjects = list(dict.fromkeys((str(row._meta.model_name), row.pk) for row in (*on, *_about.get())))
    current.entries.append((event, subjects))
    current.topics.update(dict.fromkeys(f"{noun}:{pk}" for noun, pk in subjects))
    current.topics.update(dict.fromkeys(noun for noun, _ in subjects if noun in LISTED))
    if team_id is not None:
        current.topics[f"team:{team_id}"] = None
    return event


def notify(*topics: str) -> None:
    """Tell open pages that something changed without an event (drafts, presence); at commit, once per topic."""
    current = _journal.get()
    if current is not None:
        current.topics.update(dict.fromkeys(topics))
    else:
        send_topics(topics)


def send_topics(topics: Iterable[str]) -> None:
    """Tell open pages of these topics."""
    if payloads := _payloads(topics):
        with connection.cursor() as cursor:
            cursor.execute(NOTIFY, [CHANNEL, payloads])


def _payloads(topics: Iterable[str]) -> list[str]:
    """The topics as JSON in payloads below PostgreSQL's limit of 8000 bytes."""
    batches: list[list[str]] = []
    size = NOTIFY_BYTES
    for topic in topics:
        size += len(topic) + 3
        if size > NOTIFY_BYTES:
            batches.append([])
            size = len(topic) + 3
        batches[-1].append(topic)
    return [json.dumps(batch, separators=(",", ":")) for batch in batches]
