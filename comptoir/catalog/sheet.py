"""Reading a table somebody sends: its encoding, its separator, its columns, and numbers as each column writes them.

A file is hostile until it has been read: its size, rows and cells are limited, and what cannot be read is said with its line.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.lib.sheets import FORMULA
from comptoir.lib.text import fold

MOST_BYTES, MOST_ROWS, MOST_CELL, MOST_COLUMNS = 8_000_000, 20_000, 4_000, 60
GROUPED = re.compile(r"\A[+-]?\d{1,3}(?:[,.'\u00a0\u202f ]\d{3})+\Z")
SPACES = re.compile(r"['\u00a0\u202f ]")


class Unreadable(ActionError):
    """The file is not a table we can read; its sentence says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: its line in the file, and its cells by column."""

    number: int
    cells: dict[str, str]


def decoded(data: bytes) -> str:
    """The text of UTF-8, UTF-16 (with its mark) or Windows-1252; Unreadable for anything else."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than {n} MB.").format(n=MOST_BYTES // 1_000_000))
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16")
        elif b"\0" in data:
            raise Unreadable(_("This is no table of text: save it as CSV."))
        else:
            text = _eight_bits(data)
    except UnicodeDecodeError as error:
        raise Unreadable(_("The letters of this file cannot be read: save it as CSV in UTF-8.")) from error
    if "\0" in text:
        raise Unreadable(_("This is no table of text: save it as CSV."))
    return text.removeprefix("\ufeff")


def _eight_bits(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def lines(text: str, columns: dict[str, str]) -> tuple[list[Line], list[str]]:
    """The rows with the columns that are known (by their folded names), and the names of those that are not."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    read: list[Line] = []
    try:
        head = [cell.strip() for cell in next(reader, [])]
        names = _named(head, columns)
        start = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                read.append(_line(start, row, names))
            if len(read) > MOST_ROWS:
                raise Unreadable(_("The file has more than {n} rows: split it.").format(n=MOST_ROWS))
            start = reader.line_num + 1
    except csv.Error as error:
        told = _("Line {n} cannot be read: a quotation mark is not closed, or stands where none may.")
        raise Unreadable(told.format(n=reader.line_num)) from error
    return read, [name for name in head if name and fold(name) not in columns]


def _named(head: list[str], columns: dict[str, str]) -> list[str]:
    if len(head) > MOST_COLUMNS:
        raise Unreadable(_("The file has more than {n} columns.").format(n=MOST_COLUMNS))
    names = [columns.get(fold(name), "") for name in head]
    twice = {head[n] for n, name in enumerate(names) if name and names.index(name) != n}
    if twice:
        raise Unreadable(_("Two columns mean the same: {names}.").format(names=", ".join(sorted(twice))))
    return names


def _line(number: int, row: list[str], names: list[str]) -> Line:
    if any(len(cell) > MOST_CELL for cell in row):
        raise Unreadable(_("Line {n} has a cell of more than {most} letters.").format(n=number, most=MOST_CELL))
    cells = {name: _text(cell) for name, cell in zip(names, row, strict=False) if name}
    return Line(number, cells)


def _text(cell: str) -> str:
    """The cell without the apostrophe that our own tables put before what a spreadsheet could run."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(FORMULA) else text


def _separator(text: str) -> str:
    """What separates the columns of the first line, quoted names left out."""
    first = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    return max(("\t", ";", ","), key=first.count)


def decimal_sign(values: Iterable[str]) -> str:
    """The decimal sign a column's numbers show: a comma, a point, or nothing where they leave it open."""
    for raw in values:
        value = SPACES.sub("", raw)
        comma, point = value.rfind(","), value.rfind(".")
        if comma >= 0 and point >= 0:
            return "," if comma > point else "."
        for sign, other in ((",", "."), (".", ",")):
            if sign not in value:
                continue
            if value.count(sign) > 1:
                return other
            if not GROUPED.match(value) or value.lstrip("+-").startswith("0"):
                return sign
    return ""


def number(raw: str, sign: str) -> Decimal:
    """A number as its column writes it; ValueError with the reason when it is none, or could be two."""
    value = SPACES.sub("", raw)
    if not sign and ("," in value or "." in value):
        raise ValueError(_("“{value}” may be {a} or {b}: say which sign the decimals have.").format(
            value=raw, a=value.replace(",", "").replace(".", ""), b=value.replace(",", ".")))  # fmt: skip
    other = "." if sign == "," else ","
    plain = value.replace(other, "").replace(",", ".") if sign else value
    if not re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,9})?", plain, re.ASCII):
        raise ValueError(_("“{value}” is not a number.").format(value=raw))
    return Decimal(plain)
