"""Clocks that run only while somebody works: over nights, weekends, holidays and the nights in which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.lib.calendar import Opening, add_open_time, is_business_day

QUARTER = timedelta(minutes=15)
BRUSSELS = Opening("BE", "Europe/Brussels", time(8), time(17))
ZONES = {"BE": "Europe/Brussels", "US": "America/New_York", "IN": "Asia/Kolkata", "AU": "Australia/Lord_Howe"}


def at(text: str, zone: str = "Europe/Brussels") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-24T09:00", 4, "2026-11-24T13:00"),
        ("2026-11-24T15:00", 4, "2026-11-25T10:00"),  # over the night
        ("2026-11-27T15:00", 4, "2026-11-30T10:00"),  # over the weekend
        ("2026-11-28T12:00", 8, "2026-11-30T16:00"),  # asked on a Saturday
        ("2026-11-24T06:00", 1, "2026-11-24T09:00"),  # before the desk opens
        ("2026-11-24T22:00", 1, "2026-11-25T09:00"),  # after it has closed
        ("2026-11-24T08:00", 9, "2026-11-24T17:00"),  # a whole day ends when the desk closes
        ("2026-12-24T16:00", 2, "2026-12-28T09:00"),  # over Christmas and a weekend
        ("2026-03-27T16:00", 2, "2026-03-30T09:00"),  # over the night in which the clocks go forward
        ("2026-10-23T16:00", 2, "2026-10-26T09:00"),  # and back
        ("2026-11-24T17:00", 0, "2026-11-25T08:00"),
        ("2026-11-24T11:30", 0, "2026-11-24T11:30"),
    ],
)
def test_hours_count_while_the_desk_is_open(start, hours, due):
    found = add_open_time(at(start), timedelta(hours=hours), BRUSSELS)
    assert found == at(due)
    assert found.tzinfo == ZoneInfo("Europe/Brussels")


def test_a_day_on_which_the_clocks_change_has_as_much_time_as_it_truly_has():
    night = Opening("", "Asia/Jerusalem", time(1), time(5))  # there the clocks go forward on a Friday, at two
    start = at("2026-03-27T00:00", "Asia/Jerusalem")
    assert add_open_time(start, timedelta(hours=3), night) == at("2026-03-27T05:00", "Asia/Jerusalem")
    assert add_open_time(start, timedelta(hours=4), night) == at("2026-03-30T02:00", "Asia/Jerusalem")


quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
openings = st.builds(
    lambda country, some: Opening(country, ZONES[country], *sorted(some)),
    st.sampled_from(sorted(ZONES)), st.lists(quarters, min_size=2, max_size=2, unique=True),
)  # fmt: skip
moments = st.builds(
    lambda day, n: datetime.combine(day, time(), UTC) + n * QUARTER,
    st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(0, 95),
)  # fmt: skip
spans = st.integers(0, 80).map(lambda n: n * QUARTER)


def is_open(moment: datetime, opening: Opening) -> bool:
    """What the words say, a quarter at a time."""
    local = moment.astimezone(ZoneInfo(opening.zone))
    return is_business_day(local.date(), opening.country) and opening.opens <= local.time() < opening.closes


@settings(max_examples=150, deadline=None)
@given(moments, spans, openings)
def test_exactly_so_much_open_time_lies_between(start, span, opening):
    if opening.zone == "Australia/Lord_Howe" and opening.opens < time(3):
        return  # its clocks change by half an hour at night: the hours of the day and the time that passes part there
    due, passed, moment = add_open_time(start, span, opening), timedelta(0), start
    while moment < due:
        passed += QUARTER if is_open(moment, opening) else timedelta(0)
        moment += QUARTER
    assert (moment, passed) == (due, span)
    assert is_open(due - QUARTER if span else due, opening)


@settings(max_examples=150, deadline=None)
@given(moments, spans, spans, openings)
def test_time_adds_up_and_never_runs_backwards(start, first, then, opening):
    middle = add_open_time(start, first, opening)
    whole = add_open_time(start, first + then, opening)
    assert start <= middle <= whole
    assert then == timedelta(0) or add_open_time(middle, then, opening) == whole
    assert add_open_time(start + QUARTER, first, opening) >= middle
