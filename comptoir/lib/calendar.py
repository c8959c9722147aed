"""Business days of a country, and the hours in which somebody works."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> Any:
    import holidays  # imported when first needed: it takes almost a second

    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return {}


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday and no public holiday there."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def add_business_days(day: date, count: int, country: str) -> date:
    """The day so many business days later, or earlier when negative."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_business_day(day, country):
            left -= 1
    return day


def next_business_day(day: date, country: str) -> date:
    """The day itself when it is one, else the next."""
    while not is_business_day(day, country):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody works: on the business days of a country, from one time of a zone to another."""

    country: str
    zone: str
    opens: time
    closes: time

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when somebody works on a day, in UTC; None when nobody does."""
        if not is_business_day(day, self.country):
            return None
        zone = ZoneInfo(self.zone)
        opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in (self.opens, self.closes))
        return (opens, closes) if opens < closes else None


def add_open_time(start: datetime, span: timedelta, opening: Opening) -> datetime:
    """The moment at which so much time has passed in which somebody works; without any, the next one somebody does.

    What begins outside those hours begins when they do. A day on which the clocks change has as much time as it truly has.
    """
    left, day = span, start.astimezone(ZoneInfo(opening.zone)).date()
    while True:
        hours = opening.hours_of(day)
        begins = max(start, hours[0]) if hours else start
        if hours and begins < hours[1]:
            if left <= hours[1] - begins:
                return (begins + left).astimezone(ZoneInfo(opening.zone))
            left -= hours[1] - begins
        day += timedelta(days=1)
