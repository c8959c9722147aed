"""The list of products: found by number, name or a customer's number; what is free, short or without a price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, JSONObject

from comptoir.catalog.models import CustomerPart, Price, Product, Stock, Supply
from comptoir.lib import clock
from comptoir.lib.text import fold
from comptoir.people.models import Member

PAGE = 50
MOST_EXPORTED = 20_000
VIEWS = ("sold", "short", "unpriced", "ending", "ended")
FREE = """
SELECT s.product_id, sum(greatest(t.least, 0)) AS free FROM (
    SELECT stock, min(rest) AS least FROM (
        SELECT stock, sum(quantity) OVER (PARTITION BY stock ORDER BY day) AS rest FROM (
            SELECT id AS stock, %(today)s::date AS day, on_hand AS quantity FROM catalog_stock {stock}
            UNION ALL SELECT stock_id, greatest(due_on, %(today)s), quantity FROM catalog_supply {of_stock}
            UNION ALL SELECT stock_id, greatest(needed_on, %(today)s), -quantity FROM catalog_reservation {of_stock}
        ) flow
    ) running GROUP BY stock
) t JOIN catalog_stock s ON s.id = t.stock GROUP BY s.product_id
"""
NOTHING_FREE = f"SELECT product_id FROM ({FREE.format(stock='', of_stock='')}) f WHERE free <= 0"
FREE_OF = FREE.format(
    stock="WHERE product_id = ANY(%(ids)s)",
    of_stock="WHERE stock_id IN (SELECT id FROM catalog_stock WHERE product_id = ANY(%(ids)s))",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list: a view and words to find."""

    view: str = "sold"
    q: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A product of the list, with what can leave today without taking it from anybody; None where none is kept."""

    product: Any
    free: Decimal | None

    @property
    def price(self) -> Decimal | None:
        """The list price that holds today."""
        return Decimal(self.product.listed["price"]) if self.product.listed else None

    @property
    def next(self) -> tuple[date, Decimal] | None:
        """The day and quantity of the next planned receipt."""
        told = self.product.next_receipt
        return (date.fromisoformat(told["day"]), Decimal(told["quantity"])) if told else None


@dataclass(frozen=True, slots=True)
class Range:
    """One page of the list, how many each view holds, and the number after which the next page begins."""

    wanted: Wanted
    rows: list[Row]
    counts: dict[str, int]
    after: str

    @property
    def total(self) -> int:
        return self.counts[self.wanted.view]


def products(member: Member, wanted: Wanted, after: str = "") -> Range:
    """A page of the products wanted, by number (three queries)."""
    rows, today = matching(member, wanted), clock.today()
    found = rows.filter(in_view(wanted.view, today), number__gt=after)
    page = list(_shown(found, wanted, today).order_by("number")[: PAGE + 1])
    last = page[PAGE - 1].number if len(page) > PAGE else ""
    return Range(wanted, _with_free(page[:PAGE], today), _counts(rows, today), last)


def matching(member: Member, wanted: Wanted) -> QuerySet[Product]:
    """The products that fit the words, in whatever view."""
    rows: QuerySet[Product] = Product.objects.visible_to(member)
    text = wanted.q.strip()
    if not text:
        return rows
    named = Q()
    for word in fold(text).split():
        named &= Q(sort_key__contains=word)
    theirs = CustomerPart.objects.filter(part_number__icontains=text)
    return rows.filter(Q(number__icontains=text) | named | Q(pk__in=theirs.values("product_id")))


def in_view(view: str, today: date) -> Q:
    """What one of the views holds; short and unpriced are about what is sold."""
    if view in ("ending", "ended"):
        return Q(state=view)
    sold = ~Q(state=Product.State.ENDED)
    if view == "short":
        return sold & Q(pk__in=RawSQL(NOTHING_FREE.replace("%(today)s", "%s"), [today] * 3))
    if view == "unpriced":
        return sold & ~Q(Exists(listed(today).filter(product=OuterRef("pk"))))
    return sold


def listed(today: date) -> QuerySet[Price]:
    """The list prices that hold on a day, those from one unit on first."""
    rows = Price.objects.filter(customer=None, customer_class="", valid_from__lte=today)
    home = Case(When(currency="EUR", then=0), default=1, output_field=IntegerField())
    valid = rows.filter(Q(valid_until=None) | Q(valid_until__gte=today))
    return valid.order_by("minimum_quantity", home, "-valid_from", "-pk")


def _counts(rows: QuerySet[Product], today: date) -> dict[str, int]:
    found = rows.aggregate(**{view: Count("pk", filter=in_view(view, today)) for view in VIEWS})
    return {view: found[view] or 0 for view in VIEWS}


def _shown(rows: QuerySet[Product], wanted: Wanted, today: date) -> QuerySet[Any]:
    """What a row says beside number and name."""
    mine = OuterRef("pk")
    lying = Stock.objects.filter(product=mine).order_by().values("product").annotate(n=Sum("on_hand")).values("n")
    price = JSONObject(price=Cast("unit_price", TextField()), per="per", currency="currency")
    receipt = JSONObject(day="due_on", quantity=Cast("quantity", TextField()))
    coming = Supply.objects.filter(stock__product=mine).order_by("due_on", "pk")
    theirs = CustomerPart.objects.filter(product=mine, part_number__icontains=wanted.q.strip()).order_by("part_number")
    found: ArraySubquery | Value = ArraySubquery(
        theirs.values(row=JSONObject(number="part_number", customer="customer__name"))[:2]
    )
    return rows.annotate(
        on_hand=Coalesce(Subquery(lying), Decimal(0)),
        listed=Subquery(listed(today).filter(product=mine).values(row=price)[:1]),
        next_receipt=Subquery(coming.values(row=receipt)[:1]),
        theirs=found if wanted.q.strip() else Value(None, output_field=TextField()),
    )


def free_now(ids: Sequence[int], today: date) -> dict[int, Decimal]:
    """What of some products can leave today without taking it from anybody, over all sites (one query)."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FREE_OF, {"today": today, "ids": list(ids)})
        return dict(cursor.fetchall())


def _with_free(page: Sequence[Any], today: date) -> list[Row]:
    free = free_now([product.pk for product in page], today)
    return [Row(product, free.get(product.pk)) for product in page]


def exported(member: Member, wanted: Wanted) -> Iterator[Row]:
    """The rows of an export, by number, under the same filters as the list."""
    today = clock.today()
    rows = _shown(matching(member, wanted).filter(in_view(wanted.view, today)), wanted, today)
    for part in _parts(rows.order_by("number")[:MOST_EXPORTED]):
        yield from _with_free(part, today)


def _parts(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    reading = rows.iterator(1_000)
    while part := [row for _n, row in zip(range(1_000), reading, strict=False)]:
        yield part
