"""Reading a workbook (XLSX) somebody sends, as the text of a table.

A workbook is a ZIP of XML and hostile until it has been read: what it unpacks to, its rows, columns and cells are
limited, a document type is refused, nothing is calculated, and what cannot be taken as it stands is said with its cell.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from comptoir.catalog.sheet import MOST_BYTES, MOST_CELL, MOST_COLUMNS, MOST_ROWS, Unreadable, decoded

MAGIC = b"PK\x03\x04"
MOST_PARTS, MOST_UNPACKED = 300, 48_000_000
WITH_COMMA = re.compile(r"\A[+-]?[\d.'\s]*\d,\d[\d.,'\s]*\Z")


def is_workbook(data: bytes) -> bool:
    """True for a ZIP, by its first bytes; a file's name says nothing."""
    return data.startswith(MAGIC)


def read(data: bytes, sign: str = "") -> str:
    """The text of a table, whether a workbook or a file of text was sent."""
    return text_of(data, sign) if is_workbook(data) else decoded(data)


def text_of(data: bytes, sign: str = "") -> str:
    """The first sheet that is shown as the text of a table, decimals with this sign; Unreadable says why not."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than {n} MB.").format(n=MOST_BYTES // 1_000_000))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _inspect(packed)
        rows = _read(data, sign or ".")
    except Unreadable:
        raise
    except (
        Exception
    ) as error:  # a foreign parser on foreign bytes: whatever it stumbles over, the file is what is wrong
        raise Unreadable(_("This workbook cannot be read: save it as CSV, or as XLSX once more.")) from error
    return _written(rows)


def _inspect(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable(_("This workbook unpacks to more than {n} MB.").format(n=MOST_UNPACKED // 1_000_000))
    for part in parts:
        _inspect_part(packed.read(part), part.filename.startswith("xl/worksheets/"))


def _inspect_part(data: bytes, is_sheet: bool) -> None:
    """Refuse a document type, in whatever encoding it hides, and merged cells, of which a reader sees only the first."""
    parser = expat.ParserCreate()

    def typed(*_args: Any) -> None:
        raise Unreadable(_("This workbook holds what no spreadsheet writes."))

    def opened(name: str, _attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "mergeCell":
            raise Unreadable(_("Cells of this workbook are merged: undo that, so that every row says its own."))

    parser.StartDoctypeDeclHandler = typed
    if is_sheet:
        parser.StartElementHandler = opened
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return  # a picture, or damaged: the reader meets the same place, and refuses it


def _read(data: bytes, sign: str) -> list[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not shown:
        raise Unreadable(_("This workbook has no sheet that is shown."))
    shown[0].reset_dimensions()
    return list(_rows(shown[0].iter_rows(max_col=MOST_COLUMNS + 1), sign))


def _rows(cells: Any, sign: str) -> Iterator[list[str]]:
    fractions, commas = set[int](), dict[int, str]()
    for number, row in enumerate(cells):
        if number > MOST_ROWS:
            raise Unreadable(_("The file has more than {n} rows: split it.").format(n=MOST_ROWS))
        texts = [_text(cell, sign) for cell in row]
        fractions |= {n for n, cell in enumerate(row) if isinstance(cell.value, float) and sign in texts[n]}
        commas |= {n: text for n, text in enumerate(texts) if isinstance(row[n].value, str) and WITH_COMMA.match(text)}
        yield _within(texts)
    if mixed := fractions & commas.keys():
        told = _("A column has numbers and also “{value}”, which is text: make all of it numbers.")
        raise Unreadable(told.format(value=commas[min(mixed)]))


def _within(texts: list[str]) -> list[str]:
    if len(texts) > MOST_COLUMNS and texts[MOST_COLUMNS]:
        raise Unreadable(_("The file has more than {n} columns.").format(n=MOST_COLUMNS))
    return texts[:MOST_COLUMNS]


def _text(cell: Any, sign: str) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        told = (
            _("Cell {cell} is a formula: put its value there.")
            if cell.data_type == "f"
            else _("Cell {cell} is an error.")
        )
        raise Unreadable(told.format(cell=cell.coordinate))
    text = _plain(value, sign)
    if len(text) > MOST_CELL:
        raise Unreadable(_("Cell {cell} has more than {most} letters.").format(cell=cell.coordinate, most=MOST_CELL))
    return text


def _plain(value: Any, sign: str) -> str:
    """A value as a table of text has it; a fraction never ends after three digits, which could be thousands."""
    if isinstance(value, float):
        text = f"{Decimal(f'{value:.15g}').normalize():f}"
        whole, point, rest = text.partition(".")
        return f"{whole}{sign}{rest.ljust(4, '0')}" if point else whole
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _written(rows: list[list[str]]) -> str:
    """Every cell quoted, so that no letter of it separates anything; empty rows stay, so that lines keep their numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, row in enumerate(rows):
        if not any(row):
            buffer.write("\n")
            continue
        writer.writerow(
            [" ".join(cell.split()) for cell in row] if number == 0 else [cell.replace("\0", "") for cell in row]
        )
    return buffer.getvalue()
