"""What a quote says: its lines, what they come to, and its words frozen for paper."""

from typing import Any

from comptoir.catalog.queries import home
from comptoir.lib.money import Money
from comptoir.orders.models import Quote, QuoteLine


def lines_of_order(quoted: Quote) -> list[QuoteLine]:
    """The lines in order, each with its product, its agreement and this same quote (one query)."""
    found = quoted.lines.select_related("product", "agreement_line__agreement")
    rows: list[QuoteLine] = list(found.order_by("position"))
    for row in rows:
        row.quote = quoted
    return rows


def net_of(quoted: Quote, lines: list[QuoteLine]) -> Money:
    """What the lines come to, without tax."""
    return sum((line.money for line in lines), Money.of("0", quoted.currency)).quantized()


def snapshot(quoted: Quote) -> dict[str, Any]:
    """Everything the quote says, as JSON: strings for decimals, ISO days."""
    lines, site, customer = lines_of_order(quoted), home(), quoted.customer
    return {
        "seller": (site.company or site.name) if site else "",
        "number": quoted.number, "version": quoted.version, "reference": quoted.reference, "currency": quoted.currency,
        "customer": customer.name, "customer_number": customer.number, "language": quoted.language,
        "to": quoted.ship_to.lines if quoted.ship_to else _address(quoted),
        "contact": quoted.contact.name if quoted.contact else "", "terms": quoted.terms, "incoterm": quoted.incoterm,
        "note": quoted.note, "valid_until": quoted.valid_until.isoformat(), "net": str(net_of(quoted, lines).amount),
        "lines": [_line(line) for line in lines],
    }  # fmt: skip


def _address(quoted: Quote) -> list[str]:
    first = quoted.customer.addresses.order_by("pk").first()
    return first.lines if first else [quoted.customer.name]


def _line(line: QuoteLine) -> dict[str, Any]:
    return {
        "position": line.position, "part": line.product.number, "customer_part": line.customer_part,
        "description": line.description, "quantity": str(line.quantity), "unit": line.unit,
        "unit_price": str(line.unit_price), "per": line.per, "net": str(line.net),
        "requested_on": line.requested_on.isoformat() if line.requested_on else None,
    } | _ordered(line)  # fmt: skip


def _ordered(line: QuoteLine) -> dict[str, str]:
    """The quantity as it was asked for, where that is another unit than the product's own."""
    if not line.is_said_otherwise:
        return {}
    return {"ordered_quantity": str(line.ordered_quantity), "ordered_unit": line.ordered_unit}
