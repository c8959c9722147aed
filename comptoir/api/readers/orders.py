"""Orders with their lines, schedule lines, dates and promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from comptoir.api.readers.promises import PromiseRow, on_rows
from comptoir.api.reading import Filter, Reader, Rows, moment, of_row, one_of, reader
from comptoir.customers.models import Address, Customer
from comptoir.lib.money import Money
from comptoir.lib.text import key
from comptoir.orders.models import Line, Order, ScheduleLine
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Place:
    """An address."""

    id: int
    name: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class HoldRow:
    """What stops an order, and since when."""

    id: int
    kind: str
    note: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A quantity due on one day; each date is a fact of its own."""

    id: int
    position: int
    state: str
    quantity: Decimal
    shipped_quantity: Decimal
    delivered_quantity: Decimal
    requested_on: date
    first_promised_on: date | None
    promised_on: date | None
    expected_on: date | None
    ship_by_on: date | None
    shipped_on: date | None
    delivered_on: date | None
    supplied_from: str | None
    promises: list[PromiseRow]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A position of an order."""

    id: int
    position: int
    product: str
    description: str
    customer_part: str
    quantity: Decimal
    cancelled_quantity: Decimal
    unit: str
    unit_price: Decimal
    per: int
    price_source: str
    tax_category: str
    tax_rate: Decimal
    net: Money
    schedule_lines: list[ScheduleRow]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order: its version counts what was confirmed, 0 while nothing was."""

    id: int
    number: str
    state: str
    version: int
    customer: str
    customer_name: str
    contact_id: int | None
    po_number: str
    po_date: date | None
    placed_at: datetime
    site: str
    currency: str
    net: Money
    incoterm: str
    terms: str
    ship_to: Place
    bill_to: Place
    holds: list[HoldRow]
    lines: list[LineRow]


def with_parts(rows: Rows) -> Rows:
    """Read together with everything of an order, in three further queries however many orders."""
    lines = Line.objects.select_related("product").prefetch_related(
        Prefetch("schedule_lines", ScheduleLine.objects.select_related("supplied_from").order_by("position"))
    )
    held: Any = rows
    found: Rows = held.with_holds().select_related("customer", "ship_to", "bill_to", "site")
    return found.prefetch_related(Prefetch("lines", lines.order_by("position")))


def shapes(member: Member, rows: Sequence[Order]) -> list[OrderRow]:
    """The orders with the promises the member may see."""
    ids = [part.pk for order in rows for line in order.lines.all() for part in line.schedule_lines.all()]
    promised = on_rows(member, "scheduleline", ids)
    return [_order(order, promised) for order in rows]


def _order(order: Order, promised: dict[int, list[PromiseRow]]) -> OrderRow:
    lines = [_line(line, order.currency, promised) for line in order.lines.all()]
    net = sum((line.net.amount for line in lines), Decimal(0))
    return OrderRow(
        id=order.pk, number=order.number, state=order.state, version=order.version, customer=order.customer.number,
        customer_name=order.customer.name, contact_id=order.contact_id, po_number=order.po_number, po_date=order.po_date,
        placed_at=order.placed_at, site=order.site.code, currency=order.currency, net=Money(net, order.currency),
        incoterm=order.incoterm, terms=order.terms, ship_to=place(order.ship_to), bill_to=place(order.bill_to),
        holds=[HoldRow(h.pk, h.kind, h.note, h.since) for h in order.standing_holds], lines=lines,
    )  # fmt: skip


def _line(line: Line, currency: str, promised: dict[int, list[PromiseRow]]) -> LineRow:
    return LineRow(
        id=line.pk, position=line.position, product=line.product.number, description=line.description,
        customer_part=line.customer_part, quantity=line.quantity, cancelled_quantity=line.cancelled_quantity,
        unit=line.unit, unit_price=line.unit_price, per=line.per, price_source=line.price_source,
        tax_category=line.tax_category, tax_rate=line.tax_rate, net=Money(line.net, currency),
        schedule_lines=[_schedule(row, promised.get(row.pk, [])) for row in line.schedule_lines.all()],
    )  # fmt: skip


def _schedule(row: ScheduleLine, promises: list[PromiseRow]) -> ScheduleRow:
    return ScheduleRow(
        id=row.pk, position=row.position, state=row.state, quantity=row.quantity,
        shipped_quantity=row.shipped_quantity, delivered_quantity=row.delivered_quantity,
        requested_on=row.requested_on, first_promised_on=row.first_promised_on, promised_on=row.promised_on,
        expected_on=row.expected_on, ship_by_on=row.ship_by_on, shipped_on=row.shipped_on,
        delivered_on=row.delivered_on, supplied_from=row.supplied_from.code if row.supplied_from else None,
        promises=promises,
    )  # fmt: skip


def place(row: Address) -> Place:
    """An address as it stands."""
    return Place(row.pk, row.name, row.street, row.postcode, row.city, row.country)


BY_PO = Filter(
    {"type": "string", "description": "The customer's purchase order number, however it is spelled"},
    str,
    lambda rows, value, member: rows.filter(po_key=key(value)) if key(value) else rows.none(),
)

reader(
    Reader(
        "orders", "orders", "Orders with lines, schedule lines, dates and promises", Order, OrderRow, shapes, with_parts,
        {
            "state": one_of("state", Order.State.values),
            "customer": of_row("customer", Customer),
            "po": BY_PO,
            "placed_from": moment("placed_at__gte"),
            "placed_before": moment("placed_at__lt"),
        },
    )
)  # fmt: skip
