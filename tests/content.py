"""What the tables hold, as a test asks before and after an act."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from tests.wiping import tables

WRITTEN = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""  # as pg_stat_xact_user_tables has them, which asks for more and takes three times as long


class Content(dict[str, Any]):
    """Every table with a sign for its rows, and how many rows were written to it in this transaction, undone ones too."""

    written: dict[str, int]

    def again(self) -> "Content":
        """The same, looked at now: whatever was written meanwhile has been undone."""
        same = Content(self)
        same.written = _rows(WRITTEN)
        return same


def content(since: Content | None = None, names: Iterable[str] | None = None) -> Content:
    """Of all tables or some. `since` is an earlier look within the transaction: only what was written to after it is read again."""
    written = _rows(WRITTEN)
    if since is None:
        found, asked = Content(), list(names or tables())
    else:
        found, asked = Content(since), [name for name in since if written[name] != since.written[name]]
    if asked:
        found.update(_rows(" UNION ALL ".join(
            f"SELECT '{name}', count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t"
            for name in asked
        )))  # fmt: skip
    found.written = written
    return found


def _rows(query: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())
