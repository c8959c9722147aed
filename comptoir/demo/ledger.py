"""Events in bulk: the journal of a past that is written in one go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from procrastinate.contrib.django import app

from comptoir.events import Verb
from comptoir.events.models import Event
from comptoir.people.models import Member

JOB_EVENTS = 500


class Ledger:
    """Gathers events with their subjects; `flush` writes them and hands them to the fan-out."""

    def __init__(self) -> None:
        self.entries: list[tuple[Event, list[tuple[str, int]]]] = []

    def write(
        self,
        verb: Verb,
        by: Member,
        on: Sequence[models.Model | None],
        at: datetime,
        team_id: int | None = None,
        **data: Any,
    ) -> None:
        """Note an event of the past; subjects that are None are left out."""
        event = Event(
            verb=verb.name,
            actor_id=by.pk,
            data=verb.encode(data),
            occurred_at=at,
            recorded_at=at,
            scope_team_id=team_id,
        )
        self.entries.append((event, [(str(row._meta.model_name), row.pk) for row in on if row is not None]))

    def flush(self) -> None:
        """Write what was gathered, in the order in which it happened."""
        self.entries.sort(key=lambda entry: entry[0].occurred_at)
        events = Event.objects.bulk_create([event for event, _on in self.entries], batch_size=2_000)
        rows = [
            (noun, pk, event.occurred_at, event.pk)
            for event, subjects in self.entries
            for noun, pk in dict.fromkeys(subjects)
        ]
        copy("events_eventsubject", ("noun", "object_id", "occurred_at", "event_id"), rows)
        deferred = app.configure_task("fanout", queue="fanout")
        jobs: list[Any] = [{"event_ids": [e.pk for e in part]} for part in batches(events, JOB_EVENTS)]
        deferred.batch_defer(*jobs)
        self.entries.clear()


def copy(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Fill a table by PostgreSQL's COPY."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def batches(rows: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """The rows in parts of at most `size`."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
