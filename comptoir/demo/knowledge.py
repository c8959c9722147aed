"""What the demo's reps know of the products: pictures drawn here, sheets set by Typst, notes, alternatives, freight."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from comptoir.catalog.models import FreightZone, Product, ProductFile, ProductLink, ProductNote, ProductUnit
from comptoir.demo import CONTENT, address_of, content
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib.text import fold
from comptoir.lib.typeset import pdf
from comptoir.people.models import Member

SIZE = (640, 420)
BACK, STEEL, DARK, BLUE = "#eef1f4", "#9aa7b4", "#4d5a67", "#2f6690"
Kind = ProductFile.Kind


def build(today: date) -> None:
    """Write what is known; one picture and one sheet serve all sizes of a family."""
    told = content("knowledge")
    FreightZone.objects.bulk_create(_zone(row, today) for row in told["zones"])
    families: dict[str, list[Product]] = {}
    for product in Product.objects.order_by("pk"):
        families.setdefault(product.number.partition("-")[0], []).append(product)
    _files(told, families)
    _notes(told["notes"], today)
    _units(told["units"], families)
    _endings(told["endings"])
    ProductLink.objects.bulk_create(
        ProductLink(
            product=one, other=other, kind=row["kind"], note=row["note"], is_two_way=row["kind"] == "substitute"
        )
        for row in told["links"]
        for one, other in zip(families[row["product"]], families[row["other"]], strict=True)
    )


def _units(rows: list[dict[str, Any]], families: dict[str, list[Product]]) -> None:
    ProductUnit.objects.bulk_create(
        ProductUnit(product=product, unit=row["unit"], factor=Decimal(row["factor"]))
        for row in rows
        for product in families[row["family"]]
    )


def _endings(rows: list[dict[str, Any]]) -> None:
    """Products that are not made any more, or soon not, each with the one that follows it."""
    followed = {p.number: p for p in Product.objects.filter(number__in=[row["successor"] for row in rows])}
    old = [_former(row, followed[row["successor"]]) for row in rows if "name" in row]
    Product.objects.bulk_create(old)
    ending = [row["product"] for row in rows if "name" not in row]
    Product.objects.filter(number__in=ending).update(state=Product.State.ENDING)
    known = {p.number: p for p in Product.objects.filter(number__in=[row["product"] for row in rows])}
    ProductLink.objects.bulk_create(
        ProductLink(
            product=known[row["product"]], other=followed[row["successor"]], kind=ProductLink.Kind.SUCCESSOR,
            note=row["note"],
        )
        for row in rows
    )  # fmt: skip


def _former(row: dict[str, Any], successor: Product) -> Product:
    """A product that is no longer sold: it is known so that who asks for it is told what follows."""
    return Product(
        number=row["product"], name=row["name"], sort_key=fold(f"{row['product']} {row['name']}")[:200],
        state=Product.State.ENDED, weight_kg=successor.weight_kg, lead_days=successor.lead_days, unit=successor.unit,
    )  # fmt: skip


def _zone(row: dict[str, Any], today: date) -> FreightZone:
    return FreightZone(
        name=row["name"], countries=row["countries"], fixed=Decimal(row["fixed"]), per_kg=Decimal(row["per_kg"]),
        fast_fixed=Decimal(row["fast_fixed"]), fast_per_kg=Decimal(row["fast_per_kg"]),
        currency="EUR", source="Carrier tariff, pallets and parcels", valid_from=date(today.year, 1, 1),
    )  # fmt: skip


def _files(told: dict[str, Any], families: dict[str, list[Product]]) -> None:
    shapes = {shape: store(drawn(shape), "image/webp") for shape in sorted(set(told["drawn"].values()))}
    rows = [
        ProductFile(product=product, kind=Kind.PICTURE, file=shapes[shape], name=f"{product.name}, view")
        for code, shape in told["drawn"].items()
        for product in families[code]
    ]
    for code, lines in told["sheets"].items():
        sheet = _sheet(families[code][0], lines)
        rows += [
            ProductFile(product=product, kind=Kind.SHEET, file=sheet, name=f"Data sheet {code}.pdf")
            for product in families[code]
        ]
    ProductFile.objects.bulk_create(rows)


def _sheet(product: Product, lines: list[str]) -> File:
    cells = [line.partition(": ")[::2] for line in lines]
    title = product.name.rpartition(" ")[0]
    data = {"title": title, "language": "en", "from": "Lyskamp NV", "rows": [list(pair) for pair in cells]}
    return store(pdf(CONTENT / "paper.typ", data), "application/pdf")


def _notes(rows: list[dict[str, Any]], today: date) -> None:
    marc = Member.objects.get(email=address_of("Marc Peeters"))
    products = {p.number: p for p in Product.objects.filter(number__in=[row["product"] for row in rows])}
    ProductNote.objects.bulk_create(
        ProductNote(
            product=products[row["product"]], text=row["text"], by=marc, valid_from=today + timedelta(days=row["from"]),
            valid_until=today + timedelta(days=row["until"]) if "until" in row else None,
        )
        for row in rows
    )  # fmt: skip


def drawn(shape: str) -> bytes:
    """A picture of a pump, a column or a disc, as a WebP."""
    picture = Image.new("RGB", SIZE, BACK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 350, 580, 366), fill=STEEL)
    {"pump": _pump, "column": _column, "disc": _disc}[shape](pen)
    made = BytesIO()
    picture.save(made, "WEBP", quality=86)
    return made.getvalue()


def _pump(pen: ImageDraw.ImageDraw) -> None:
    pen.rounded_rectangle((300, 160, 540, 330), 24, fill=BLUE)
    for x in range(330, 530, 22):
        pen.rectangle((x, 172, x + 8, 318), fill="#3f7cab")
    pen.rectangle((330, 330, 510, 352), fill=DARK)
    pen.rectangle((262, 215, 302, 275), fill=DARK)
    pen.ellipse((100, 150, 290, 340), fill=STEEL, outline=DARK, width=6)
    pen.ellipse((165, 215, 225, 275), fill=DARK)
    pen.rectangle((165, 70, 235, 160), fill=STEEL, outline=DARK, width=5)
    pen.rectangle((145, 58, 255, 80), fill=DARK)
    pen.rectangle((150, 335, 240, 352), fill=DARK)


def _column(pen: ImageDraw.ImageDraw) -> None:
    pen.rounded_rectangle((255, 40, 385, 150), 16, fill=BLUE)
    pen.rectangle((280, 148, 360, 300), fill=STEEL, outline=DARK, width=5)
    for y in range(170, 290, 24):
        pen.rectangle((280, y, 360, y + 5), fill=DARK)
    pen.rectangle((180, 292, 460, 332), fill=STEEL, outline=DARK, width=5)
    pen.rectangle((168, 280, 190, 344), fill=DARK)
    pen.rectangle((450, 280, 472, 344), fill=DARK)
    pen.rectangle((230, 332, 410, 352), fill=DARK)


def _disc(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((210, 110, 450, 350), fill=STEEL, outline=DARK, width=10)
    pen.ellipse((255, 155, 405, 305), fill=BACK, outline=DARK, width=6)
    pen.ellipse((312, 160, 348, 300), fill=BLUE, outline=DARK, width=4)
    pen.rectangle((316, 50, 344, 112), fill=DARK)
    pen.rounded_rectangle((320, 36, 500, 60), 10, fill=BLUE)
    for x, y in ((245, 140), (415, 140), (245, 320), (415, 320)):
        pen.ellipse((x - 10, y - 10, x + 10, y + 10), fill=DARK)
