"""Writing several rows of a table by one statement, sent as one JSON value that PostgreSQL reads into rows of the table.

`bulk_create` and `bulk_update` send an array a column and a CASE a field; making them takes longer than PostgreSQL needs.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def insert_each(rows: Sequence[M]) -> list[M]:
    """Insert new rows of one model, and give them their ids; each says all its columns."""
    if not rows:
        return []
    meta = rows[0]._meta
    columns = [column for column in meta.concrete_fields if not column.primary_key and not column.generated]
    told = [{column.column: column.pre_save(row, True) for column in columns} for row in rows]
    names = ", ".join(f'"{column.column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{meta.db_table}" ({names}) '
            f'SELECT {names} FROM jsonb_populate_recordset(NULL::"{meta.db_table}", %s) RETURNING id',
            [json.dumps(told, default=_plain)],
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = pk, False, connection.alias
    return list(rows)


def write_each(rows: Sequence[models.Model], *fields: str) -> None:
    """Write some fields of rows of one model, each row its own values, by one UPDATE."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [cast("models.Field[Any, Any]", meta.get_field(name)) for name in fields]
    told = [{"id": row.pk} | {str(column.column): getattr(row, column.attname) for column in columns} for row in rows]
    sets = ", ".join(f'"{column.column}" = v."{column.column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{meta.db_table}" t SET {sets} '
            f'FROM jsonb_populate_recordset(NULL::"{meta.db_table}", %s) v WHERE t.id = v.id',
            [json.dumps(told, default=_plain)],
        )


def _plain(value: Any) -> str:
    """A moment or day in ISO 8601; a decimal or a text that is translated late as its words."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
