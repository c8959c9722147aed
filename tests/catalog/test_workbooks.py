"""A workbook is read as the table it shows, and refused with a sentence where it would say something else than it shows."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from comptoir.actions import ActionError
from comptoir.catalog import book, planning, sheet
from comptoir.catalog.actions.batches import apply_batch, keep, undo_batch
from comptoir.catalog.models import Batch, Product, Stock
from comptoir.lib import clock
from comptoir.people import Role
from tests import build

HEAD = ("Part number", "Name", "List price", "In stock")


def made(*rows, also=lambda sheet: None):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    also(workbook.active)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def altered(data, change):
    """The same workbook with each part's bytes changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return written.getvalue()


def in_sheet(old, new):
    return lambda name, data: data.replace(old, new) if "worksheets" in name else data


def read(data, sign=""):
    lines, _unknown = sheet.lines(book.read(data, sign), planning.COLUMNS)
    return [(line.number, line.cells) for line in lines]


def test_numbers_days_and_texts_are_read_as_they_stand():
    data = made(("Part number", "Name"), (1234, "Pump, big; \"x\"\ttab"), (), ("P-2", date(2026, 3, 1)), ("P-3", datetime(2026, 3, 1, 8, 5)))  # fmt: skip
    assert read(data) == [
        (2, {"number": "1234", "name": 'Pump, big; "x"\ttab'}), (4, {"number": "P-2", "name": "2026-03-01"}),
        (5, {"number": "P-3", "name": "2026-03-01 08:05"}),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["", ",", "."])
def test_a_fraction_is_never_taken_for_thousands_whatever_sign_was_chosen(sign):
    data = made(HEAD, ("P-1", "Pump", 1.234, 0.1 + 0.2))
    cells = read(data, sign)[0][1]
    shown = sign or sheet.decimal_sign([cells["price"]])
    assert [sheet.number(cells[name], shown) for name in ("price", "on_hand")] == [Decimal("1.234"), Decimal("0.3")]


HOSTILE = {
    "a formula": made(HEAD, ("P-1", "Pump", "=1+1", 1)),
    "a formula that runs": made(HEAD, ("P-1", '=HYPERLINK("http://x","y")', 1, 1)),
    "merged cells": made(HEAD, ("P-1", "Pump", 1, 1), also=lambda sheet: sheet.merge_cells("A2:B2")),
    "numbers and texts mixed": made(HEAD, ("P-1", "Pump", "12,5", 1), ("P-2", "Pump", 1.25, 1)),
    "too many rows": made(*[("P",)] * (sheet.MOST_ROWS + 2)),
    "too many columns": made(("Part number", *["x"] * 70)),
    "a long cell": made(HEAD, ("P-1", "x" * 5000, 1, 1)),
    "a far row": altered(made(HEAD, ("P-1",)), in_sheet(b'r="2"', b'r="99999999"')),
    "a bomb": altered(made(HEAD), lambda name, data: data + b" " * 60_000_000 if "worksheets" in name else data),
    "a document type": altered(made(HEAD), in_sheet(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet')),
    "a hidden document type": altered(made(HEAD), lambda name, data: (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE w [<!ENTITY a "b">]><w/>'.encode("utf-16") if "sheet1" in name else data)),
    "cut off": made(HEAD)[:-200],
    "no workbook": b"PK\x03\x04\0\0",
    "no such XML": altered(made(HEAD), lambda name, data: b"<a>" if "worksheets" in name else data),
}  # fmt: skip


SAID = {
    "a formula": "Cell C2 is a formula", "a formula that runs": "Cell B2 is a formula", "merged cells": "merged",
    "numbers and texts mixed": "“12,5”", "too many rows": "rows: split", "too many columns": "columns", "a long cell": "Cell B2",
    "a far row": "rows: split", "a bomb": "unpacks to more", "a document type": "no spreadsheet writes",
    "a hidden document type": "no spreadsheet writes",
}  # fmt: skip


@pytest.mark.parametrize(("name", "data"), HOSTILE.items(), ids=HOSTILE)
def test_what_a_workbook_hides_is_refused_with_a_sentence(name, data):
    with pytest.raises(ActionError) as refused:
        read(data)
    assert SAID.get(name, "cannot be read") in refused.value.sentence


@pytest.mark.django_db
def test_a_workbook_is_looked_at_applied_and_undone_like_any_table():
    build.site()
    boss, product = build.member(Role.ADMINISTRATOR), build.product("Gear pump", on_hand=100)
    data = made(HEAD, (product.number, "Zahnradpumpe", 13.75, 80), ("NEW-1", "Screw pump", 99.9, 5))
    batch = keep(data, "products.xlsx", "", by=boss)
    assert Product.objects.count() == 1
    apply_batch(batch, by=boss, shown=planning.plan(batch.text, "", clock.today()).digest)
    product.refresh_from_db()
    assert (product.name, Stock.objects.get(product=product).on_hand) == ("Zahnradpumpe", 80)
    undo_batch(Batch.objects.get(), by=boss)
    product.refresh_from_db()
    assert (product.name, Product.objects.count()) == ("Gear pump", 1)


@pytest.mark.django_db
def test_the_list_leaves_as_a_workbook_in_which_no_text_is_a_formula(client):
    client.force_login(build.member())
    product = build.product("=1+1")
    told = load_workbook(io.BytesIO(client.get("/products.xlsx").content)).active
    assert [cell.value for cell in told[2]][:2] == [product.number, "=1+1"]
    assert told["B2"].data_type == "s"
    assert client.get("/products.exe").status_code == 404
