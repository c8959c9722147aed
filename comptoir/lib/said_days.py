"""Days as people say them: 2026-12-01, 1.12., +10, +2w, wk 50, 12 Dec, vendredi."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names
from django.utils.translation import gettext as _

from comptoir.lib import clock
from comptoir.lib.text import fold

LANGUAGES = ("en", "fr", "da", "sk", "bg")
BACK = timedelta(days=60)
NUMBERS = re.compile(r"(\d{1,2})\s*[./ -]\s*(\d{1,2})\s*(?:[./ -]\s*(\d{4}|\d{2})?)?")
AHEAD = re.compile(r"\+\s*(\d{1,3})\s*([dw])?")
WEEK = re.compile(
    r"(?:wk|week|w|kw|uge|sem|semaine|s|t|tyz|tyzden|sed|sedm|sedmitsa)\.?\s*(\d{1,2})(?:\s*/\s*(\d{4}))?"
)
NAMED = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th|er|\.)?\s*)([a-z]{3,12})\.?(?:\s+(\d{4}))?")


def day(text: str) -> date | None:
    """The day a text says, day before month; None for nothing, ValueError for what is no day.

    Without a year it is the next such day; one of the last two months is taken for past. A week is its Friday.
    """
    plain = text.strip()
    if not plain:
        return None
    try:
        if found := _said(plain, clock.today()):
            return found
        return date.fromisoformat(plain)
    except (ValueError, OverflowError) as error:
        raise ValueError(_("«{text}» is not a day.").format(text=plain)) from error


def as_typed(value: object) -> object:
    """A day, or its ISO date, as people type it: 24.12.2026; anything else as it is."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return f"{found.day}.{found.month}.{found.year}" if isinstance(found, date) else value


def counts_from_today(text: str) -> bool:
    """True when the words mean another day tomorrow: +10, +2w, vendredi."""
    return _counted(fold(text.strip()), clock.today()) is not None


def _said(plain: str, today: date) -> date | None:
    folded = fold(plain)
    if counted := _counted(folded, today):
        return counted
    if parts := NUMBERS.fullmatch(plain):
        return _dated(int(parts[1]), int(parts[2]), parts[3], today)
    if parts := WEEK.fullmatch(folded):
        return _week(int(parts[1]), parts[2], today)
    if (parts := NAMED.fullmatch(folded)) and (month := _months().get(parts[2])):
        return _dated(int(parts[1]), month, parts[3], today)
    return None


def _counted(folded: str, today: date) -> date | None:
    """So many days or weeks ahead, or the next day of that name."""
    if parts := AHEAD.fullmatch(folded):
        return today + timedelta(days=int(parts[1]) * (7 if parts[2] == "w" else 1))
    if (weekday := _weekdays().get(folded.rstrip("."))) is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return None


def _dated(number: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, number)
    return _next(lambda candidate: date(candidate, month, number), today)


def _week(number: int, year: str | None, today: date) -> date:
    """The Friday of a week; without a year the next one that is not long over."""
    if year:
        return date.fromisocalendar(int(year), number, 5)
    return _next(lambda candidate: date.fromisocalendar(candidate, number, 5), today)


def _next(of_year: Callable[[int], date], today: date) -> date:
    """The first that is not long over; some years have no 29 February and no week 53."""
    for year in range(today.year - 1, today.year + 9):
        try:
            found = of_year(year)
        except ValueError:
            continue
        if found >= today - BACK:
            return found
    raise ValueError


@cache
def _months() -> dict[str, int]:
    """Every month's names and their beginnings that mean no other month, folded, in all our languages."""
    return _beginnings(
        (fold(name), number)
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    )


@cache
def _weekdays() -> dict[str, int]:
    return _beginnings(
        (fold(name), number)
        for language in LANGUAGES
        for number, name in get_day_names("wide", locale=language).items()
    )


def _beginnings(names: object) -> dict[str, int]:
    meant: dict[str, set[int]] = {}
    for name, number in names:  # type: ignore[attr-defined]
        whole = name.rstrip(".")
        for length in range(3, len(whole) + 1):
            meant.setdefault(whole[:length], set()).add(number)
    return {name: numbers.pop() for name, numbers in meant.items() if len(numbers) == 1}
