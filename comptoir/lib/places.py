"""Countries, languages, currencies and time zones, with their names in the reader's language (Unicode CLDR, by Babel)."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

LANGUAGES = ("en", "fr", "da", "sk", "bg", "de", "nl", "cs", "es", "it", "pl", "sv")
CURRENCIES = ("EUR", "DKK", "GBP", "CZK", "CHF", "HUF", "NOK", "PLN", "RON", "SEK", "USD")
NO_COUNTRY = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
MAIN_ZONE = {
    "US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
    "CN": "Asia/Shanghai", "DE": "Europe/Berlin", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "UA": "Europe/Kyiv",
    "RU": "Europe/Moscow", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland",
}  # fmt: skip


@lru_cache(maxsize=16)
def _locale(language: str) -> Any:
    from babel import Locale

    return Locale.parse(language.replace("-", "_"))


def country_name(code: str, language: str) -> str:
    """«BG» is «Bulgaria»; an unknown code stays what it is."""
    return str(_locale(language).territories.get(code, code))


def language_name(code: str, language: str) -> str:
    """«fr» is «French», with a capital."""
    name = str(_locale(language).languages.get(code, code))
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=16)
def countries(language: str) -> list[tuple[str, str]]:
    """Every country's code and name, sorted by name."""
    names = _locale(language).territories.items()
    found = [(code, str(name)) for code, name in names if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY]
    return sorted(found, key=lambda pair: pair[1])


def languages(language: str) -> list[tuple[str, str]]:
    """The languages customers are written to, with their names."""
    return [(code, language_name(code, language)) for code in LANGUAGES]


def currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in CURRENCIES]


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The time zones by continent."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        area, _slash, place = name.partition("/")
        if place and area in ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"):
            grouped.setdefault(area, []).append((name, place.replace("_", " ")))
    return sorted(grouped.items(), key=lambda group: group[0] != "Europe")


@lru_cache(maxsize=512)
def zone_of(country: str) -> str:
    """The time zone of a country, its capital's where it has several; empty when it is not known."""
    from babel.core import get_global

    if country in MAIN_ZONE:
        return MAIN_ZONE[country]
    known = available_timezones()
    return next((z for z, c in get_global("zone_territories").items() if c == country and z in known), "")
