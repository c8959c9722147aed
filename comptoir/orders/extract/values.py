"""Days and numbers as documents write them."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from comptoir.orders.extract.vocabulary import MONTH_OF

NUMBER = re.compile(r"[-+]?\d[\d\s.,'’\u00a0\u202f]*")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?(?:\s*г\.?)?")
FIGURES = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})\.?(?:\s*г\.?)?")
WORDED = re.compile(r"(?:(\d{1,2})(?:\.|er|st|nd|rd|th)?[\s/-]+)([^\W\d]+)\.?,?[\s/-]+(\d{4}|\d{2})\b")
WORDED_US = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
WEEK = re.compile(
    r"(?:kw|week|wk|uge|semaine|sem|tyzden|týždeň|седмица|cw|\bs)\.?\s*(\d{1,2})\s*[/.\- ]\s*(\d{4})", re.IGNORECASE
)
FRIDAY = 5


def day_in(text: str, order: str = "dmy") -> tuple[str, date] | None:
    """The first day a text names, as it stands there and read; a calendar week means its Friday. `order`: dmy or mdy."""
    for pattern, read in (
        (ISO, _iso),
        (FIGURES, _mdy if order == "mdy" else _dmy),
        (WORDED, _worded),
        (WORDED_US, _us),
        (WEEK, _week),
    ):
        for found in pattern.finditer(text):
            try:
                if (day := read(found)) is not None and 2000 <= day.year <= 2100:
                    return found.group().strip(), day
            except ValueError:
                continue
    return None


def _iso(found: re.Match[str]) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _dmy(found: re.Match[str]) -> date:
    return date(_year(found[3]), int(found[2]), int(found[1]))


def _mdy(found: re.Match[str]) -> date:
    return date(_year(found[3]), int(found[1]), int(found[2]))


def _worded(found: re.Match[str]) -> date | None:
    month = MONTH_OF.get(found[2].casefold())
    return date(_year(found[3]), month, int(found[1])) if month else None


def _us(found: re.Match[str]) -> date | None:
    month = MONTH_OF.get(found[1].casefold())
    return date(int(found[3]), month, int(found[2])) if month else None


def _week(found: re.Match[str]) -> date:
    return date.fromisocalendar(int(found[2]), int(found[1]), FRIDAY)


def day_order(texts: Iterable[str]) -> str:
    """mdy where a day of a document reads only so and none only the other way; nothing where none tells."""
    votes = set()
    for text in texts:
        for found in FIGURES.finditer(text):
            first, second = int(found[1]), int(found[2])
            if max(first, second) <= 31 and min(first, second) <= 12 < max(first, second):
                votes.add("mdy" if second > 12 else "dmy")
    return "mdy" if votes == {"mdy"} else ""


def decimal_sign(texts: Iterable[str], default: str) -> str:
    """The decimal sign that the numbers of a document have in common; `default` where none of them tells."""
    votes = {",": 0, ".": 0}
    for text in texts:
        plain = re.sub(r"[\s'’]", "", text)
        if "," in plain and "." in plain:
            votes[max(",.", key=plain.rindex)] += 3
        elif found := re.fullmatch(r"[^\d]*\d+([.,])(\d+)[^\d]*", plain):
            if len(found[2]) != 3:
                votes[found[1]] += 2
            elif plain.lstrip("€$£ ").startswith("0"):
                votes[found[1]] += 1
        elif found := re.search(r"\d([.,])\d{3}\1\d{3}", plain):
            votes["," if found[1] == "." else "."] += 2
    return default if votes[","] == votes["."] else max(votes, key=lambda sign: votes[sign])


def number_in(text: str, sign: str) -> tuple[str, Decimal] | None:
    """The first number of a text, as it stands there and read with a decimal sign."""
    found = NUMBER.search(text)
    if found is None:
        return None
    raw = found.group().strip().rstrip(".,")
    plain = re.sub(r"[\s'’]", "", raw)
    other = "." if sign == "," else ","
    if plain.count(sign) == 0 and re.fullmatch(rf"[-+]?\d{{1,3}}({re.escape(other)}\d{{3}})+", plain):
        plain = plain.replace(other, "")
    elif plain.count(sign) <= 1:
        plain = plain.replace(other, "") if sign in plain else plain.replace(other, ".")
    else:
        plain = plain.replace(sign, "").replace(other, ".")
    try:
        value = Decimal(plain.replace(sign, "."))
    except InvalidOperation:
        return None
    return (raw, value) if value.is_finite() and abs(value) < 10**10 else None


def as_text(value: Decimal) -> str:
    """A number with a decimal point, without noughts at its end."""
    return f"{value.normalize():f}"


def soon(day: date, today: date) -> bool:
    """True for a day on which somebody could want goods."""
    return today - timedelta(days=400) <= day <= today + timedelta(days=1200)
