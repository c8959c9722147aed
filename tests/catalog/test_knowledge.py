"""Pictures, sheets, known problems and freight: what a rep has to know of a product."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from comptoir.actions import ActionError, Denied
from comptoir.catalog import actions
from comptoir.catalog.models import FreightZone, ProductFile, ProductNote
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.pictures import LONGEST, NotAPicture, redrawn
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db
Kind = ProductFile.Kind


def picture(width: int = 40, height: int = 30, form: str = "PNG", **more: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), "#345").save(made, form, **more)
    return made.getvalue()


def test_a_picture_is_drawn_anew_and_what_else_its_file_holds_is_gone():
    exif = Image.Exif()
    exif[0x010E] = "<script>secret place</script>"
    drawn = redrawn(picture(2400, 1200, "JPEG", exif=exif) + b"<script>alert(1)</script>")
    assert b"script" not in drawn
    with Image.open(BytesIO(drawn)) as read:
        assert (read.format, read.size) == ("WEBP", (LONGEST, LONGEST // 2))


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16"])
def test_a_picture_of_any_colours_is_drawn(mode):
    made = BytesIO()
    Image.new(mode, (9, 9)).save(made, "PNG")
    assert redrawn(made.getvalue())[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type"),
        (picture(form="GIF"), "type"),
        (picture()[:60], "type"),
        (b"%PDF-1.7", "type"),
        (bytes(11 << 20), "size"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_bytes(data, why):
    with pytest.raises(NotAPicture) as refused:
        redrawn(data)
    assert refused.value.why == why


def test_a_picture_of_too_many_pixels_is_refused_before_any_is_read():
    made = BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    assert len(made.getvalue()) < 1 << 20
    with pytest.raises(NotAPicture, match="pixels"):
        redrawn(made.getvalue())


def test_a_sheet_is_kept_once_and_its_name_is_only_a_name():
    product, senior = build.product(), build.member(Role.SENIOR)
    for _twice in range(2):
        row = actions.add_file(
            product, by=senior, kind=Kind.SHEET, data=b"%PDF-1.7 x", name="C:\\a\\..\\Sheet\r\n1.pdf"
        )
    assert (product.files.count(), row.name) == (1, "Sheet1.pdf")
    assert [event.verb for event in story(product)] == ["catalog.file_added"]
    actions.remove_file(row, by=senior)
    assert not product.files.exists()


def test_a_sheet_is_a_pdf_by_its_bytes():
    product = build.product()
    with pytest.raises(ActionError, match="PDF"):
        actions.add_file(product, by=build.member(Role.SENIOR), kind=Kind.SHEET, data=b"<html>", name="a.pdf")
    assert not product.files.exists()


def test_only_who_keeps_the_catalogue_adds_files():
    product = build.product()
    with pytest.raises(Denied):
        actions.add_file(product, by=build.member(), kind=Kind.SHEET, data=b"%PDF-1.7", name="a.pdf")
    assert not product.files.exists()


def test_a_known_problem_holds_for_its_days_and_is_over_when_somebody_says_so():
    product, rep, today = build.product(), build.member(), clock.today()
    note = actions.add_note(product, by=rep, text="Seals swell in glycol", valid_until=today + timedelta(days=9))
    assert note.holds_on(today)
    assert not note.holds_on(today + timedelta(days=10))
    actions.edit_note(note, by=rep, text="Seals swell", valid_from=today - timedelta(days=3))
    actions.end_note(note, by=rep)
    assert note.valid_until == today - timedelta(days=1)
    actions.end_note(actions.add_note(product, by=rep, text="Typed by mistake"), by=rep)
    assert ProductNote.objects.get() == note


def test_a_note_that_ends_before_it_begins_is_refused():
    product, today = build.product(), clock.today()
    with pytest.raises(ActionError, match="before it begins"):
        actions.add_note(product, by=build.member(), text="x", valid_from=today, valid_until=today - timedelta(days=1))
    assert not product.notes.exists()


def test_freight_is_a_fixed_part_and_one_by_weight():
    assert build.freight_zone(fixed="12", per_kg="1.25").cost_of(Decimal("10.5")) == Money.of("25.13", "EUR")


def test_faster_freight_costs_more_by_its_own_tariff_and_never_less():
    zone = build.freight_zone(fixed="12", per_kg="1.25", fast=("40", "3.00"))
    assert zone.extra_of(Decimal(10)) == Money.of("45.50", "EUR")
    assert build.freight_zone(fixed="12", per_kg="1.25", fast=("1", "1")).extra_of(Decimal(10)) == Money.of("0", "EUR")
    assert build.freight_zone().extra_of(Decimal(10)) is None
    assert build.freight_zone(fast=("40", "0")).fast_per_kg == 0


def test_a_zone_is_replaced_by_its_name_and_no_country_is_in_two():
    build.freight_zone("FR")
    zone = build.freight_zone("fr; nl,FR")
    assert (FreightZone.objects.count(), zone.countries) == (1, ["FR", "NL"])
    with pytest.raises(ActionError, match="NL is in the zone West"):
        actions.set_freight(
            by=build.member(Role.SENIOR), zone="North", countries="DK NL", fixed=Decimal(1), per_kg=Decimal(1),
            currency="EUR", source="x", valid_from=clock.today(),
        )  # fmt: skip
    with pytest.raises(ActionError, match="QQQ"):
        build.freight_zone("QQQ")
    assert FreightZone.objects.get() == zone
