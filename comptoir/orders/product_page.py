"""What a product's page reads: stock by site, prices with their source, who waits for it, and its story."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, Coalesce, JSONObject

from comptoir.catalog.models import Agreement, AgreementLine, Price, Product, Stock, Supply
from comptoir.catalog.product_facts import Facts, facts_of
from comptoir.catalog.queries import Position, agreed_lines, positions, price_rows, rank, source_of
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member

MOST = 100
NOT_YET = (Order.State.DRAFT, Order.State.READY)
UNDER_WAY = (*NOT_YET, Order.State.CONFIRMED, Order.State.IN_FULFILMENT)


@dataclass(frozen=True, slots=True)
class Kept:
    """A product at a site and what can be promised of it there."""

    stock: Stock
    position: Position

    @property
    def free(self) -> Decimal:
        """What can leave today without taking it from anybody."""
        return max(self.position.levels[0].available, Decimal(0))


@dataclass(frozen=True, slots=True)
class Step:
    """What a customer pays from a quantity on, where it comes from, and how it stands to the list."""

    quantity: Decimal
    price: Price | AgreementLine
    source: str
    listed: Price | None

    @property
    def agreement(self) -> Agreement | None:
        return self.price.agreement if isinstance(self.price, AgreementLine) else None

    @property
    def days(self) -> tuple[date, date | None]:
        """Since when and until when it holds."""
        row = self.price.agreement if isinstance(self.price, AgreementLine) else self.price
        return row.valid_from, row.valid_until

    @property
    def saving(self) -> int | None:
        """Percent below the list price at this quantity; None for the list price itself."""
        if self.listed is None or self.source == "list" or not self.listed.unit_price:
            return None
        share = (self.price.unit_price / self.price.per) / (self.listed.unit_price / self.listed.per)
        return round(100 * (1 - share))


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything a product's page shows beside its story."""

    product: Product
    kept: list[Kept]
    prices: list[Price]
    demand: list[ScheduleLine]
    facts: Facts
    today: date

    @property
    def free(self) -> Decimal:
        return sum((one.free for one in self.kept), Decimal(0))

    @property
    def on_hand(self) -> Decimal:
        return sum((one.position.on_hand for one in self.kept), Decimal(0))

    @property
    def reserved(self) -> Decimal:
        return sum((one.position.reserved for one in self.kept), Decimal(0))

    @property
    def receipts(self) -> list[Supply]:
        """All planned receipts, the next first."""
        return sorted((s for one in self.kept for s in one.position.supplies), key=lambda s: (s.due_on, s.pk))

    @property
    def listed(self) -> Price | None:
        """The list price of one unit that holds today."""
        rows = [p for p in self.prices if source_of(p) == "list" and p.holds_on(self.today)]
        return min(rows, key=lambda p: (p.minimum_quantity, p.currency != "EUR", rank(p)), default=None)


def product_page(product: Product, member: Member) -> ProductPage:
    """The page of a product (four queries), for one that `product_named` read."""
    today = clock.today()
    return ProductPage(
        product=product,
        kept=kept(product, today),
        prices=list(prices_of(product, member, today)[:MOST]),
        demand=list(demand_for(product, member)[: MOST + 1]),
        facts=facts_of(product, today),
        today=today,
    )  # fmt: skip


def kept(product: Product, today: date) -> list[Kept]:
    """The sites that keep the product, each with what can be promised there (two queries)."""
    planned = Supply.objects.filter(stock=OuterRef("pk")).order_by("due_on", "pk")
    rows = planned.values(
        row=JSONObject(pk="pk", due_on="due_on", quantity=Cast("quantity", TextField()), reference="reference")
    )
    stocks: QuerySet[Stock] = Stock.objects.filter(product=product).annotate(planned=ArraySubquery(rows))
    found = list(stocks.select_related("site").order_by("site__name"))
    supplies = [_supply(stock, row) for stock in found for row in stock.planned]  # type: ignore[attr-defined]
    standing = positions(found, today, supplies=supplies)
    return [Kept(stock, standing[stock.pk]) for stock in found]


def _supply(stock: Stock, row: dict[str, Any]) -> Supply:
    values = {"due_on": date.fromisoformat(row["due_on"]), "quantity": Decimal(row["quantity"])}
    return Supply(stock=stock, pk=row["pk"], reference=row["reference"], **values)


def prices_of(product: Product, member: Member, today: date) -> QuerySet[Price]:
    """The prices that hold now or will: the list first, then classes, then customers."""
    rows: QuerySet[Price] = Price.objects.visible_to(member).filter(product=product)
    standing = rows.filter(Q(valid_until=None) | Q(valid_until__gte=today)).select_related("customer")
    return standing.order_by(
        F("customer__sort_key").asc(nulls_first=True),
        "customer_class",
        Case(When(currency="EUR", then=0), default=1),
        "currency",
        "minimum_quantity",
        "valid_from",
    )


def pays(product: Product, customer: Customer, today: date) -> list[Step]:
    """What this customer pays today, by the quantity from which another price holds (two queries).

    It asks what an order asks: an agreement that reaches the quantity goes before every price.
    """
    agreed = agreed_lines(customer, [product], today).get(product.pk, [])
    rows = price_rows(customer, [product], today).get(product.pk, [])
    found: list[Step] = []
    for quantity in sorted({row.minimum_quantity for row in rows} | {one.minimum_quantity for one in agreed}):
        line = next((one for one in agreed if one.minimum_quantity <= quantity), None)
        price = min((row for row in rows if row.minimum_quantity <= quantity), key=rank, default=None)
        listed = [row for row in rows if source_of(row) == "list" and row.minimum_quantity <= quantity]
        best = line or price
        if best is not None and (not found or found[-1].price != best):
            source = source_of(best) if isinstance(best, Price) else "agreement"
            found.append(Step(quantity, best, source, min(listed, key=rank, default=None)))
    return found


def demand_for(product: Product, member: Member) -> QuerySet[ScheduleLine]:
    """What is ordered and has not left yet, the first due first; what is not confirmed has no promise."""
    rows: QuerySet[ScheduleLine] = ScheduleLine.objects.visible_to(member)
    waiting = rows.filter(line__product=product, order__state__in=UNDER_WAY, shipped_on=None).exclude(quantity=0)
    found = waiting.exclude(state__in=(*ScheduleLine.DONE, ScheduleLine.State.SHIPPED))
    return found.select_related("order__customer", "line").annotate(
        day=Coalesce("promised_on", "requested_on")
    ).order_by("day", "pk")  # fmt: skip
