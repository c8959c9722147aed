"""Numbers: those people read aloud, with a Luhn check digit (ISO/IEC 7812-1), those they type, and the ids of rows."""

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from stdnum import luhn

TWO_WAYS = re.compile(r"\d{1,3}([.,])\d{3}")
MOST = Decimal(10) ** 10


def with_check(running: int) -> str:
    """The running number with its check digit at the end."""
    digits = str(running)
    return digits + str(luhn.calc_check_digit(digits))


def valid(number: str) -> bool:
    """True when the digits of a number, whatever its prefix, end in their check digit."""
    digits = re.sub(r"^[A-Z]+-", "", number.strip().upper())
    return bool(digits.isdigit() and luhn.is_valid(digits))


def row_id(text: object) -> int | None:
    """The id that an address or a form names; None for what no row can have as its id."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 18 else None


def number(text: str) -> Decimal | None:
    """A number with a decimal point or comma, thousands apart by spaces; None for nothing, ValueError for the rest."""
    plain = "".join(text.split()).replace("'", "").replace("’", "")
    if not plain:
        return None
    if TWO_WAYS.fullmatch(plain) and not plain.startswith("0"):
        raise ValueError(
            _("{number} can be read two ways: write it without the mark for thousands.").format(number=text.strip())
        )
    if "," in plain and "." in plain:
        thousands = "," if plain.rindex(".") > plain.rindex(",") else "."
        plain = plain.replace(thousands, "")
    try:
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(_("«{text}» is not a number.").format(text=text.strip())) from error
    if not value.is_finite() or not 0 <= value < MOST:
        raise ValueError(_("«{text}» is not a number.").format(text=text.strip()))
    return value
