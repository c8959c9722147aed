"""Products with their list prices and stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from comptoir.api.reading import Reader, Rows, one_of, reader, text_in
from comptoir.catalog.models import Price, Product, Stock, Supply
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price of the list, of a customer class or of one customer, from a quantity on."""

    id: int
    currency: str
    unit_price: Decimal
    per: int
    minimum_quantity: Decimal
    customer: str | None
    customer_class: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt that is planned."""

    id: int
    due_on: date
    quantity: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class StockRow:
    """What lies at a site, and what is to come."""

    site: str
    on_hand: Decimal
    reserved: Decimal
    receipts: list[ReceiptRow]


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Something sold: goods or a service."""

    id: int
    number: str
    name: str
    description: str
    unit: str
    weight_kg: Decimal | None
    tax_category: str
    lead_days: int
    state: str
    prices: list[PriceRow]
    stock: list[StockRow]


def with_parts(rows: Rows) -> Rows:
    """Read together with prices, stock, receipts and reservations."""
    prices = Prefetch("prices", Price.objects.select_related("customer").order_by("pk"))
    receipts = Prefetch("supplies", Supply.objects.order_by("due_on", "pk"))
    stock = Prefetch("stock", Stock.objects.select_related("site").prefetch_related(receipts, "reservations"))
    return rows.prefetch_related(prices, stock)


def shapes(member: Member, rows: Sequence[Product]) -> list[ProductRow]:
    """The products."""
    return [_product(row) for row in rows]


def _product(row: Product) -> ProductRow:
    return ProductRow(
        id=row.pk, number=row.number, name=row.name, description=row.description, unit=row.unit, weight_kg=row.weight_kg,
        tax_category=row.tax_category, lead_days=row.lead_days, state=row.state,
        prices=[_price(one) for one in row.prices.all()], stock=[_stock(one) for one in row.stock.all()],
    )  # fmt: skip


def _price(row: Price) -> PriceRow:
    return PriceRow(
        id=row.pk, currency=row.currency, unit_price=row.unit_price, per=row.per, minimum_quantity=row.minimum_quantity,
        customer=row.customer.number if row.customer else None, customer_class=row.customer_class,
        valid_from=row.valid_from, valid_until=row.valid_until,
    )  # fmt: skip


def _stock(row: Stock) -> StockRow:
    receipts = [ReceiptRow(one.pk, one.due_on, one.quantity, one.reference) for one in row.supplies.all()]
    reserved = sum((one.quantity for one in row.reservations.all()), Decimal(0))
    return StockRow(row.site.code, row.on_hand, reserved, receipts)


reader(
    Reader(
        "products", "products", "Products with prices, stock and planned receipts", Product, ProductRow, shapes, with_parts,
        {
            "state": one_of("state", Product.State.values),
            "number": text_in("number"),
            "customer_part": text_in("customer_parts__part_number"),
        },
    )
)  # fmt: skip
