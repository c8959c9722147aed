"""What a quote says: its lines, what they come to, and its words frozen for paper."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from comptoir.actions.editing import ChangedMeanwhile, plain, read_seen, shown
from comptoir.catalog.queries import home
from comptoir.lib.money import Money
from comptoir.orders.models import Quote, QuoteLine
from comptoir.orders.repricing import price_shown
from comptoir.orders.typed import quantity_of


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


def standing_of(quoted: Quote, lines: Sequence[QuoteLine]) -> dict[str, Any]:
    """What a draft says, as a page shows it that changes it: what whoever saves has seen."""
    return {
        "lines": [_stands(line) for line in lines], "contact": quoted.contact, "ship_to": quoted.ship_to,
        "valid_until": quoted.valid_until, "reference": quoted.reference, "note": quoted.note,
    }  # fmt: skip


def _stands(line: QuoteLine) -> str:
    price = price_shown(line.unit_price, line.per, line.quote.currency)
    typed = f" ({_('typed price')})" if line.price_source == "manual" else ""
    agreed = f" ({line.agreement_line.agreement.number})" if line.agreement_line else ""
    day = f", {line.requested_on.isoformat()}" if line.requested_on else ""
    return f"{quantity_of(line)} × {line.customer_part or line.product.number}: {price}{typed}{agreed}{day}"


def refuse_changed(quoted: Quote, lines: Sequence[QuoteLine], seen: str) -> None:
    """Raise ChangedMeanwhile where a draft says something else by now than whoever changes it has seen."""
    base, now = read_seen(seen), standing_of(quoted, lines)
    others = [name for name, value in now.items() if name in base and base[name] != plain(value)]
    if others:
        raise ChangedMeanwhile({name: _("It now reads: {value}").format(value=_read(now[name])) for name in others})


def _read(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else shown(value)


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
