"""The one source of "now", so that a tick, a test or a demo can be played at another moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset.get()


def today(zone: str | None = None) -> date:
    """The present day in a time zone (the installation's own when none is named)."""
    if zone is None:
        from django.conf import settings

        zone = settings.TIME_ZONE
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Shift `now()` to a moment for the length of a block; time runs on from there."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    token = _offset.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _offset.reset(token)
