"""A product with what is told of it: its files, known problems, alternatives and customers' numbers, in the same query."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, JSONObject

from comptoir.catalog.models import (
    Agreement,
    AgreementLine,
    CustomerPart,
    Product,
    ProductFile,
    ProductLink,
    ProductNote,
    ProductUnit,
)
from comptoir.lib import clock

MOST = 100


@dataclass(frozen=True, slots=True)
class Other:
    """Another product that stands for this one, goes with it or follows it; `pk` is the link's."""

    pk: int
    kind: str
    number: str
    name: str
    state: str
    note: str

    @property
    def label(self) -> str:
        return str(ProductLink.Kind(self.kind).label)

    @property
    def url(self) -> str:
        return Product(number=self.number).get_absolute_url()


@dataclass(frozen=True, slots=True)
class Agreed:
    """What an agreement in force says of the product."""

    number: str
    customer: str
    customer_number: str
    currency: str
    price: Decimal
    per: int
    least: Decimal
    until: date

    @property
    def url(self) -> str:
        return Agreement(number=self.number).get_absolute_url()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of a product; `notes` are those that hold today or will."""

    pictures: list[ProductFile]
    sheets: list[ProductFile]
    notes: list[tuple[ProductNote, str]]
    others: list[Other]
    parts: list[dict[str, Any]]
    units: list[ProductUnit]
    agreed: list[Agreed]

    @property
    def successors(self) -> list[Other]:
        """What follows a product that is no longer made."""
        return [other for other in self.others if other.kind == ProductLink.Kind.SUCCESSOR]


def product_named(member: Any, number: str) -> Product | None:
    """The product of a number as `facts_of` reads it (one query)."""
    rows = Product.objects.visible_to(member).filter(number=number)
    found: Product | None = rows.annotate(
        told_files=ArraySubquery(_files()),
        told_notes=ArraySubquery(_notes()),
        told_others=ArraySubquery(_others()),
        told_parts=ArraySubquery(_parts()),
        told_units=ArraySubquery(_units()),
        told_agreed=ArraySubquery(_agreed()),
    ).first()
    return found


def _files() -> QuerySet[Any]:
    rows = ProductFile.objects.filter(product=OuterRef("pk")).order_by("pk")
    return rows.values(row=JSONObject(id="pk", kind="kind", name="name"))


def _notes() -> QuerySet[Any]:
    rows = ProductNote.objects.filter(product=OuterRef("pk")).order_by("-valid_from", "-pk")
    days = {"valid_from": "valid_from", "valid_until": "valid_until"}
    return rows.values(row=JSONObject(id="pk", text="text", by="by__name", **days))


def _others() -> QuerySet[Any]:
    """The links from it, and those to it that hold the other way round too."""
    mine = Q(product=OuterRef("pk"))
    rows = ProductLink.objects.filter(mine | Q(other=OuterRef("pk"), is_two_way=True))
    their = {
        name: Case(When(mine, then=F(f"other__{name}")), default=F(f"product__{name}"), output_field=CharField())
        for name in ("number", "name", "state")
    }
    return rows.order_by("-kind", "pk").values(row=JSONObject(pk="pk", kind="kind", note="note", **their))[:MOST]


def _parts() -> QuerySet[Any]:
    rows = CustomerPart.objects.filter(product=OuterRef("pk")).order_by("customer__sort_key", "part_number")
    named = {"customer": "customer__name", "number": "customer__number"}
    return rows.values(row=JSONObject(pk="pk", part_number="part_number", **named))[:MOST]


def _units() -> QuerySet[Any]:
    rows = ProductUnit.objects.filter(product=OuterRef("pk")).order_by("factor")
    return rows.values(row=JSONObject(id="pk", unit="unit", factor=Cast("factor", TextField())))


def _agreed() -> QuerySet[Any]:
    """The lines of agreements that bind today, by customer and quantity."""
    today = clock.today()
    rows = AgreementLine.objects.filter(
        product=OuterRef("pk"), agreement__state__in=Agreement.BINDING, agreement__valid_from__lte=today,
        agreement__valid_until__gte=today,
    ).order_by("agreement__customer__sort_key", "agreement", "minimum_quantity")  # fmt: skip
    amounts = {"price": Cast("unit_price", TextField()), "least": Cast("minimum_quantity", TextField()), "per": "per"}
    told = {"number": "agreement__number", "currency": "agreement__currency", "until": "agreement__valid_until"}
    named = {"customer": "agreement__customer__name", "customer_number": "agreement__customer__number"}
    return rows.values(row=JSONObject(**amounts, **told, **named))[:MOST]


def facts_of(product: Any, today: date) -> Facts:
    """What is told of a product that `product_named` read; no query."""
    files = [ProductFile(product=product, **row) for row in product.told_files]
    notes = [_note(product, row) for row in product.told_notes]
    return Facts(
        pictures=[row for row in files if row.kind == ProductFile.Kind.PICTURE],
        sheets=[row for row in files if row.kind == ProductFile.Kind.SHEET],
        notes=[pair for pair in notes if pair[0].valid_until is None or pair[0].valid_until >= today],
        others=[Other(**row) for row in product.told_others],
        parts=product.told_parts,
        units=[ProductUnit(product=product, **row | {"factor": Decimal(row["factor"])}) for row in product.told_units],
        agreed=[_bound(row) for row in product.told_agreed],
    )


def _bound(row: dict[str, Any]) -> Agreed:
    numbers = {name: Decimal(row[name]) for name in ("price", "least")}
    return Agreed(**row | numbers | {"until": date.fromisoformat(row["until"])})


def _note(product: Product, row: dict[str, Any]) -> tuple[ProductNote, str]:
    start, end = (row[name] and date.fromisoformat(row[name]) for name in ("valid_from", "valid_until"))
    return ProductNote(product=product, id=row["id"], text=row["text"], valid_from=start, valid_until=end), row["by"]
