"""The quote as paper, from a version's frozen snapshot."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from babel.dates import format_date

from comptoir.lib import typeset
from comptoir.lib.units import unit_in
from comptoir.orders.papers import FOLDER, _day, _money, format_price, ordered

PLAIN = ("number", "version", "reference", "customer_number", "contact", "terms", "incoterm", "to", "note", "seller")


@cache
def labels(language: str) -> dict[str, str]:
    """The paper's words; English where we have none in that language."""
    words: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "quote.toml").read_text())
    return words.get(language, words["en"])


def quote(said: dict[str, Any], sent_on: date) -> bytes:
    """The PDF of a version, in the customer's language."""
    language = said["language"] if said["language"] in ("en", "fr", "da", "sk", "bg") else "en"
    words = labels(language)
    region = "en_GB" if language == "en" else language
    until = str(format_date(date.fromisoformat(said["valid_until"]), "long", locale=region))
    data = {name: said[name] for name in PLAIN} | {
        "language": language,
        "labels": words,
        "day": [sent_on.year, sent_on.month, sent_on.day],
        "date": format_date(sent_on, "long", locale=region),
        "valid_until": until,
        "closing": words["closing"].format(day=until),
        "lines": [_line(line, said["currency"], language, words) for line in said["lines"]],
        "net": _money(said["net"], said["currency"], language),
    }
    return typeset.pdf(FOLDER / "quote.typ", data)


def _line(line: dict[str, Any], currency: str, language: str, words: dict[str, str]) -> dict[str, Any]:
    price, per = format_price(Decimal(line["unit_price"]), language), int(line["per"])
    return {
        "position": line["position"],
        "description": line["description"],
        "part": line["part"],
        "customer_part": line["customer_part"],
        "quantity": ordered(line, language),
        "price": price if per == 1 else words["per"].format(price=price, per=per, unit=unit_in(line["unit"], language)),
        "net": _money(line["net"], currency, language),
        "requested_on": _day(line["requested_on"], language) if line["requested_on"] else "",
    }
