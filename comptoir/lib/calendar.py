"""Business days of a country."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any


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
