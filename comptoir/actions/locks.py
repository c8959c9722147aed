"""Row locks, always `FOR NO KEY UPDATE` and always in one order, so that two acts never wait for each other in a circle.

The order is the models' LOCK_RANK (approval 5, customer 10, case 20, order 30, product 35, stock 40, invoice 50, counter 60,
limit 70), then the id. A plain FOR UPDATE deadlocks with foreign-key checks (PostgreSQL manual, 13.3.2).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import groupby

from django.db import connection, models
from django.utils.translation import gettext as _

from comptoir.actions.authority import ActionError
from comptoir.lib.prepared import Prepared

Key = tuple[int, str, int]
_held: ContextVar[set[Key] | None] = ContextVar("held_locks", default=None)
_made: ContextVar[set[Key] | None] = ContextVar("made_rows", default=None)


class LockOrderError(RuntimeError):
    """A lock was asked for after one that comes later in the order: a deadlock waiting to happen."""


@contextmanager
def holding() -> Iterator[None]:
    """The span of one transaction whose locks are remembered."""
    tokens = _held.set(set()), _made.set(set())
    try:
        yield
    finally:
        _held.reset(tokens[0])
        _made.reset(tokens[1])


def lock(*rows: models.Model) -> None:
    """Lock rows until the transaction ends, in rank order, and refresh them in place.

    Raises ActionError when a row is gone, LockOrderError when a later lock is already held.
    """
    wanted = {_key(row): row for row in rows}
    held = _held.get()
    made = _made.get() or set()
    fresh = sorted(key for key in wanted if key not in made and (held is None or key not in held))
    if held and fresh and fresh[0] < max(held):
        raise LockOrderError(f"{fresh[0]} is asked for while {max(held)} is held.")
    for _rank_label, keys in groupby(fresh, key=lambda key: key[:2]):
        _lock_rows([row for key in keys for row in rows if _key(row) == key])
    if held is not None:
        held.update(fresh)


def will_refresh(row: models.Model) -> bool:
    """True when locking the row reads it again: it is neither held nor made by this transaction."""
    key = _key(row)
    return key not in (_held.get() or ()) and key not in (_made.get() or ())


def own(row: models.Model) -> None:
    """Note a row that this transaction has made: nobody else can hold it, so it need not be locked."""
    if (made := _made.get()) is not None:
        made.add(_key(row))


def _key(row: models.Model) -> Key:
    rank = getattr(row, "LOCK_RANK", None)
    if rank is None:
        raise LockOrderError(f"{row._meta.label} has no LOCK_RANK: lock its root instead.")
    return rank, row._meta.label, row.pk


def _lock_rows(rows: list[models.Model]) -> None:
    model = type(rows[0])
    found = {one.pk: one for one in _locking(model)([row.pk for row in rows])}
    for row in rows:
        _assign(row, found.get(row.pk))


@cache
def _locking(model: type[models.Model]) -> Prepared[models.Model]:
    rows = model._base_manager.select_for_update(no_key=True).order_by("pk")
    return Prepared(lambda ids: rows.filter(pk__any=ids))


@cache
def _reading(model: type[models.Model]) -> Prepared[models.Model]:
    return Prepared(lambda pk: model._base_manager.filter(pk=pk))


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """A span that one process at a time is in, by PostgreSQL's advisory locks; False at once for the others.

    It ends with the connection, so that a killed process holds up nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        is_mine: bool = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def reload(row: models.Model) -> None:
    """Read a row's columns again in place, keeping the relations it has loaded."""
    _assign(row, _reading(type(row)).first(row.pk))


def forget_relations(row: models.Model, *keep: models.Model) -> None:
    """Drop the related rows it has loaded, which may be older than the lock; those named are kept."""
    cache = row._state.fields_cache
    kept = {name: value for name, value in cache.items() if any(value is one for one in keep)}
    cache.clear()
    cache.update(kept)
    getattr(row, "_prefetched_objects_cache", {}).clear()


def _assign(row: models.Model, found: models.Model | None) -> None:
    """Give a row the columns that were read; ActionError where there are none."""
    if found is None:
        raise ActionError(_("{row} is no longer there.").format(row=row))
    for column in row._meta.concrete_fields:
        if not column.primary_key and not column.generated:
            setattr(row, column.attname, getattr(found, column.attname))
