"""What a confirmed document teaches of its layout: which label, which column, which signs and which parts."""

from collections.abc import Iterator
from decimal import Decimal

from comptoir.lib.documents import Read, Word
from comptoir.orders.extract import LABEL_OF, plain
from comptoir.orders.extract.discounts import KINDS, net_price, taken_off
from comptoir.orders.extract.items import FIGURES
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.phrases import called_in
from comptoir.orders.extract.rows import SHEETS, Row, rows_of, split
from comptoir.orders.extract.table import heads_in, is_head
from comptoir.orders.extract.values import day_in, decimal_sign, number_in
from comptoir.orders.extract.vocabulary import COLUMN_OF
from comptoir.orders.inbound import Fields, Inbound, said, written
from comptoir.orders.models import Line, Order
from comptoir.orders.naming import learn_names

LABEL_WORDS = 4
DAYS = ("po_date", "requested_on")
CENT = Decimal("0.01")
DAY_WORDS = 3  # 18 December 2026, 18. 12. 2026


def learn(read: Read, inbound: Inbound, order: Order, before: Layout, alone: list[str]) -> Layout:
    """The layout as the order teaches it. `alone` has, by line of the document, the number its text alone names."""
    rows = rows_of(read)
    lines = list(order.lines.select_related("product").prefetch_related("schedule_lines"))
    taught = Layout(**before.as_json())
    taught.days = _days(rows, lines, taught) or taught.days
    _learn_label(taught, rows, read, inbound, "po_number", order.po_number)
    if order.po_date:
        _learn_label(taught, rows, read, inbound, "po_date", order.po_date.isoformat())
    _learn_columns(taught, rows, read, inbound, lines)
    _learn_discount(taught, rows, read, inbound, lines)
    days = {line.schedule_lines.all()[0].requested_on for line in lines}
    if len(days) == 1 and "requested_on" not in taught.columns and not any("requested_on" in s for s in inbound.lines):
        _learn_label(taught, rows, read, inbound, "requested_on", days.pop().isoformat())
    taught.heads = _heads(rows, read, taught)
    for said_line, number, line in zip(inbound.lines, alone, lines, strict=False):
        text = written(said_line)
        if len(inbound.lines) == len(lines) and text and not number and _agrees(said_line, line, "quantity"):
            taught.parts[text] = line.product.number
    if read.kind == "mail":
        sign = decimal_sign((w.text for w in read.words if day_in(w.text) is None), taught.decimals or ",")
        learn_names(taught, called_in(rows, sign), lines, alone)
    return taught


def _heads(rows: list[Row], read: Read, layout: Layout) -> list[str]:
    """The texts at the head of the first table."""
    for row in rows:
        heads = heads_in(row, layout, read.kind)
        if is_head(heads):
            return [head.text for head in heads]
    return []


def fits(layout: Layout, read: Read) -> bool:
    """True when a document has the heads of a layout; one without heads fits every document of its kind."""
    texts = f" {plain(' '.join(w.text for w in read.words))} "
    return all(f" {word} " in texts for head in layout.heads for word in head.split())


def _days(rows: list[Row], lines: list[Line], taught: Layout) -> str:
    """mdy where only that reads what was confirmed."""
    for line in lines:
        found = _row_of(rows, line, taught)
        meant = line.schedule_lines.all()[0].requested_on
        for word in rows[found[0]].words if found else ():
            dmy, mdy = day_in(word.text), day_in(word.text, "mdy")
            if mdy and mdy[1] == meant and (dmy is None or dmy[1] != meant):
                return "mdy"
    return ""


def _reads(word_text: str, name: str, meant: str, days: str) -> bool:
    if name in DAYS:
        found = day_in(word_text, days or "dmy")
        return found is not None and found[1].isoformat() == meant
    return word_text.strip(".,;:#()") == meant


def _learn_label(taught: Layout, rows: list[Row], read: Read, inbound: Inbound, name: str, meant: str) -> None:
    """The text before, or above, the place where the confirmed value stands; only where it was not read already."""
    if not meant or inbound.said(name) == meant:
        return
    for index, row in enumerate(rows):
        words = [piece for w in row.words for piece in (split(w) if read.kind in SHEETS else [w])]
        for at in _starts(words, name, meant, taught.days):
            label = _before(words[:at]) or (_above(rows[index - 1], words[at]) if index else "")
            if label:
                taught.labels[name] = label
                return


def _starts(words: list[Word], name: str, meant: str, days: str) -> Iterator[int]:
    """Where in a line a value begins; a day may be several words."""
    for size in range(1, DAY_WORDS + 1 if name in DAYS else 2):
        for at in range(len(words) - size + 1):
            if _reads(" ".join(w.text for w in words[at : at + size]), name, meant, days):
                yield at


def _before(words: list[Word]) -> str:
    """The label that ends right before: as far back as the last sign that ends another value."""
    kept: list[str] = []
    for word in reversed(words[-LABEL_WORDS:]):
        if kept and word.text.endswith((":", ",", ";", ".")) and any(c.isalnum() for c in "".join(kept)):
            break
        kept.insert(0, word.text)
    return plain(" ".join(kept))


def _above(row: Row, word: Word) -> str:
    return plain(" ".join(w.text for c in row.cells for w in c.words if c.x1 > word.x0 - 4 and c.x0 < word.x1 + 4))


def _learn_columns(taught: Layout, rows: list[Row], read: Read, inbound: Inbound, lines: list[Line]) -> None:
    """The heads over the places where confirmed values stand that were not read, or not read so."""
    signs = decimal_sign((w.text for w in read.words if day_in(w.text) is None), taught.decimals or ",")
    same = len(inbound.lines) == len(lines) and bool(_heads(rows, read, taught))
    is_dated = bool(inbound.said("requested_on"))
    missing = [
        n
        for n in ("part", "quantity", "requested_on", "unit_price", "description")
        if not same or any(not _agrees(s, line, n, is_dated) for s, line in zip(inbound.lines, lines, strict=True))
    ]
    if not missing:
        return
    for line in lines:
        found = _row_of(rows, line, taught)
        if found is None:
            continue
        index, _word = found
        for name in missing:
            word = _word_for(rows[index], line, name, signs, taught)
            head = _head_over(rows, index, word) if word else ""
            if word and head and COLUMN_OF.get(head) != name:
                taught.columns[name] = head
        if all(n in taught.columns for n in missing):
            return


def _learn_discount(taught: Layout, rows: list[Row], read: Read, inbound: Inbound, lines: list[Line]) -> None:
    """The column that says by how much the confirmed prices are lower than those that were read, and how it is meant."""
    sign = decimal_sign((w.text for w in read.words if day_in(w.text) is None), taught.decimals or ",")
    pairs = zip(inbound.lines, lines, strict=True) if len(inbound.lines) == len(lines) else ()
    found = [_discounts(taught, rows, theirs, line, sign) for theirs, line in pairs if _is_lower(theirs, line)]
    meant = set.intersection(*found) if found else set()
    if meant:
        head, kind = min(meant, key=lambda one: KINDS.index(one[1]))
        taught.discount = kind
        if COLUMN_OF.get(head) != "discount":
            taught.columns["discount"] = head


def _is_lower(theirs: Fields, line: Line) -> bool:
    """True where the price that was read is higher than the confirmed one, and nothing is known to be taken off it."""
    if not said(theirs, "unit_price") or said(theirs, "discount"):
        return False
    return net_price(theirs) / Decimal(said(theirs, "per") or 1) > line.unit_price / line.per


def _discounts(taught: Layout, rows: list[Row], theirs: Fields, line: Line, sign: str) -> set[tuple[str, str]]:
    """Heads over numbers of the line that, taken off its price in one way, come to the confirmed one."""
    place, per = _row_of(rows, line, taught), Decimal(said(theirs, "per") or 1)
    if place is None:
        return set()
    found, other = set(), {head for name, head in taught.columns.items() if name != "discount"}
    for word in rows[place[0]].words:
        number = number_in(word.text, sign) if day_in(word.text) is None else None
        head = _head_over(rows, place[0], word) if number and number[1] else ""
        if number is None or not head or head in other or COLUMN_OF.get(head, "discount") != "discount":
            continue
        for kind in KINDS[1:]:
            price = taken_off(Decimal(said(theirs, "unit_price")), abs(number[1]), kind, line.quantity, per)
            if abs(price / per - line.unit_price / line.per) <= CENT / 2:
                found.add((head, kind))
    return found


def _agrees(said_line: dict, line: Line, name: str, is_dated: bool = True) -> bool:  # type: ignore[type-arg]
    """True where what was read of a line is what was confirmed; a price and a text need only be there."""
    text = said(said_line, name)
    if name == "quantity":
        return bool(text) and Decimal(text) == line.quantity
    if name == "requested_on":
        return text == line.schedule_lines.all()[0].requested_on.isoformat() or (not text and is_dated)
    return bool(text)


def _row_of(rows: list[Row], line: Line, taught: Layout) -> tuple[int, Word] | None:
    """Where the document names a line's part."""
    numbers = {line.product.number.casefold(), line.customer_part.casefold()} - {""}
    numbers |= {raw.casefold() for raw, number in taught.parts.items() if number == line.product.number}
    for index, row in enumerate(rows):
        for word in row.words:
            if word.text.strip(".,;:()").casefold() in numbers:
                return index, word
    return None


def _word_for(row: Row, line: Line, name: str, sign: str, taught: Layout) -> Word | None:
    for word in row.words:
        if name == "part" and word.text.casefold() in (line.product.number.casefold(), line.customer_part.casefold()):
            return word
        if name == "requested_on" and _reads(
            word.text, name, line.schedule_lines.all()[0].requested_on.isoformat(), taught.days
        ):
            return word
        if name == "description" and _describes(word.text, line):
            return word
        number = number_in(word.text, sign)
        if number and name == "quantity" and number[1] == line.quantity and day_in(word.text) is None:
            return word
        if number and name == "unit_price" and number[1] == line.unit_price:
            return word
    return None


def _describes(text: str, line: Line) -> bool:
    """True for a text that has a word of the product's name in common, and is not its number."""
    own = {word for word in plain(line.product.name).split() if len(word) > 3}
    return text.casefold() != line.product.number.casefold() and bool(own & set(plain(text).split()))


def _head_over(rows: list[Row], index: int, word: Word) -> str:
    """The text at the head of the column in which a word stands: the nearest line above with several texts, no number."""
    for row in reversed(rows[max(0, index - 30) : index]):
        if any(FIGURES.fullmatch(c.text) or day_in(c.text) for c in row.cells):
            continue  # another line
        over = [c for c in row.cells if c.x1 > word.x0 - 6 and c.x0 < word.x1 + 6]
        text = plain(over[0].text) if over else ""
        if len(row.cells) >= 3 and text and not any(c.isdigit() for c in text) and LABEL_OF.get(text) is None:
            return text
        if len(row.cells) >= 3 and text and COLUMN_OF.get(text):
            return text
    return ""
