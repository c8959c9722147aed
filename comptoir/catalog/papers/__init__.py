"""An agreement as paper, to be offered and signed, in the customer's language."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from comptoir.catalog.models import Agreement, AgreementLine, CustomerPart
from comptoir.catalog.queries import home
from comptoir.lib import typeset
from comptoir.lib.money import Money

FOLDER = Path(__file__).resolve().parent
LANGUAGES = ("en", "fr", "da", "sk", "bg")


@cache
def labels(language: str) -> dict[str, str]:
    """The paper's words."""
    words: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "labels.toml").read_text())
    return words[language]


def agreement_paper(agreement: Agreement) -> bytes:
    """The PDF of what the agreement says now (four queries)."""
    customer = agreement.customer
    language = customer.language if customer.language in LANGUAGES else "en"
    words, day = labels(language), agreement.signed_on or agreement.valid_from
    data = {
        "language": language,
        "labels": words,
        "title": words[agreement.kind],
        "number": agreement.number,
        "day": [day.year, day.month, day.day],
        "seller": _seller(),
        "buyer": {"name": customer.name, "lines": _address(agreement), "tax_id": customer.tax_id},
        "facts": [fact for fact in _facts(agreement, language, words) if fact[1]],
        "is_blanket": agreement.kind == Agreement.Kind.BLANKET,
        "lines": _lines(agreement, language, words),
        "terms": agreement.terms,
        "signed": _signed(agreement, language, words),
    }
    return typeset.pdf(FOLDER / "agreement.typ", data)


def _seller() -> dict[str, Any]:
    site = home()
    if site is None:
        return {"name": "", "lines": [], "tax_id": ""}
    return {"name": site.company or site.name, "lines": site.address.splitlines(), "tax_id": site.tax_id}


def _address(agreement: Agreement) -> list[str]:
    """Where bills go, without the name when that is the customer's."""
    places = list(agreement.customer.addresses.order_by("pk"))
    place = next((one for one in places if "bill_to" in one.roles), places[0] if places else None)
    return [line for line in place.lines if line != agreement.customer.name] if place else []


def _facts(agreement: Agreement, language: str, words: dict[str, str]) -> list[tuple[str, str]]:
    least = agreement.minimum_order
    return [
        (words["valid"], f"{_day(agreement.valid_from, language)} – {_day(agreement.valid_until, language)}"),
        (words["currency"], agreement.currency),
        (words["customer"], agreement.customer.number),
        (words["minimum"], Money(least, agreement.currency).format(language) if least else ""),
        (words["lead"], words["days"].format(n=agreement.lead_days) if agreement.lead_days else ""),
        (words["renews"], agreement.renews.number if agreement.renews else ""),
    ]


def _lines(agreement: Agreement, language: str, words: dict[str, str]) -> list[dict[str, str]]:
    rows = list(agreement.lines.select_related("product"))
    parts = CustomerPart.objects.filter(customer=agreement.customer, product__in=[row.product for row in rows])
    theirs = dict(parts.order_by("-pk").values_list("product_id", "part_number"))
    return [_line(row, theirs.get(row.product_id, ""), language, words) for row in rows]


def _line(row: AgreementLine, theirs: str, language: str, words: dict[str, str]) -> dict[str, str]:
    unit, price = row.product.unit, str(format_decimal(row.unit_price, "#,##0.00####", locale=language))
    return {
        "name": row.product.name,
        "part": row.product.number,
        "theirs": theirs,
        "price": price if row.per == 1 else words["per"].format(price=price, per=row.per, unit=unit),
        "least": _quantity(row.minimum_quantity, unit, language),
        "in_all": _quantity(row.blanket_quantity, unit, language) if row.blanket_quantity else "",
    }


def _signed(agreement: Agreement, language: str, words: dict[str, str]) -> str:
    if agreement.signed_on is None:
        return ""
    return words["signed"].format(day=_day(agreement.signed_on, language), name=agreement.signed_by)


def _quantity(quantity: Decimal, unit: str, language: str) -> str:
    return f"{format_decimal(quantity, '#,##0.###', locale=language)} {unit}"


def _day(day: date, language: str) -> str:
    return str(format_date(day, "long", locale="en_GB" if language == "en" else language))
