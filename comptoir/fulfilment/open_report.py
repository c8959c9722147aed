"""What a customer has on order and not received: the rows of the open-order report, as a workbook or a PDF in their language."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.db.models import Prefetch

from comptoir.customers.models import Customer
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib import clock, sheets, typeset
from comptoir.lib.units import unit_in
from comptoir.orders.models import Order, ScheduleLine
from comptoir.orders.papers import FOLDER, language_of

MOST = 5_000


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A part of an order's line that is still to arrive."""

    order: str
    po_number: str
    position: str
    part: str
    their_part: str
    description: str
    open: Decimal
    unit: str
    requested_on: date
    promised_on: date | None
    expected_on: date | None
    shipped: Decimal
    tracking: tuple[str, ...]


def open_rows(customer: Customer) -> list[OpenRow]:
    """What is still to arrive, by purchase order as the customer knows it."""
    rows = ScheduleLine.objects.filter(order__customer=customer).exclude(state__in=ScheduleLine.DONE)
    rows = rows.exclude(order__state__in=(Order.State.CANCELLED, Order.State.CLOSED)).exclude(quantity=0)
    under_way = ShipmentLine.objects.filter(shipment__in=Shipment.objects.under_way()).select_related("shipment")
    found = rows.select_related("order", "line__product").prefetch_related(
        Prefetch("shipment_lines", under_way.order_by("pk"), to_attr="travelling")
    )
    return [_row(row) for row in found.order_by("order__placed_at", "order", "line__position", "position")[:MOST]]


def _row(row: Any) -> OpenRow:
    line, travelling = row.line, [one.shipment for one in row.travelling]
    return OpenRow(
        order=row.order.number, po_number=row.order.po_number, position=f"{line.position}/{row.position}",
        part=line.product.number, their_part=line.customer_part, description=line.description,
        open=row.quantity - row.delivered_quantity, unit=line.unit, requested_on=row.requested_on,
        promised_on=row.promised_on, expected_on=row.expected_on, shipped=row.shipped_quantity - row.delivered_quantity,
        tracking=tuple(" ".join(filter(None, (one.carrier, one.tracking))) for one in travelling if one.tracking),
    )  # fmt: skip


@cache
def words(language: str) -> dict[str, str]:
    """The report's words; English where we have none in that language."""
    known: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "open_orders.toml").read_text())
    return known.get(language, known["en"])


COLUMNS = (
    "po", "order", "position", "part", "your_part", "description", "open", "unit", "on_the_way", "requested", "promised",
    "expected", "tracking",
)  # fmt: skip


def as_workbook(customer: Customer) -> bytes:
    """The report as XLSX."""
    language = language_of(customer)
    named = words(language)
    rows = (
        [r.po_number, r.order, r.position, r.part, r.their_part, r.description, r.open, unit_in(r.unit, language), r.shipped,
         r.requested_on, r.promised_on, r.expected_on, ", ".join(r.tracking)]
        for r in open_rows(customer)
    )  # fmt: skip
    return sheets.workbook(named["title"], [named[name] for name in COLUMNS], rows)


def as_pdf(customer: Customer, seller: str) -> bytes:
    """The report as PDF."""
    language, today = language_of(customer), clock.today()
    data = {
        "language": language, "labels": words(language), "seller": seller, "customer": customer.name,
        "customer_number": customer.number, "day": [today.year, today.month, today.day],
        "date": format_date(today, "long", locale=language),
        "rows": [_printed(row, language) for row in open_rows(customer)],
    }  # fmt: skip
    return typeset.pdf(FOLDER / "open_orders.typ", data)


def _printed(row: OpenRow, language: str) -> dict[str, Any]:
    def amount(value: Decimal) -> str:
        return f"{format_decimal(value, '#,##0.###', locale=language)} {unit_in(row.unit, language)}"

    def day(value: date | None) -> str:
        return str(format_date(value, "medium", locale=language)) if value else "–"

    return {
        "po": row.po_number or row.order, "order": row.order, "position": row.position, "part": row.part,
        "their_part": row.their_part, "description": row.description, "open": amount(row.open),
        "shipped": amount(row.shipped) if row.shipped else "", "requested": day(row.requested_on),
        "promised": day(row.promised_on), "expected": day(row.expected_on),
        "tracking": list(row.tracking),
        "behind": bool(row.expected_on and row.promised_on and row.expected_on > row.promised_on),
    }  # fmt: skip
