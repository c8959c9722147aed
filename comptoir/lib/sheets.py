"""Tables for spreadsheets: RFC 4180, in which no text is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """A value as a spreadsheet may show it; a text that a spreadsheet could run gets an apostrophe before it (OWASP)."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def lines(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The table line by line; it begins with a byte order mark, by which spreadsheets know UTF-8."""
    yield "\ufeff"
    yield _line(head)
    for row in rows:
        yield _line(row)


def _line(row: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value) for value in row])
    return buffer.getvalue()


def workbook(title: str, head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> bytes:
    """The table as XLSX, written row by row: numbers and days stay such, and every text is a text, never a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.writer.excel import save_workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "1")
    names = [str(name) for name in head]
    sheet.freeze_panes = "A2"
    for index, name in enumerate(names, 1):
        sheet.column_dimensions[get_column_letter(index)].width = min(max(len(name) + 2, 12), 40)
    bold = [WriteOnlyCell(sheet, name) for name in names]
    for one in bold:
        one.font, one.data_type = Font(bold=True), "s"
    sheet.append(bold)
    for row in rows:
        sheet.append([_typed(WriteOnlyCell(sheet), value) for value in row])
    buffer = io.BytesIO()
    save_workbook(book, buffer)
    return buffer.getvalue()


def _typed(one: Any, value: Any) -> Any:
    """A cell with a value of its own kind; a text is never read as a formula, and keeps no character XML forbids."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        one.value = value
    elif isinstance(value, datetime):
        one.value = value.replace(tzinfo=None)
    elif isinstance(value, date):
        one.value, one.number_format = value, "yyyy-mm-dd"
    else:
        one.value = "".join(c for c in str(value) if c >= " " or c in "\t\n")[:32_000]
        one.data_type = "s"
    return one
