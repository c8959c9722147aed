"""Reading what somebody typed into the box."""

import re
from dataclasses import dataclass

import phonenumbers

from comptoir.customers.identities import normal_email, normal_phone
from comptoir.customers.queries import REGIONS
from comptoir.lib.numbers import valid
from comptoir.lib.text import fold, key
from comptoir.search.words import as_query, asked, flat

PHONE = re.compile(
    r"^(?:tel|tél|phone|fax)?[.:\s]*(\+?[\d\s()/.\-]{6,30})(?:(?:ext|x|#|-)\.?\s*\d{1,6})?$", re.IGNORECASE
)
OURS = re.compile(r"^(so|c|k)[- ]?(\d{4,12})$", re.IGNORECASE)
LEAST_KEY = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read: the keys it may be, the words it has."""

    text: str
    folded: str
    keys: tuple[str, ...]
    query: str
    words: tuple[str, ...]
    marked: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """True when it says enough to look for: two letters or digits."""
        return bool(self.keys) or any(len(word) > 1 for word in self.words)

    @property
    def is_sayable(self) -> bool:
        """True when messages are looked through too: some word has three letters."""
        return any(len(word) > 2 for word in self.words)

    @property
    def is_name(self) -> bool:
        """True when it may be a name with a typo: letters, no digits, four of them at least in some word."""
        return not any(c.isdigit() for c in self.folded) and any(len(word) > 3 for word in self.words)

    @property
    def is_phone(self) -> bool:
        return bool(PHONE.match(self.text)) and sum(c.isdigit() for c in self.text) > 6

    @property
    def wrong_digit(self) -> bool:
        """True for a number of ours whose check digit does not fit: a digit was mistyped."""
        ours = OURS.match(self.text)
        return ours is not None and not valid(ours.group(2))


def read(text: str) -> Asked:
    """What was typed, read once."""
    text = " ".join(text.split())[:200]
    words_asked = asked(text)
    words = tuple(word for part in words_asked for word in part)
    return Asked(text, fold(text), tuple(keys_of(text)), as_query(words_asked), words, flat(words_asked))


def keys_of(text: str) -> list[str]:
    """The forms in which a number, an e-mail address or a phone number may be kept."""
    if not any(c.isdigit() or c == "@" for c in text):
        return []
    found = [key(text)]
    if "@" in text:
        found.append(key(normal_email(text)))
    if PHONE.match(text):
        found += phones_of(text)
    return [k for k in dict.fromkeys(found) if len(k) >= LEAST_KEY]


def phones_of(text: str) -> list[str]:
    """A phone number's digits, from every country's spelling, with prefix or as they are said at home."""
    digits = "".join(c for c in text if c.isdigit())
    international = "+" + digits.removeprefix("00")
    found = [key(normal_phone(international))]
    if not text.strip().startswith("+"):
        found += [key(n) for region in REGIONS if (n := normal_phone(text, region)).startswith("+") and _is_real(n)]
    if digits.startswith("0"):
        found.append(digits.lstrip("0"))
    return [digits for digits in found if len(digits) >= 6]


def _is_real(number: str) -> bool:
    return bool(phonenumbers.is_possible_number(phonenumbers.parse(number)))
