"""Writing several rows of a table by one statement."""

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection, models


def write_each(rows: Sequence[models.Model], *fields: str) -> None:
    """Write some fields of rows of one model, each row its own values, by one UPDATE.

    `bulk_update` does the same with a CASE a field and row, whose compiling takes longer than PostgreSQL needs for all of it.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = [cast("models.Field[Any, Any]", meta.get_field(name)) for name in fields]
    names = ", ".join(f'"{column.column}"' for column in columns)
    place = ", ".join(["%s::bigint", *(f"%s::{column.rel_db_type(connection)}" for column in columns)])
    sets = ", ".join(f'"{column.column}" = v."{column.column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{meta.db_table}" t SET {sets} FROM (VALUES {", ".join([f"({place})"] * len(rows))}) v (pk, {names}) '
            "WHERE t.id = v.pk",
            [value for row in rows for value in _values(row, columns)],
        )


def _values(row: models.Model, columns: Sequence["models.Field[Any, Any]"]) -> list[Any]:
    told = (column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns)
    return [row.pk, *told]
