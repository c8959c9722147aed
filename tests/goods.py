"""What the actions on a product's sheets, notes and freight are played on in the small desk of `tests/world.py`."""

from collections.abc import Callable
from typing import Any

from comptoir.catalog.actions import add_file, add_note
from comptoir.catalog.models import ProductFile, ProductNote
from tests import build
from tests.world import World


def sheet(world: World) -> ProductFile:
    kind = ProductFile.Kind.SHEET
    return add_file(build.product(), by=world.senior, kind=kind, data=b"%PDF-1.7", name="sheet.pdf")


def note(world: World) -> ProductNote:
    made: ProductNote = add_note(build.product(), by=world.rep, text="Seals swell in glycol")
    return made


SUBJECTS: dict[str, Callable[[World], Any]] = {
    "catalog.ProductFile": sheet,
    "catalog.ProductNote": note,
    "catalog.FreightZone": lambda world: build.freight_zone(),
}
WORDS: dict[str, Callable[[World], dict[str, Any]]] = {
    "catalog.edit_note": lambda world: {"text": "Seals swell in hot glycol"},
    "catalog.set_freight": lambda world: {"countries": "FR, NL", "fixed": "12", "per_kg": "1.2"},
}
