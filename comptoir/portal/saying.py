"""The words of the customer's pages, in their language."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "fr", "da", "sk", "bg")
FOLDER = Path(__file__).resolve().parent


@cache
def words_of(page: str, language: str) -> dict[str, str]:
    """A page's words, with those all pages share; English where we have none in that language."""
    found: dict[str, str] = {}
    for name in ("shared", page):
        said = tomllib.loads((FOLDER / "words" / f"{name}.toml").read_text())
        found |= said.get(language, said["en"])
    return found


def region(language: str) -> str:
    """The region whose way of writing days and numbers a language takes: British for English."""
    return "en_GB" if language == "en" else language


def spoken(language: str) -> str:
    """The language a page is written in."""
    return language if language in LANGUAGES else "en"
