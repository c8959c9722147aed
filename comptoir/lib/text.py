"""The folded form of a text: what search and sorting compare."""

import re
import unicodedata

# Bulgarian by the Streamlined System (the Transliteration Act of 2009), with the letters other Cyrillic languages add.
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъьюяыэёєіїґђјљњћџ",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "h",
            "ts",
            "ch",
            "sh",
            "sht",
            "a",
            "y",
            "yu",
            "ya",
            "y",
            "e",
            "e",
            "e",
            "i",
            "i",
            "g",
            "d",
            "j",
            "lj",
            "nj",
            "c",
            "dz",
        ],
        strict=True,
    )
)
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "ı": "i"}
_TABLE = str.maketrans(_CYRILLIC | _LATIN)


def fold(text: str) -> str:
    """Lower case, without accents, in Latin letters, with single spaces: «Петър Čaplovič» gives «petar caplovic»."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = text.casefold().translate(_TABLE)
    stripped = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(stripped.split())


def key(text: str) -> str:
    """The folded form with nothing but letters and digits: «PO-77 341» gives «po77341»."""
    return re.sub(r"[^0-9a-z]", "", fold(text))


def file_name(sent: str) -> str:
    """The name of a file as it was sent by, its path and what cannot be printed left out; its last 150 letters."""
    return "".join(c for c in sent.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip()[-150:]
