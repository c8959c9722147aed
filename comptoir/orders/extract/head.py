"""The header of a document: values by the labels that stand before or above them."""

import re
from collections.abc import Callable
from datetime import date

from comptoir.lib.documents import Read, Word
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.rows import SHEETS, Row, split, value_of
from comptoir.orders.extract.values import day_in, soon
from comptoir.orders.extract.vocabulary import COLUMN_OF, CURRENCIES, LABEL_OF, plain
from comptoir.orders.inbound import Fields, Value

LONGEST_LABEL = 5
PO = re.compile(r"[#:]?\s*((?=[^\s]*\d)[\w][\w./\-]{1,39})")
ADDRESS_LINES = 6


def labels_in(row: Row, layout: Layout, kind: str) -> list[tuple[str, int, int, list[Word]]]:
    """The labels a line holds, as field and the range of its words; longer ones first at each place."""
    taught = {text: name for name, text in layout.labels.items()}
    words = [piece for w in row.words for piece in (split(w) if kind in SHEETS else [w])]
    found, index = [], 0
    while index < len(words):
        for size in range(min(LONGEST_LABEL, len(words) - index), 0, -1):
            some = words[index : index + size]
            if any(":" in w.text[:-1] or (w.text.endswith(":") and w is not some[-1]) for w in some):
                continue
            text = plain(" ".join(w.text for w in some))
            name = taught.get(text) or LABEL_OF.get(text)
            if name and (size > 1 or text in taught or len(text) > 2 or some[-1].text.endswith(":")):
                found.append((name, index, index + size, words))
                index += size - 1
                break
        index += 1
    return found


def header_of(rows: list[Row], skipped: set[int], read: Read, layout: Layout, today: date) -> Fields:
    """The header's fields; what several labels name is what the first of them that reads says."""
    fields: Fields = {}
    weak: Fields = {}
    for index, row in enumerate(rows):
        if index in skipped:
            continue
        found = labels_in(row, layout, read.kind)
        for at, (name, start, end, words) in enumerate(found):
            stop = found[at + 1][1] if at + 1 < len(found) else len(words)
            taught = plain(" ".join(w.text for w in words[start:end])) == layout.labels.get(name)
            if name in fields and not taught:
                continue
            value = _valued(name, words[end:stop], words[start:end], rows, index, skipped, read, layout, today)
            if name == "po_number" and value and (dated := _dated(words[end:stop], value, read, layout, today)):
                weak.setdefault("po_date", dated)
            if value is not None:
                (weak if name == "po_number" and end - start == 1 and not taught and plain(words[start].text) in ("order", "commande", "bestellung", "ordre") else fields)[name] = value  # fmt: skip  # noqa: E501
    for name, value in weak.items():
        fields.setdefault(name, value)
    if "currency" not in fields and (found_currency := _currency(rows, read)):
        fields["currency"] = found_currency
    return fields


def in_columns(rows: list[Row], table: set[int], read: Read, layout: Layout, today: date) -> Fields:
    """The header's fields that stand in columns of their own, the same in every line of a program's export."""
    taught = {text: name for name, text in layout.labels.items()}
    fields: Fields = {}
    for index in sorted(table):
        for cell in rows[index].cells:
            text = plain(cell.text)
            name = taught.get(text) or (LABEL_OF.get(text) if text not in COLUMN_OF else None)
            if name not in READERS or name in fields or index + 1 >= len(rows):
                continue
            under = [w for w in rows[index + 1].words if w.x1 > cell.x0 and w.x0 < cell.x1]
            if (value := READERS[name](under, read, layout, today)) is not None:
                fields[name] = value
    return fields


def _valued(
    name: str, right: list[Word], label: list[Word], rows: list[Row], index: int, skipped: set[int], read: Read, layout: Layout, today: date  # noqa: E501
) -> Value | None:  # fmt: skip
    if name == "ship_to":
        return _address(right, label, rows, index, skipped, read)
    reader = READERS[name]
    if (told := reader(right, read, layout, today)) is not None:
        return told
    if read.kind == "mail":
        return None
    under = rows[index + 1] if index + 1 < len(rows) and index + 1 not in skipped else None
    if under is None or under.page != rows[index].page or under.top - rows[index].bottom > 2.2 * rows[index].height:
        return None
    span = (label[0].x0 - 3, max(label[-1].x1, label[0].x0 + 60))
    return reader([w for w in under.words if w.x1 > span[0] and w.x0 < span[1]], read, layout, today)


def _number(words: list[Word], read: Read, _layout: Layout, _today: date) -> Value | None:
    text = " ".join(w.text for w in words).lstrip(":#. ")
    found = PO.match(text)
    if found is None or ((day := day_in(found[1])) and day[0] == found[1]):
        return None
    some = [w for w in words if found[1] in w.text or (w.text.strip(":#.,") in found[1] and len(w.text) > 1)][:3]
    return value_of(some, found[1].rstrip(".,;"), read, found[1])


def _day(words: list[Word], read: Read, layout: Layout, today: date) -> Value | None:
    some = words[:8]
    found = day_in(" ".join(w.text for w in some), layout.days or "dmy")
    if found is None or not soon(found[1], today):
        return None
    tokens = found[0].split()
    return value_of([w for w in some if w.text.strip(",;()") in found[0] or any(t in w.text for t in tokens if len(t) > 3)], found[1].isoformat(), read, found[0])  # fmt: skip  # noqa: E501


def _dated(words: list[Word], number: Value, read: Read, layout: Layout, today: date) -> Value | None:
    """The day that stands behind an order's number: 77-1203 of 24/11/2026."""
    found = _day([w for w in words if number.text not in w.text], read, layout, today)
    return found if found is not None and found.text <= today.isoformat() else None


def _code(words: list[Word], read: Read, _layout: Layout, _today: date) -> Value | None:
    for word in words[:2]:
        if code := CURRENCIES.get(word.text.strip(":;,.()").upper()):
            return value_of([word], code, read)
    return None


def _line(words: list[Word], read: Read, _layout: Layout, _today: date) -> Value | None:
    text = " ".join(w.text for w in words).strip(": ")
    return value_of(words, text, read, text) if len(text) > 2 else None


def _address(
    right: list[Word], label: list[Word], rows: list[Row], index: int, skipped: set[int], read: Read
) -> Value | None:
    """The lines beside and under a label, as far as they stand in its column without a gap."""
    some = [w for w in right if w.text != ":"]
    lines = [" ".join(w.text for w in some)] if some else []
    left = min((w.x0 for w in [*label, *some]), default=0) - 4
    reach = max(label[-1].x1, *(w.x1 for w in some)) if some else label[-1].x1 + 120
    bottom = rows[index].bottom
    for below in range(index + 1, min(index + 1 + ADDRESS_LINES, len(rows))):
        row = rows[below]
        if below in skipped or row.page != rows[index].page or row.top - bottom > 1.3 * row.height:
            break
        cells = [c for c in row.cells if c.x0 >= left and c.x0 < max(reach, label[0].x0 + 90)]
        cell = cells[0] if cells else None
        if cell is None or cell.text.endswith(":") or plain(cell.text.split(":")[0]) in LABEL_OF:
            break
        lines.append(cell.text)
        some += cell.words
        bottom = row.bottom
        if read.kind in SHEETS:
            break
    text = ", ".join(line.strip(" ,:") for line in lines if line.strip(" ,:"))
    return value_of(some, text, read, text) if len(text) > 3 else None


def _currency(rows: list[Row], read: Read) -> Value | None:
    """The currency that the document names most often."""
    seen: dict[str, list[Word]] = {}
    for row in rows:
        for word in row.words:
            for piece in re.findall(r"€|£|US\$|\$|[^\W\d]{2,4}", word.text):
                if (code := CURRENCIES.get(piece.upper())) is not None:
                    seen.setdefault(code, []).append(word)
    if not seen:
        return None
    code = max(seen, key=lambda c: len(seen[c]))
    return value_of(seen[code][:1], code, read)


Reader = Callable[[list[Word], Read, Layout, date], Value | None]
READERS: dict[str, Reader] = {
    "po_number": _number,
    "po_date": _day,
    "requested_on": _day,
    "currency": _code,
    "terms": _line,
}
