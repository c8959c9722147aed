"""The order confirmation, from a version's frozen snapshot."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from comptoir.customers.models import Customer
from comptoir.lib import typeset
from comptoir.lib.money import Money
from comptoir.lib.units import unit_in

FOLDER = Path(__file__).resolve().parent
PAPERS = ("en", "fr", "da", "sk", "bg")


def language_of(customer: Customer) -> str:
    """The language of the customer's papers."""
    return customer.language if customer.language in PAPERS else "en"


@cache
def labels(language: str) -> dict[str, str]:
    """The paper's words; English where we have none in that language."""
    words: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "labels.toml").read_text())
    return words.get(language, words["en"])


def confirmation(snapshot: dict[str, Any], seller: str, confirmed_on: date) -> bytes:
    """The PDF of a version, in the customer's language."""
    language = snapshot["language"] if snapshot["language"] in PAPERS else "en"
    words = labels(language)
    version = snapshot["version"]
    data = {
        **{k: snapshot[k] for k in PLAIN},
        "language": language,
        "labels": words,
        "seller": seller,
        "day": [confirmed_on.year, confirmed_on.month, confirmed_on.day],
        "date": format_date(confirmed_on, "long", locale=language),
        "changed": words["changed"].format(version=version) if version > 1 else "",
        "tax_note": words.get(f"tax_{snapshot.get('tax_reason', '')}", ""),
        "lines": [_line(line, snapshot["currency"], language, words) for line in snapshot["lines"]],
        "rates": [_rate(rate[0], rate[2], snapshot["currency"], language, words) for rate in snapshot["rates"]],
        **{k: _money(snapshot[k], snapshot["currency"], language) for k in ("net", "gross")},
    }
    return typeset.pdf(FOLDER / "confirmation.typ", data)


PLAIN = (
    "number",
    "version",
    "po_number",
    "customer_number",
    "contact",
    "terms",
    "incoterm",
    "tax_id",
    "bill_to",
    "ship_to",
)


def _line(line: dict[str, Any], currency: str, language: str, words: dict[str, str]) -> dict[str, Any]:
    price = format_price(Decimal(line["unit_price"]), language)
    per = int(line["per"])
    return {
        "position": line["position"],
        "description": line["description"],
        "part": line["part"],
        "customer_part": line["customer_part"],
        "quantity": ordered(line, language),
        "price": price if per == 1 else words["per"].format(price=price, per=per, unit=unit_in(line["unit"], language)),
        "net": _money(line["net"], currency, language),
        "schedule": [
            {
                "quantity": _quantity(due["quantity"], line["unit"], language),
                "promised_on": _day(due["promised_on"], language),
                "requested_on": _day(due["requested_on"], language),
            }
            for due in line["schedule"]
        ],
    }


def _rate(rate: str, tax: str, currency: str, language: str, words: dict[str, str]) -> dict[str, str]:
    shown = format_decimal(Decimal(rate), "0.##", locale=language)
    return {"label": words["tax"].format(rate=shown), "tax": _money(tax, currency, language)}


def format_price(price: Decimal, language: str) -> str:
    """A unit price with two to six decimals."""
    return str(format_decimal(price, "#,##0.00####", locale=language))


def ordered(line: dict[str, Any], language: str) -> str:
    """A line's quantity as the customer said it: 5 box (60 pcs)."""
    own = _quantity(line["quantity"], line["unit"], language)
    if not line.get("ordered_quantity"):
        return own
    return f"{_quantity(line['ordered_quantity'], line['ordered_unit'], language)} ({own})"


def _quantity(quantity: str, unit: str, language: str) -> str:
    return f"{format_decimal(Decimal(quantity), '#,##0.###', locale=language)} {unit_in(unit, language)}"


def _money(amount: str, currency: str, language: str) -> str:
    return Money(Decimal(amount), currency).format(language)


def _day(day: str | None, language: str) -> str:
    return str(format_date(date.fromisoformat(day), "medium", locale=language)) if day else "–"
