"""A product with what is told of it: its files, known problems, alternatives and customers' numbers, in the same query."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject

from comptoir.catalog.models import CustomerPart, Product, ProductFile, ProductLink, ProductNote

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
class Facts:
    """What is told of a product; `notes` are those that hold today or will."""

    pictures: list[ProductFile]
    sheets: list[ProductFile]
    notes: list[tuple[ProductNote, str]]
    others: list[Other]
    parts: list[dict[str, Any]]


def product_named(member: Any, number: str) -> Product | None:
    """The product of a number as `facts_of` reads it (one query)."""
    rows = Product.objects.visible_to(member).filter(number=number)
    found: Product | None = rows.annotate(
        told_files=ArraySubquery(_files()),
        told_notes=ArraySubquery(_notes()),
        told_others=ArraySubquery(_others()),
        told_parts=ArraySubquery(_parts()),
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
    )


def _note(product: Product, row: dict[str, Any]) -> tuple[ProductNote, str]:
    start, end = (row[name] and date.fromisoformat(row[name]) for name in ("valid_from", "valid_until"))
    return ProductNote(product=product, id=row["id"], text=row["text"], valid_from=start, valid_until=end), row["by"]
