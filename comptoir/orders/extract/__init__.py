"""What a document orders: words become the neutral inbound document. Pure: nothing here asks the database."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from comptoir.lib.documents import Read, Word
from comptoir.lib.language import guess
from comptoir.orders.extract.catalogue import NO_NAMES, Catalogue, propose
from comptoir.orders.extract.discounts import net_price, settle
from comptoir.orders.extract.head import header_of, in_columns
from comptoir.orders.extract.items import Item
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.phrases import listed_in, taught_in
from comptoir.orders.extract.rows import SHEETS, Row, rows_of, value_of
from comptoir.orders.extract.spread import spreads
from comptoir.orders.extract.table import Table, table_in
from comptoir.orders.extract.values import as_text, day_in, day_order, decimal_sign, number_in, soon
from comptoir.orders.extract.vocabulary import CURRENCIES, LABEL_OF, NET, UNIT_OF, plain, spoken_in, unit_of
from comptoir.orders.inbound import Fields, Inbound, Value

ABOUT = Decimal("0.02")
COUNTED = re.compile(
    r"[€£$x×*(]*\d[\d.,'’]*(?:[x×*€£$]|[^\W\d]{1,8})?[.)]*[.,;:]*$"
)  # a number, and no piece of 32-160 nor an order
LATER = re.compile(r"(\d)\s*[x×*]\s*$|^\s*[x×*]\s*(\d)")


def extract(
    read: Read, layout: Layout, parts: Collection[str], language: str, today: date, names: Catalogue = NO_NAMES
) -> Inbound:
    """What a document says, as its layout was taught and else by its words.

    `parts` are the numbers known, casefolded, `names` the catalogue's: another form of one is taken for it, and says so.
    """
    found, is_table = _extract(read, layout, parts, language, today, names)
    for beside, give_back in () if is_table else spreads(read):
        other, is_other_table = _extract(beside, layout, parts, language, today, names)
        if is_other_table and (not is_table or len(other.lines) > len(found.lines)):
            give_back(other)
            found, is_table = other, True
    return found


def _extract(
    read: Read, layout: Layout, parts: Collection[str], language: str, today: date, names: Catalogue
) -> tuple[Inbound, bool]:
    """What the pages say as they lie, and whether a table was found in them."""
    rows = rows_of(read)
    layout = replace(layout, days=layout.days or day_order(w.text for w in read.words))
    spoken = spoken_in(w.text for w in read.words[:600]) or guess(" ".join(w.text for w in read.words[:600]), language)
    sign = layout.decimals or decimal_sign(
        (w.text for w in read.words if day_in(w.text) is None), "." if spoken == "en" else ","
    )
    table = table_in(rows, layout, read.kind, sign)
    found = Inbound(language=spoken)
    found.header = header_of(rows, table.rows, read, layout, today)
    found.header |= {
        k: v for k, v in in_columns(rows, table.rows, read, layout, today).items() if k not in found.header
    }
    found.lines = [_line(item, read, layout, parts, sign, today) for item in table.items]
    settle(found.lines, _is_percent(table), _is_net(table), layout.discount)
    for fields in found.lines:
        propose(fields, layout.parts, parts, names, {spoken, language})
    if not found.lines:
        found.lines = _free(rows, read, layout, parts, sign, today, {spoken, language}, names)
    _check_totals(found, table, read, sign)
    return found, bool(table.items)


def _is_percent(table: Table) -> bool:
    """True where a % sign stands at the head of the discounts, or beside one."""
    return any(head.is_percent for head in table.heads if head.field == "discount") or any(
        "%" in item.text("discount") for item in table.items
    )


def _is_net(table: Table) -> bool:
    return any(head.text.startswith(NET) for head in table.heads if head.field == "unit_price")


def _line(item: Item, read: Read, layout: Layout, parts: Collection[str], sign: str, today: date) -> Fields:
    fields: Fields = {}
    _ours_first(item, parts)
    for name in ("position", "part", "description"):
        if text := item.text(name).strip():
            fields[name] = value_of(item.words[name], text, read)
    for name in ("quantity", "unit_price", "per", "net"):
        if (words := item.words.get(name)) and (number := number_in(item.text(name), sign)):
            fields[name] = value_of(words, as_text(number[1]), read, item.text(name))
    if (words := item.words.get("discount")) and (number := number_in(item.text("discount"), sign)):
        fields["discount"] = value_of(words, as_text(abs(number[1])), read, item.text("discount"))
    if (words := item.words.get("unit")) and item.text("unit"):
        fields["unit"] = value_of(words, unit_of(item.text("unit")), read)
    elif (words := item.words.get("quantity")) and (unit := _unit_in(words)):
        fields["unit"] = value_of([unit], unit_of(re.sub(r"[\d.,]", "", unit.text)), read)
    _dated(fields, item, read, layout, today)
    _per(fields, item, read)
    return fields


def _ours_first(item: Item, parts: Collection[str]) -> None:
    """Where the column of parts has a number of the customer's that nobody knows, and another line of it ours: ours."""
    words = item.words.get("part", [])
    if item.text("part").casefold() in parts:
        return
    known = [w for w in (*words, *item.words.get("more", [])) if _bare(w.text) in parts]
    if len({_bare(w.text) for w in known}) == 1:
        item.words["part"] = known[:1]


def _unit_in(words: list[Word]) -> Word | None:
    return next((w for w in words if re.sub(r"[\d.,]", "", w.text).casefold() in UNIT_OF), None)


def _dated(fields: Fields, item: Item, read: Read, layout: Layout, today: date) -> None:
    """The day a line is wanted: of its column, else one that its description names."""
    for name in ("requested_on", "description", "more"):
        words = item.words.get(name)
        if words and (found := day_in(item.text(name), layout.days or "dmy")) and soon(found[1], today):
            exact = [w for w in words if any(p in w.text for p in found[0].split())]
            fields["requested_on"] = value_of(exact or words, found[1].isoformat(), read, found[0])
            return


def _per(fields: Fields, item: Item, read: Read) -> None:
    """A price for a hundred or a thousand says so beside it: 12,50 / 100."""
    text = item.text("unit_price")
    found = re.search(r"(?:/|per|par|pr\.?|za|за|je)\s*(10|100|1000)\b", text)
    if found and "per" not in fields:
        fields["per"] = value_of(item.words["unit_price"], found[1], read, found[0])


def _free(
    rows: list[Row], read: Read, layout: Layout, parts: Collection[str], sign: str, today: date, languages: set[str],
    names: Catalogue,
) -> list[Fields]:  # fmt: skip
    """Lines written without a table: a known part number with a number beside it (20 x HP-1200, - HP-1200: 20 pcs)."""
    taught = {raw.casefold() for raw in layout.parts}
    named = []
    for row in rows:
        if read.kind == "mail" and row.text.lstrip().startswith((">", "|")):
            continue
        if (
            word := next((w for w in row.words if _bare(w.text) in parts or _bare(w.text) in taught), None)
        ) is not None:
            named.append((row, word))
    called = _called_in(rows, named, layout, sign, languages, names) if read.kind == "mail" else []
    is_numbered = read.kind != "mail" and _are_positions([row.words[0].text for row, _word in named])
    lines = (_free_line(row, word, read, layout, sign, today, is_numbered) for row, word in named)
    return [*(fields for fields in lines if fields is not None), *(_called(one, read) for one in called)]


def _called_in(
    rows: list[Row], named: list[tuple[Row, Word]], layout: Layout, sign: str, languages: set[str], names: Catalogue
) -> list[tuple[list[Word], str, Word, Decimal]]:
    """What a mail names by the words it was taught, and else by those of the catalogue where no number is named beside."""
    numbers = {id(word) for _row, word in named}
    taught = [
        one for one in taught_in(rows, layout.parts, sign, languages) if not any(id(w) in numbers for w in one[0])
    ]
    used = {id(word) for row, _word in named for word in row.words} | {
        id(word) for one in taught for word in (*one[0], one[2])
    }
    listed = listed_in(rows, names, sign, languages)
    return taught + [one for one in listed if not any(id(word) in used for word in (*one[0], one[2]))]


def _called(found: tuple[list[Word], str, Word, Decimal], read: Read) -> Fields:
    """A line that a mail writes with a name."""
    words, name, counted, quantity = found
    return {"part": value_of(words, name, read), "quantity": value_of([counted], as_text(quantity), read, counted.text)}


def _are_positions(texts: list[str]) -> bool:
    """True for numbers that count the lines, by ones or by tens."""
    told = [int(text.rstrip(".")) if text.rstrip(".").isdecimal() else 0 for text in texts]
    return any(told == [step * n for n in range(1, len(told) + 1)] for step in (1, 10))


def _bare(text: str) -> str:
    return text.strip("-•*,;:.()[]«»\"'").casefold() if len(text) > 2 else ""


def _free_line(
    row: Row, named: Word, read: Read, layout: Layout, sign: str, today: date, is_numbered: bool
) -> Fields | None:  # fmt: skip
    others = [w for w in row.words[is_numbered:] if w is not named]
    dated = day_in(row.text, layout.days or "dmy")
    if dated:
        pieces = dated[0].split()
        others = [w for w in others if not any(p in w.text for p in pieces)]
    numbers = [
        (w, n[1])
        for w in others
        if COUNTED.match(w.text) and (n := number_in(w.text, sign)) and not _spells(named, w, others)
    ]
    priced = [(w, n) for w, n in numbers if _is_price(w, others, sign)]
    counted = [(w, n) for w, n in numbers if (w, n) not in priced and n > 0]
    if not counted:
        return None
    best = next(((w, n) for w, n in counted if _unit_beside(w, others) or LATER.search(w.text)), counted[0])
    fields = {
        "part": value_of([named], named.text.strip("-•*,;:.()[]"), read),
        "quantity": value_of([best[0]], as_text(best[1]), read),
    }
    if unit := _unit_beside(best[0], others):
        fields["unit"] = value_of([unit], unit_of(re.sub(r"[\d.,]", "", unit.text)), read)
    if priced:
        fields["unit_price"] = value_of([priced[0][0]], as_text(priced[0][1]), read)
    if dated and soon(dated[1], today):
        fields["requested_on"] = value_of(
            [w for w in row.words if any(p in w.text for p in dated[0].split())], dated[1].isoformat(), read, dated[0]
        )
    return fields


def _spells(named: Word, word: Word, others: list[Word]) -> bool:
    """True for a piece of the part's own name: the 12 of "DP-12 Dosing pump DP 12" is no quantity."""
    pieces = re.split(r"[-/. ]", _bare(named.text))
    before = others[others.index(word) - 1] if others.index(word) else None
    return before is not None and before.x0 > named.x0 and _bare_of(before) in pieces and _bare_of(word) in pieces


def _bare_of(word: Word) -> str:
    return word.text.strip("*,;:.()[]«»\"'").casefold()


def _unit_beside(word: Word, others: list[Word]) -> Word | None:
    if re.sub(r"[\d.,]", "", word.text).casefold() in UNIT_OF:
        return word
    index = others.index(word)
    after = others[index + 1] if index + 1 < len(others) else None
    return after if after is not None and after.text.strip(".,;:()").casefold() in UNIT_OF else None


def _is_price(word: Word, others: list[Word], sign: str) -> bool:
    index = others.index(word)
    before = others[index - 1].text.casefold() if index else ""
    after = others[index + 1].text.upper().strip(".,;/") if index + 1 < len(others) else ""
    if any(c in word.text for c in "€£$") or after in CURRENCIES or before.upper() in CURRENCIES:
        return True
    return before in ("@", "à", "a", "at", "za", "по", "á", "zu") or bool(
        re.search(rf"{re.escape(sign)}\d\d$", word.text)
    )


def _check_totals(found: Inbound, table: Table, read: Read, sign: str) -> None:
    """Keep the document's net total; where no total agrees with the lines, say so."""
    amounts = []
    for words, text in table.totals:
        for is_number, some in groupby(words, key=lambda w: bool(re.match(r"[\d.,'\s]+$", w.text))):
            run = list(some)
            if is_number and (whole := number_in(" ".join(w.text for w in run), sign)):
                amounts.append((run, whole[1], text))
            amounts += [([w], n[1], text) for w in run if (n := number_in(w.text, sign)) and not w.text.endswith("%")]
    sums = [_net(line) for line in found.lines]
    if not amounts or not sums or None in sums:
        return
    total = sum((n for n in sums if n is not None), Decimal(0))
    agreeing = next((a for a in amounts if abs(a[1] - total) <= ABOUT * len(sums)), None)
    if agreeing is not None:
        found.header["total"] = value_of(agreeing[0], as_text(agreeing[1]), read)
    else:
        largest = max(amounts, key=lambda a: a[1])
        found.header["total"] = Value(as_text(largest[1]), as_text(largest[1]), value_of(largest[0], "", read).place)
        found.problems.append("total")


def _net(line: Fields) -> Decimal | None:
    if "net" in line:
        return Decimal(line["net"].text)
    if "unit_price" in line and "quantity" in line:
        per = Decimal(line["per"].text) if "per" in line else Decimal(1)
        return net_price(line) * Decimal(line["quantity"].text) / per
    return None


def looks_like_an_order(found: Inbound, parts: Collection[str]) -> bool:
    """True when lines were found and either a part of them is known or a purchase order is named."""
    known = any(_bare(line["part"].text) in parts for line in found.lines if "part" in line)
    return bool(found.lines) and (known or "po_number" in found.header)


__all__ = ["LABEL_OF", "SHEETS", "extract", "looks_like_an_order", "plain"]
