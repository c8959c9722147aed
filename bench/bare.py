"""The bare limit: the very rows that entering and confirming an order writes, written again by plain statements.

One connection, two transactions a piece as the desk has them, committed durably; one INSERT a table with all its rows,
one UPDATE a changed row, the job and the notification included. Nothing is read, checked or decided.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, models

from bench.meter import cpu_ms
from comptoir.events.models import EventSubject
from comptoir.orders.models import Order

STRIDE = 10_000_000
JOBS = "procrastinate_jobs"
LOOSE = {
    ("promises_promise", "subject_id"),
    ("catalog_reservation", "schedule_line_id"),
    ("events_eventsubject", "event_id"),
}
CHANGED = {"orders_order": "id", "orders_scheduleline": "order_id"}
Row = dict[str, Any]


@dataclass(slots=True)
class Written:
    """What one transaction wrote: new rows by table, and the rows it changed."""

    new: dict[str, list[Row]]
    changed: dict[str, list[Row]]

    @property
    def count(self) -> int:
        return sum(map(len, (*self.new.values(), *self.changed.values())))


def written_by(act: Callable[[], Order], before: Order | None = None) -> tuple[Order, Written]:
    """Do it, and tell what it wrote."""
    last = {table: _last(table) for table in _tables()}
    subjects = last["events_event"]
    order = act()
    new = {
        table: _rows(f"SELECT * FROM {table} WHERE id > %s AND id <= %s ORDER BY id", pk, _last(table))
        for table, pk in last.items()
    }
    new["events_eventsubject"] = _rows(
        "SELECT * FROM events_eventsubject WHERE event_id > %s AND event_id <= %s", subjects, _last("events_event")
    )
    changed = {}
    if before is not None:
        changed = {table: _rows(f"SELECT * FROM {table} WHERE {key} = %s", before.pk) for table, key in CHANGED.items()}
    return order, Written({table: rows for table, rows in new.items() if rows}, changed)


def _tables() -> list[str]:
    ours = [m for m in apps.get_models() if m.__module__.startswith("comptoir.") and m is not EventSubject]
    return [m._meta.db_table for m in ours if isinstance(m._meta.pk, models.AutoField)] + [JOBS]


def _last(table: str) -> int:
    """The id given out last; a replay takes none."""
    sequence = _rows(f"SELECT pg_get_serial_sequence('{table}', 'id') AS name")[0]["name"]
    return int(_rows(f"SELECT last_value FROM {sequence}")[0]["last_value"])


def _rows(query: str, *given: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, given or None)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def replay(transactions: list[Written], pieces: int, postmaster: int) -> tuple[float, float]:
    """Write it all again so many times: wall and CPU milliseconds a piece, of this process and the database."""
    tables = {table for one in transactions for table in one.new}
    first = 1 + _rows("SELECT coalesce(max(id), 0) AS last FROM orders_order")[0]["last"] // STRIDE
    shifting = {table: _shifting(table, tables) for table in tables | set(CHANGED)}
    scripts = [[_script(one, shifting, turn) for one in transactions] for turn in range(first, first + pieces)]
    with psycopg.connect(**_where()) as bare:
        bare.execute("SET synchronous_commit = on")
        bare.commit()
        begin, own, theirs = time.monotonic(), time.process_time(), cpu_ms([postmaster])
        for script in scripts:
            for statements in script:
                with bare.transaction():
                    for statement, given in statements:
                        bare.execute(statement, given, prepare=True)
                    bare.execute("SELECT pg_notify('comptoir_bare', 'x')", prepare=True)
        wall, spent = time.monotonic() - begin, time.process_time() - own
        theirs = cpu_ms([postmaster]) - theirs
    return wall * 1000 / pieces, (spent * 1000 + theirs) / pieces


def _where() -> dict[str, Any]:
    told = connection.get_connection_params()
    return {name: told[name] for name in ("host", "port", "user", "password", "dbname") if told.get(name)}


def _shifting(table: str, tables: Iterable[str]) -> set[str]:
    """The columns that name rows written here."""
    if table == JOBS:
        return {"id"}
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    named = {
        f.column
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.related_model and f.related_model._meta.db_table in tables
    }
    return {"id"} | named | {column for of, column in LOOSE if of == table}


def _script(written: Written, shifting: dict[str, set[str]], turn: int) -> list[tuple[str, list[Any]]]:
    """The statements of one transaction, for one turn."""
    ours = {
        (t.removeprefix("orders_").removeprefix("promises_"), row["id"])
        for t, rows in written.new.items()
        for row in rows
        if "id" in row
    }
    script = [
        _insert(table, [_shifted(row, shifting[table], turn, ours) for row in rows])
        for table, rows in written.new.items()
    ]
    for table, rows in written.changed.items():
        script += [_update(table, _shifted(row, shifting[table], turn, ours)) for row in rows]
    return script


def _shifted(row: Row, columns: set[str], turn: int, ours: set[tuple[str, int]]) -> Row:
    made = {
        name: value + turn * STRIDE if name in columns and value is not None else value for name, value in row.items()
    }
    if "object_id" in made and (made["noun"], made["object_id"]) in ours:
        made["object_id"] += turn * STRIDE
    if "number" in made:
        made["number"] = f"BARE-{turn}"
    return {
        name: psycopg.types.json.Jsonb(value) if isinstance(value, dict | list) else value
        for name, value in made.items()
    }


def _insert(table: str, rows: list[Row]) -> tuple[str, list[Any]]:
    names = list(rows[0])
    places = ", ".join("(" + ", ".join(["%s"] * len(names)) + ")" for _ in rows)
    columns = ", ".join(f'"{name}"' for name in names)
    override = "" if table == JOBS else "OVERRIDING SYSTEM VALUE "
    return f"INSERT INTO {table} ({columns}) {override}VALUES {places}", [row[name] for row in rows for name in names]


def _update(table: str, row: Row) -> tuple[str, list[Any]]:
    names = [name for name in row if name != "id"]
    told = ", ".join(f'"{name}" = %s' for name in names)
    return f"UPDATE {table} SET {told} WHERE id = %s", [*(row[name] for name in names), row["id"]]
