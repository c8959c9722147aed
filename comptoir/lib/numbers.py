"""Numbers people read aloud, a running number and a Luhn check digit (ISO/IEC 7812-1); and the ids of rows as text."""

import re

from stdnum import luhn


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
