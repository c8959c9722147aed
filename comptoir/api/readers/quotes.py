"""Quotes with their lines, as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch

from comptoir.api.readers.orders import Place, place
from comptoir.api.reading import Reader, Rows, day, moment, of_row, one_of, reader, text_in
from comptoir.customers.models import Customer
from comptoir.lib.money import Money
from comptoir.orders.models import Quote, QuoteLine
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class QuoteLineRow:
    """A position of a quote; `ordered_*` say the quantity in the unit it was asked for in."""

    id: int
    position: int
    product: str
    description: str
    customer_part: str
    quantity: Decimal
    unit: str
    ordered_quantity: Decimal | None
    ordered_unit: str
    unit_price: Decimal
    per: int
    price_source: str
    agreement: str | None
    requested_on: date | None
    net: Money


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote: a draft may change, what was sent holds until its day; `prices_approved`: somebody agreed to its prices."""

    id: int
    number: str
    state: str
    prices_approved: bool
    version: int
    customer: str
    customer_name: str
    contact_id: int | None
    owner: str
    reference: str
    note: str
    currency: str
    net: Money
    terms: str
    incoterm: str
    ship_to: Place | None
    valid_until: date
    decline_reason: str
    order: str | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    lines: list[QuoteLineRow]


def with_parts(rows: Rows) -> Rows:
    """Read together with the lines, in one further query however many quotes."""
    lines = QuoteLine.objects.select_related("product", "agreement_line__agreement").order_by("position")
    return rows.select_related("customer", "owner", "ship_to", "order").prefetch_related(Prefetch("lines", lines))


def shapes(_member: Member, rows: Sequence[Quote]) -> list[QuoteRow]:
    """The quotes as they stand."""
    return [_quote(row) for row in rows]


def _quote(row: Quote) -> QuoteRow:
    lines = [_line(line, row.currency) for line in row.lines.all()]
    net = sum((line.net.amount for line in lines), Decimal(0))
    return QuoteRow(
        id=row.pk, number=row.number, state=row.state, prices_approved=row.prices_approved,
        version=row.version, customer=row.customer.number, customer_name=row.customer.name, contact_id=row.contact_id,
        owner=row.owner.email, reference=row.reference, note=row.note, currency=row.currency, net=Money(net, row.currency),
        terms=row.terms, incoterm=row.incoterm, ship_to=place(row.ship_to) if row.ship_to else None, valid_until=row.valid_until,
        decline_reason=row.decline_reason, order=row.order.number if row.order else None, created_at=row.created_at,
        sent_at=row.sent_at, answered_at=row.answered_at, lines=lines,
    )  # fmt: skip


def _line(line: QuoteLine, currency: str) -> QuoteLineRow:
    agreed = line.agreement_line
    return QuoteLineRow(
        id=line.pk, position=line.position, product=line.product.number, description=line.description,
        customer_part=line.customer_part, quantity=line.quantity, unit=line.unit,
        ordered_quantity=line.ordered_quantity, ordered_unit=line.ordered_unit, unit_price=line.unit_price,
        per=line.per, price_source=line.price_source, agreement=agreed.agreement.number if agreed else None,
        requested_on=line.requested_on, net=Money(line.net, currency),
    )  # fmt: skip


reader(
    Reader(
        "quotes", "quotes", "Quotes with their lines, as they stand", Quote, QuoteRow, shapes, with_parts,
        {
            "state": one_of("state", Quote.State.values),
            "customer": of_row("customer", Customer),
            "reference": text_in("reference"),
            "valid_on": day("valid_until__gte"),
            "created_from": moment("created_at__gte"),
            "created_before": moment("created_at__lt"),
        },
    )
)  # fmt: skip
