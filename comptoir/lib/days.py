"""Days and moments as the desk writes them everywhere, in the reader's language and time zone."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import formats, timezone, translation

from comptoir.lib import clock


def day(value: date | datetime) -> str:
    """A day: "Fri 20 Nov", with the year when it is not this one."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    this_year = value.year == timezone.localtime(clock.now()).year
    return _day(value, "D j M" if this_year else "D j M Y", translation.get_language() or "en")


@lru_cache(4096)
def _day(value: date, form: str, language: str) -> str:
    """A page says the same few days over and over, and formatting one takes a dozen translations."""
    return formats.date_format(value, form)


def moment(value: datetime) -> str:
    """A moment in full: "Fri 20 Nov 14:31"."""
    return f"{day(value)} {timezone.localtime(value):%H:%M}"
