"""What the actions on a product's sheets, notes and freight are played on in the small desk of `tests/world.py`."""

from collections.abc import Callable
from typing import Any

from comptoir.catalog.actions import add_agreement_file, add_file, add_note
from comptoir.catalog.models import AgreementFile, ProductFile, ProductNote
from tests import build
from tests.world import World


def sheet(world: World) -> ProductFile:
    kind = ProductFile.Kind.SHEET
    return add_file(build.product(), by=world.senior, kind=kind, data=b"%PDF-1.7", name="sheet.pdf")


def note(world: World) -> ProductNote:
    made: ProductNote = add_note(build.product(), by=world.rep, text="Seals swell in glycol")
    return made


def signed_paper(world: World) -> AgreementFile:
    agreement = build.agreement(world.customer, build.product(), "9")
    return add_agreement_file(
        agreement, by=world.senior, data=b"%PDF-1.7", content_type="application/pdf", name="signed.pdf"
    )


SUBJECTS: dict[str, Callable[[World], Any]] = {
    "catalog.AgreementFile": signed_paper,
    "catalog.ProductFile": sheet,
    "catalog.ProductNote": note,
    "catalog.FreightZone": lambda world: build.freight_zone(),
}
WORDS: dict[str, Callable[[World], dict[str, Any]]] = {
    "catalog.edit_note": lambda world: {"text": "Seals swell in hot glycol"},
    "catalog.set_freight": lambda world: {"countries": "FR, NL", "fixed": "12", "per_kg": "1.2"},
}
