"""The table of lines: its columns by their heads, its lines over page breaks, descriptions that wrap, totals left out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from itertools import pairwise

from comptoir.lib.documents import Word
from comptoir.orders.extract.discounts import KINDS, taken_off
from comptoir.orders.extract.items import FIGURES, NUMERIC, Item, attach
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.rows import SHEETS, Cell, Row
from comptoir.orders.extract.values import day_in, number_in
from comptoir.orders.extract.vocabulary import COLUMN_OF, GROSS, LABEL_OF, OURS, SKIPPED_TEXTS, TOTAL_TEXTS, plain

LONGEST_HEAD = 4
FOOT = re.compile(
    r"[-–—] ?\d{1,3} ?[-–—]|[^\W\d]{0,8}\.? ?\d{1,3} ?(?:/|of|von|sur|af|z|от) ?\d{1,3}"
    r"|(?:page|seite|side|strana|str|страница|стр)\.? ?\d{1,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column and from where to where it stands."""

    field: str
    text: str
    x0: float
    x1: float
    is_percent: bool = False


@dataclass(slots=True)
class Table:
    """What was found: heads, lines, and the amounts its totals name."""

    heads: list[Column] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    totals: list[tuple[list[Word], str]] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    lower: list[Column] = field(default_factory=list)  # heads of a second row to every line, where there are such
    begun: Item | None = None


def heads_in(row: Row, layout: Layout, kind: str) -> list[Column]:
    """The heads of columns that a line holds, each field once."""
    taught = {text: name for name, text in layout.columns.items()}
    found: list[Column] = []
    index = 0
    while index < len(row.words):
        for size in range(min(LONGEST_HEAD, len(row.words) - index), 0, -1):
            some = row.words[index : index + size]
            if size > 1 and (kind in SHEETS or not _is_close(some, row.height)):
                continue
            text = plain(" ".join(w.text for w in some))
            if name := taught.get(text) or COLUMN_OF.get(text) or _currency_head(text):
                found.append(Column(name, text, some[0].x0, some[-1].x1, any("%" in w.text for w in some)))
                index += size - 1
                break
        index += 1
    return _once(found, taught)


def _currency_head(text: str) -> str:
    words = text.split()
    return (
        COLUMN_OF.get(" ".join(words[:-1]), "")
        if len(words) > 1 and words[-1] in ("ht", "net", "netto", "excl", "bez")
        else ""
    )


def _is_close(words: Sequence[Word], height: float) -> bool:
    return all(b.x0 - a.x1 < 1.1 * height for a, b in pairwise(words))


def _once(found: list[Column], taught: dict[str, str]) -> list[Column]:
    """Each field once: what was taught, else the first; a second column of parts before the description is the position."""
    kept: dict[str, Column] = {}
    for column in found:
        other = kept.get(column.field)
        if other is None or (column.text in taught and other.text not in taught):
            kept[column.field] = column
        elif (
            column.field == "part"
            and other.text in ("item", "reference", "ref", "no", "code")
            and column.text not in ("item", "reference")
        ):
            kept.setdefault("position", Column("position", other.text, other.x0, other.x1))
            kept["part"] = column
        elif column.field == "part" and column.text in OURS and other.text not in OURS:
            kept |= {"theirs": Column("", other.text, other.x0, other.x1), "part": column}
        elif column.field == "unit_price" and other.text in GROSS:
            kept["unit_price"] = column
    return sorted(kept.values(), key=lambda c: c.x0)


def is_head(heads: Iterable[Column]) -> bool:
    """True when columns make a table of order lines."""
    names = {c.field for c in heads}
    return "quantity" in names and bool(names & {"part", "description"}) and len(names) >= 2


def table_in(rows: list[Row], layout: Layout, kind: str, sign: str) -> Table:
    """The lines of the document's tables, in the order of reading.

    A value belongs to the head it stands closest to. Where amounts do not come out so, or nothing is found, heads stand at the
    left of their columns and numbers at the right: then a column reaches to the next head.
    """
    near = _table(rows, layout, kind, sign, is_banded=False)
    if kind in SHEETS or (near.items and _agreeing(near, sign) in (None, len(near.items))):
        return near
    banded = _table(rows, layout, kind, sign, is_banded=True)
    better = (_agreeing(banded, sign) or 0, len(banded.items)) > (_agreeing(near, sign) or 0, len(near.items))
    return banded if better else near


def _agreeing(table: Table, sign: str) -> int | None:
    """How many lines come to their own amount; None where no line has a quantity, a price and an amount."""
    agree, seen = 0, False
    for item in table.items:
        told = [number_in(item.text(name), sign) for name in NUMERIC]
        if all(told):
            quantity, price, net = (number[1] for number in told if number)
            off = number_in(item.text("discount"), sign)
            prices = [taken_off(price, abs(off[1]), kind, quantity, Decimal(1)) for kind in KINDS] if off else [price]
            seen = True
            agree += any(abs(quantity * one - net) <= abs(net) / 100 for one in prices)
    return agree if seen else None


def _banded(heads: list[Column]) -> list[Column]:
    ends = [*(after.x0 - 0.5 for after in heads[1:]), 1e6][: len(heads)]
    return [replace(head, x1=end) for head, end in zip(heads, ends, strict=True)]


def _table(rows: list[Row], layout: Layout, kind: str, sign: str, *, is_banded: bool) -> Table:
    table, is_over = Table(), True
    heads: list[Column] = []
    loose: list[tuple[Item, Row]] = []
    index = 0
    while index < len(rows):
        row = rows[index]
        if (fresh := _head_at(rows, index, layout, kind)) is not None:
            heads, table.lower, taken = fresh
            if is_banded:
                heads, table.lower = _banded(heads), _banded(table.lower)
            table.heads, is_over = table.heads or heads, False
            table.rows.update(range(index, index + taken))
            index += taken
            continue
        if not is_over:
            fate = (_read_half if table.lower else _read)(row, heads, kind, sign, table, loose)
            is_over = fate == "over"
            if fate:
                table.rows.add(index)
        index += 1
    attach(loose, table.items, kind)
    hyphened = (word.text.strip(".,;:()").casefold() for row in rows for word in row.words)
    whole = frozenset(text for text in hyphened if "-" in text[1:-1])
    for item in table.items:
        item.whole = whole
    return table


def _head_at(rows: list[Row], index: int, layout: Layout, kind: str) -> tuple[list[Column], list[Column], int] | None:
    """The head that begins in a line: it may need the next one too, where its texts are broken or every line has two rows."""
    row = rows[index]
    heads = heads_in(row, layout, kind)
    if kind not in SHEETS and (block := _block(rows, index)) > 1:
        whole = reduce(_stacked, rows[index : index + block])
        if is_head(folded := heads_in(whole, layout, kind)) and len(folded) > len(heads):
            return _with_others(folded, whole, kind), [], block
    if is_head(heads):
        return _with_others(heads, row, kind), [], 1 + _rest_of_head(rows, index + 1, heads)
    if kind in SHEETS or index + 1 >= len(rows) or not heads:
        return None
    below = rows[index + 1]
    if below.page != row.page or below.top - row.bottom > row.height:
        return None
    both = _stacked(row, below)
    if is_head(stacked := heads_in(both, layout, kind)):
        return _with_others(stacked, both, kind), [], 2 + _rest_of_head(rows, index + 2, stacked)
    lower = heads_in(below, layout, kind)
    fields, more = {head.field for head in heads}, {head.field for head in lower}
    if "quantity" in more - fields and "part" in fields - more and len(fields) > 1 and len(more) > 1:
        return _with_others(heads, row, kind), _with_others(lower, below, kind), 2
    return None


def _block(rows: list[Row], index: int) -> int:
    """How many lines lie half within each other from one on: the texts of a head that are broken around their middle."""
    count = 1
    while index + count < len(rows) and count < 5 and rows[index + count].page == rows[index].page:
        if rows[index + count].top >= rows[index + count - 1].bottom - 0.5:
            break
        count += 1
    return count


def _with_others(heads: list[Column], row: Row, kind: str) -> list[Column]:
    """The heads with those beside them that nobody knows: what stands below these belongs to no field."""
    if kind in SHEETS:
        return heads
    unknown = [c for c in row.cells if not any(c.x0 < head.x1 and c.x1 > head.x0 for head in heads)]
    return sorted([*heads, *(Column("", plain(c.text), c.x0, c.x1) for c in unknown)], key=lambda head: head.x0)


def _rest_of_head(rows: list[Row], index: int, heads: list[Column]) -> int:
    """One where the next line lies half within the head's own: a piece of a head that is broken around the others."""
    if index >= len(rows) or rows[index].page != rows[index - 1].page or rows[index].top >= rows[index - 1].bottom:
        return 0
    words = rows[index].words
    is_under = all(any(w.x0 < head.x1 and w.x1 > head.x0 for head in heads) for w in words)
    return int(is_under and not any(c.isdigit() for w in words for c in w.text))


def _stacked(above: Row, below: Row) -> Row:
    """Two lines as one: words that stand over each other become one text."""
    words = []
    rest = list(below.words)
    for cell in above.cells:
        under = [w for w in rest if w.x1 > cell.x0 - 2 and w.x0 < cell.x1 + 2]
        rest = [w for w in rest if w not in under]
        every = [*cell.words, *under]
        words.append(
            Word(
                " ".join(w.text for w in every),
                above.page,
                min(w.x0 for w in every),
                above.top,
                max(w.x1 for w in every),
                below.bottom,
            )
        )
    words += rest
    ordered = tuple(sorted(words, key=lambda w: w.x0))
    return Row(above.page, above.top, below.bottom, ordered, tuple(Cell((w,)) for w in ordered))


def _read(row: Row, heads: list[Column], kind: str, sign: str, table: Table, loose: list[tuple[Item, Row]]) -> str:
    """Take a line into the table: "item", "more", "skipped", "over" where the table ends, or nothing."""
    if FOOT.fullmatch(row.text):
        return ""
    if fate := _total(row, heads, table):
        return fate
    if _is_header(row):
        return ""
    item = _item(row, heads, kind)
    quantity = item.text("quantity")
    numbered = number_in(quantity, sign) if quantity and day_in(quantity) is None else None
    if numbered and numbered[1] > 0 and any(item.text(name) for name in ("part", "description", "unit_price")):
        table.items.append(item)
        return "item"
    if item.text("description") or item.text("part"):
        loose.append((item, row))
        return "more"
    return ""


def _read_half(
    row: Row, heads: list[Column], kind: str, sign: str, table: Table, _loose: list[tuple[Item, Row]]
) -> str:  # fmt: skip
    """Take a row into a table whose lines have two: what is ordered, and below it how many at what price."""
    if FOOT.fullmatch(row.text):
        return ""
    if fate := _total(row, table.lower, table):
        return fate
    upper, lower = _item(row, heads, kind), _item(row, table.lower, kind)
    numbered = number_in(lower.text("quantity"), sign) if day_in(lower.text("quantity")) is None else None
    if table.begun and numbered and numbered[1] > 0 and (set(lower.words) & {"unit", "unit_price", "net"}):
        table.items.append(table.begun)
        table.begun.words |= {name: words for name, words in lower.words.items() if name not in table.begun.words}
        table.begun = None
        return "item"
    if upper.text("part"):
        table.begun = upper
    elif table.begun or table.items:
        (table.begun or table.items[-1]).words.setdefault("more", []).extend(row.words)
    return "more"


def _item(row: Row, heads: list[Column], kind: str) -> Item:
    item = Item(row.page, row.middle, row.height)
    for cell in row.cells:
        for name, words in _columns_of(cell, heads, kind):
            item.words.setdefault(name, []).extend(words)
    return item


def _is_header(row: Row) -> bool:
    """True for a label of the whole order that stands among or below the lines: Deliver to: …"""
    label, colon, _value = row.text.partition(":")
    return bool(colon) and LABEL_OF.get(plain(label)) in ("ship_to", "terms", "po_number", "currency")


def _total(row: Row, heads: list[Column], table: Table) -> str:
    """Whether a line is a total ("over") or another sum that is none of the lines ("skipped")."""
    texts = [plain(cell.text) for cell in row.cells]
    for text in texts[:3]:
        words = text.split()
        stems = {" ".join(words[:n]) for n in range(1, min(len(words), 4) + 1)}
        if stems & TOTAL_TEXTS and not _is_line(row, heads):
            table.totals.append((list(row.words), text))
            return "over"
        if stems & SKIPPED_TEXTS and not _is_line(row, heads):
            table.totals.append((list(row.words), text))
            return "skipped"
    return ""


def _is_line(row: Row, heads: list[Column]) -> bool:
    """True when a line has a number where quantities stand, its own number or a part with one, and a price or part besides."""
    filled: dict[str, str] = {}
    for cell in row.cells:
        for name, words in _columns_of(cell, heads, ""):
            filled[name] = f"{filled.get(name, '')} {' '.join(w.text for w in words)}"
    names = {name for name in filled if name}
    told = [filled.get(name, "") for name in ("position", "part") if any(head.field == name for head in heads)]
    is_named = not told or any(any(c.isdigit() for c in text) for text in told)
    return is_named and "quantity" in names and bool(names & {"part", "unit_price"}) and len(names) >= 4


def _columns_of(cell: Cell, heads: list[Column], kind: str) -> list[tuple[str, list[Word]]]:
    """The column a cell stands in; one that reaches over several is shared out by its words."""
    over = [h for h in heads if cell.x0 < h.x1 and cell.x1 > h.x0]
    if not over and (told := _described(cell, heads)):
        return told
    if not over and kind in SHEETS:
        return []  # a column nobody asked for
    if len(over) <= 1 or kind in SHEETS:
        best = (
            max(over, key=lambda h: min(cell.x1, h.x1) - max(cell.x0, h.x0))
            if over
            else _nearest(cell.x0, cell.x1, heads)
        )
        return [(best.field, list(cell.words))]
    if over[0].field == "description" and not any(h.field in NUMERIC for h in over[1:]):
        return [("description", list(cell.words))]
    shared: dict[str, list[Word]] = {}
    for word in cell.words:
        shared.setdefault(_nearest(word.x0, word.x1, heads).field, []).append(word)
    return list(shared.items())


def _described(cell: Cell, heads: list[Column]) -> list[tuple[str, list[Word]]]:
    """Words between the head of the descriptions and the next head are a description's, however far they stand from it."""
    for head, after in pairwise(heads):
        if head.field == "description" and head.x0 - 4 <= cell.x0 and cell.x1 <= after.x0 + 4:
            return [("description", list(cell.words))] if not FIGURES.fullmatch(cell.text) else []
    return []


def _nearest(x0: float, x1: float, heads: list[Column]) -> Column:
    """The head that a stretch overlaps most or stands closest to; a text belongs rather to a head it begins with."""

    def far(head: Column) -> tuple[float, float]:
        overlap = min(x1, head.x1) - max(x0, head.x0)
        if overlap > 0:
            return (0.0, -overlap)
        return (max(head.x0 - x1, x0 - head.x1), min(abs(head.x0 - x0), abs(head.x1 - x1)))

    return min(heads, key=far)
