"""Days as people say them."""

from datetime import UTC, date, datetime

import pytest

from comptoir.lib import clock
from comptoir.lib.said_days import day


def test_days_are_read_as_people_say_them():
    today = clock.today()
    assert (day("+10") - today).days == 10
    assert (day("+2w") - today).days == (day("+ 14 D") - today).days == 14
    assert day("wk 50").isocalendar()[1:] == (50, 5)
    assert day("KW 50") == day("uge 50") == day("sem 50") == day("седмица 50") == day("wk 50")
    assert (
        day("12 Dec")
        == day("12. december")
        == day("12 décembre")
        == day("12 декември")
        == day("12.12.")
        == day("12/12")
    )
    assert day("31/12/99").isoformat() == "2099-12-31"
    assert 1 <= (day("friday") - today).days <= 7
    assert day("vendredi") == day("петък") == day("fredag") == day("friday")


@pytest.mark.parametrize("odd", ["wk 60", "31.2.", "+9999", "12 foo", "0.0.", "29.2.2027", "²"])
def test_what_is_no_day_is_said(odd):
    with pytest.raises(ValueError):
        day(odd)


@pytest.mark.parametrize(
    ("said", "today", "meant"),
    [
        ("31.12.", date(2027, 1, 1), date(2026, 12, 31)),
        ("15 Nov", date(2027, 1, 4), date(2026, 11, 15)),
        ("1 Nov", date(2027, 1, 4), date(2027, 11, 1)),
        ("2.1.", date(2026, 12, 30), date(2027, 1, 2)),
        ("29.2.", date(2027, 6, 1), date(2028, 2, 29)),
        ("wk 52", date(2028, 1, 3), date(2027, 12, 31)),
        ("wk 53", date(2027, 6, 1), date.fromisocalendar(2032, 53, 5)),
        ("wk 1", date(2026, 12, 28), date(2027, 1, 8)),
    ],
)
def test_without_a_year_it_is_the_next_one_or_one_of_the_last_two_months(said, today, meant):
    with clock.at(datetime(today.year, today.month, today.day, 12, tzinfo=UTC)):
        assert day(said) == meant
