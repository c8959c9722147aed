"""Sheets and texts as words: a cell is one word in its column, a line of text keeps its distances."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from comptoir.lib.documents.neutral import MOST_ROWS, MOST_WORDS, Page, Read, Unreadable, Word

ROW, LETTER, GAP = 16.0, 5.6, 12.0
MOST_COLUMNS, MOST_UNPACKED, MOST_ROWS_SEEN, WIDEST = 60, 60_000_000, 20_000, 60
# Lowercase letters that a text in one of these languages has many of, by which its bytes are told from the same bytes in another.
CYRILLIC = re.compile("[абвгдежзийклмнопрстуфхцчшщъьюя]")
CENTRAL = re.compile("[áäčďéíĺľňóôŕšťúýžěřů]", re.IGNORECASE)
WESTERN = re.compile("[àâäæçèéêëîïôöøåùûüßœ]", re.IGNORECASE)


def decoded(raw: bytes) -> str:
    """The text of some bytes: UTF-16 and UTF-8 by their marks, else the Windows code page whose letters it has most of."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    scores = []
    for order, (name, letters) in enumerate((("cp1252", WESTERN), ("cp1250", CENTRAL), ("cp1251", CYRILLIC))):
        text = raw.decode(name, "replace")
        odd = sum(1 for c in text if not c.isascii() and not letters.match(c.lower()))
        scores.append((odd, order, text))
    return min(scores)[2]


def from_csv(raw: bytes) -> Read:
    """A table with commas, semicolons, tabs or bars, whichever its lines share."""
    text = decoded(raw).replace("\0", "")
    csv.field_size_limit(100_000)
    counts = {sign: _steady(text, sign) for sign in ";\t|,"}
    sign = max(counts, key=lambda s: counts[s])
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=sign))
    except csv.Error as error:
        raise Unreadable("broken") from error
    return laid_out("csv", rows)


def _steady(text: str, sign: str) -> int:
    """How many lines have the sign as often as most others have it, weighed by how often."""
    counts = [line.count(sign) for line in text.splitlines()[:60] if line.strip()]
    often = max(set(counts), key=lambda n: (counts.count(n), n)) if counts else 0
    return often and counts.count(often) * 10 + often


def from_xlsx(raw: bytes) -> Read:
    """The first sheet with something in it."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(item.file_size for item in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable("size")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = [[_shown(value) for value in row[:MOST_COLUMNS]] for row in _rows(sheet)]
            if any(any(row) for row in rows):
                return laid_out("xlsx", rows)
    except Unreadable:
        raise
    except Exception as error:
        encrypted = raw[:4] == b"\xd0\xcf\x11\xe0"
        raise Unreadable("encrypted" if encrypted else "broken") from error
    raise Unreadable("empty")


def _rows(sheet: Any) -> Iterable[tuple[Any, ...]]:
    """The rows with something in them; what a sheet says of its size is not believed."""
    count = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)):
        if count >= MOST_ROWS or number >= MOST_ROWS_SEEN:
            raise Unreadable("words")
        if any(value is not None for value in row):
            count += 1
            yield row


def _shown(value: object) -> str:
    """A cell as it reads: days in ISO 8601, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return " ".join(str(value).split())


def laid_out(kind: str, rows: list[list[str]]) -> Read:
    """Rows of cells as one page: each column as wide as its longest cell."""
    if len(rows) > MOST_ROWS or sum(len(row) for row in rows) > MOST_WORDS:
        raise Unreadable("words")
    widths: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(row[:MOST_COLUMNS]):
            widths[column] = max(widths.get(column, 3), min(len(cell), WIDEST))
    starts, x = {}, GAP
    for column in range(len(widths)):
        starts[column] = x
        x += widths[column] * LETTER + GAP
    words = []
    for number, row in enumerate(rows):
        for column, cell in enumerate(row[:MOST_COLUMNS]):
            if text := " ".join(cell.split()):
                top = GAP + number * ROW
                wide = min(len(text), widths[column])
                words.append(Word(text[:500], 1, starts[column], top, starts[column] + wide * LETTER, top + 12))
    if not words:
        raise Unreadable("empty")
    return Read(kind, [Page(x, len(rows) * ROW + 2 * GAP)], words)


def from_text(text: str) -> Read:
    """The plain text of a mail: each word where a typewriter would have put it."""
    words, longest = [], 40
    lines = text.replace("\0", "").replace("\r", "").expandtabs(8).split("\n")[:MOST_ROWS]
    for number, line in enumerate(lines):
        longest = max(longest, len(line))
        top = GAP + number * ROW
        for found in re.finditer(r"\S+", line[:400]):
            x0 = GAP + found.start() * LETTER
            words.append(Word(found.group(), 1, x0, top, GAP + found.end() * LETTER, top + 12))
    if not words:
        raise Unreadable("empty")
    if len(words) > MOST_WORDS:
        raise Unreadable("words")
    return Read("mail", [Page(2 * GAP + min(longest, 400) * LETTER, len(lines) * ROW + 2 * GAP)], words)
