"""Lines as they arrive from elsewhere: cells of a spreadsheet, a CSV file, or the words of a mail, read line by line."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from django.db.models.functions import Upper

from comptoir.catalog.models import CustomerPart, Product
from comptoir.customers.models import Customer
from comptoir.lib.said_days import day
from comptoir.lib.text import fold
from comptoir.orders.typed import Typed

MOST_LINES, MOST_CELL = 300, 200
COLUMNS = {
    "part": "part product article artikel reference ref item number varenr vare nummer produkt cislo artikul kod "
    "sku code designation",
    "quantity": "quantity qty quantite qte antal maengde menge mnozstvo pocet kolichestvo broy pcs",
    "requested_on": "requested date delivery day wanted livraison delai levering dato leveringsdato datum termin dodanie "
    "data dostavka",
    "unit_price": "price unitprice prix pu pris cena preis tsena",
}
UNITS = (
    r"pcs|pce|pc|pieces|piece|stk|st|stuck|ks|kus|kusov|br|broya|szt"
    r"|units|unit|ea|each|boxes|box|cartons|carton|m|kg|l|set|sets|pallets|pallet"
)
NUMBER = r"\d+(?:[.,]\d{1,9})?"
PACKED = re.compile("(box|carton|pallet)(?:es|s)?$")
QUANTITY = (
    re.compile(rf"\b(?:qty|quantity|quantite|qte|antal|mnozstvo|menge|kolichestvo)\.?\s*[:=]?\s*(?P<n>{NUMBER})(?:\s*(?P<u>{UNITS})\b\.?)?"),
    re.compile(rf"(?<![\w.,/-])(?P<n>{NUMBER})\s*(?:x|\*)\s+"),
    re.compile(rf"(?<![\w])[x*]\s*(?P<n>{NUMBER})(?![\w.,/-])"),
    re.compile(rf"(?<![\w.,/-])(?P<n>{NUMBER})\s*(?P<u>{UNITS})\b\.?"),
    re.compile(rf"^(?P<n>{NUMBER})\s+(?=\S)"),
    re.compile(rf"(?<=\s)(?P<n>{NUMBER})$"),
)  # fmt: skip
PRICE = re.compile(
    rf"(?:@|(?<=\s)a|at|prix|price|pris|cena|eur|usd|dkk|bgn|€|\$)\s*[:=]?\s*(?P<p>{NUMBER})\s*(?:eur|usd|dkk|bgn|€|\$)?|(?P<q>{NUMBER})\s*(?:eur|usd|dkk|bgn|€|\$)(?!\w)"
)
DATES = (
    re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    re.compile(r"(?<![\w.,/-])\d{1,2}[./]\s?\d{1,2}[./]\s?(?:\d{4}|\d{2})(?!\w)"),
    re.compile(r"(?<![\w.,/-])\d{1,2}[./]\d{1,2}\.?(?![\w%])"),
    re.compile(r"\b(?:wk|week|kw|uge|sem|semaine|tyzden|sedmitsa)\.?\s*\d{1,2}\b"),
    re.compile(r"(?<![\w.,/-])\d{1,2}(?:st|nd|rd|th|er|\.)?\s+[a-z]{3,12}\.?(?:\s+\d{4})?\b"),
)  # fmt: skip
BEFORE_A_DAY = re.compile(
    r"(?:\b(?:for|by|on|pour|le|au|avant le|den|til|senest|do|na|za|fur|bis|am|delivery|livraison|levering)\b[\s:]*)+$"
)
FILLING = re.compile(
    r"^(?:\s|[-–*•·:,;.()]|\b(?:of|de|d|des|af|von|ot|pos|position|item|ref|reference)\b\.?)+|(?:\s|[-–:,;.()]|\b(?:for|by|pour|til|do|za|at|a|each|of|de)\b)+$"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The lines that were read, and how many were passed over as no lines of an order."""

    lines: list[Typed]
    passed: int


def read_text(customer: Customer, text: str) -> Taken:
    """The order lines in what was pasted: a table where its lines have tabs or semicolons, else a person's words."""
    rows = [line for line in text.replace("\r", "").replace("\0", "").split("\n") if line.strip()][: MOST_LINES * 2]
    if any("\t" in line for line in rows):
        return read_table([line.split("\t") for line in rows])
    if rows and all(line.count(";") >= 1 for line in rows):
        return read_table(list(csv.reader(io.StringIO("\n".join(rows)), delimiter=";")))
    return read_words(customer, rows)


def read_file(customer: Customer, text: str) -> Taken:
    """The lines of a file's text: a table by the sign its first row has most of, else words as in a mail."""
    text = text.replace("\0", "")
    first = text.split("\n", 1)[0]
    sign = max("\t;,", key=first.count)
    if not first.count(sign):
        return read_text(customer, text)
    try:
        return read_table(list(islice(csv.reader(io.StringIO(text), delimiter=sign), MOST_LINES * 2)))
    except csv.Error:
        return read_text(customer, text)


def read_table(rows: Sequence[Sequence[str]]) -> Taken:
    """Cells by the names in the first row, else in the order part, quantity, day, price."""
    named = _named(rows[0]) if rows else {}
    places = named or dict(enumerate(("part", "quantity", "requested_on", "unit_price")))
    lines = [_of_cells(row, places) for row in rows[1 if named else 0 :]]
    kept = [line for line in lines if not line.is_empty][:MOST_LINES]
    return Taken(kept, len(lines) - len(kept))


def _named(head: Sequence[str]) -> dict[int, str]:
    """Which columns the first row names; nothing unless it names a part and a quantity."""
    found: dict[int, str] = {}
    for index, cell in enumerate(head):
        words = set(re.findall(r"[a-z]+", fold(cell)))
        name = next((n for n, known in COLUMNS.items() if words & set(known.split()) and n not in found.values()), "")
        if name:
            found[index] = name
    return found if {"part", "quantity"} <= set(found.values()) else {}


def _of_cells(row: Sequence[str], places: dict[int, str]) -> Typed:
    cells = {name: row[index].strip()[:MOST_CELL] for index, name in places.items() if index < len(row)}
    return Typed.of(cells)


def read_words(customer: Customer, rows: Iterable[str]) -> Taken:
    """Lines like «10 x HP-2040 for 12.12.»; a day that stands alone holds for the lines that have none."""
    read = [(row, *_parted(row)) for row in rows]
    known = _known(customer, [part for _row, line, _q in read for part in _candidates(line.part)])
    lines, days = [], []
    for row, line, _has_quantity in read:
        line.part, is_known = _part_in(line.part, known)
        if is_known or (line.quantity and re.search(r"\d", line.part) and len(line.part.split()) <= 4):
            lines.append(line)
        elif line.requested_on and not re.search(r"\d{5}", row):
            days.append(line.requested_on)
    if len(days) == 1:
        for line in lines:
            line.requested_on = line.requested_on or days[0]
    return Taken(lines[:MOST_LINES], len(read) - len(lines))


def _parted(row: str) -> tuple[Typed, bool]:
    """The day, the price and the quantity a line says; what is left names the part."""
    left = fold(row[:MOST_CELL]) if not row.isascii() else row[:MOST_CELL]
    line = Typed()
    low = left.lower()
    for pattern in DATES:
        if (found := _last(pattern, low)) and _is_day(found[0].strip()):
            line.requested_on = found[0].strip()
            start = BEFORE_A_DAY.search(low[: found.start()])
            left = left[: start.start() if start else found.start()] + " " + left[found.end() :]
            low = left.lower()
            break
    if found := PRICE.search(low):
        line.unit_price = found["p"] or found["q"]
        left, low = _without(left, found)
    for pattern in QUANTITY:
        if found := pattern.search(low.strip()):
            said = found.groupdict()
            packed = PACKED.match(said.get("u") or "")
            line.quantity = f"{said['n']} {packed[1]}" if packed else said["n"]
            left, low = _without(left.strip(), found)
            break
    line.part = " ".join(FILLING.sub("", FILLING.sub("", left)).split())
    return line, bool(line.quantity)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _is_day(text: str) -> bool:
    try:
        return day(text) is not None
    except ValueError:
        return False


def _without(text: str, found: re.Match[str]) -> tuple[str, str]:
    left = f"{text[: found.start()]} {text[found.end() :]}"
    return left, left.lower()


def _candidates(part: str) -> list[str]:
    """What in a line's words may be a part: all of them, without what is in brackets, and each that has a digit."""
    words = [word.strip("()[],;:.") for word in part.split()]
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return [part, re.sub(r"\(.*?\)", "", part).strip(), *(word for word in words if re.search(r"\d", word)), *pairs]


def _known(customer: Customer, texts: Iterable[str]) -> set[str]:
    """Which of some texts name a part, in lower case: our number, the customer's, or a product's name (three queries)."""
    asked = {text.upper() for text in texts if text}
    numbers = Product.objects.annotate(big=Upper("number")).filter(big__in=asked).values_list("big", flat=True)
    theirs = CustomerPart.objects.filter(customer=customer).annotate(big=Upper("part_number")).filter(big__in=asked)
    names = Product.objects.filter(sort_key__in={fold(text) for text in asked}).values_list("sort_key", flat=True)
    return {text.lower() for text in (*numbers, *theirs.values_list("big", flat=True), *names)}


def _part_in(part: str, known: set[str]) -> tuple[str, bool]:
    for text in _candidates(part):
        if text and (text.lower() in known or fold(text) in known):
            return text, True
    return part, False
