"""Words become lines, lines cells."""

from collections.abc import Iterable
from dataclasses import dataclass

from comptoir.lib.documents import Read, Word
from comptoir.orders.inbound import Place, Value

APART = 0.62  # a gap this much of the line's height begins a new cell
SHEETS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand close together."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(w.text for w in self.words)

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return self.words[-1].x1


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page, from left to right."""

    page: int
    top: float
    bottom: float
    words: tuple[Word, ...]
    cells: tuple[Cell, ...]

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return max(self.bottom - self.top, 4.0)

    @property
    def text(self) -> str:
        return " ".join(w.text for w in self.words)


def rows_of(read: Read) -> list[Row]:
    """The document's lines from the top of its first page to the end of its last."""
    found: list[Row] = []
    for page in range(1, len(read.pages) + 1):
        words = sorted((w for w in read.words if w.page == page), key=lambda w: ((w.top + w.bottom) / 2, w.x0))
        line: list[Word] = []
        for word in words:
            middle = (word.top + word.bottom) / 2
            if line and middle - _middle(line) > max(2.5, 0.35 * (word.bottom - word.top)):
                found.append(_row(line, read.kind))
                line = []
            line.append(word)
        if line:
            found.append(_row(line, read.kind))
    return found


def _middle(line: list[Word]) -> float:
    return sum((w.top + w.bottom) / 2 for w in line) / len(line)


def _row(line: list[Word], kind: str) -> Row:
    words = tuple(sorted(line, key=lambda w: w.x0))
    return Row(
        words[0].page, min(w.top for w in words), max(w.bottom for w in words), words, tuple(_cells(words, kind))
    )


def _cells(words: tuple[Word, ...], kind: str) -> Iterable[Cell]:
    if kind in SHEETS:
        return [Cell((word,)) for word in words]
    cells: list[list[Word]] = []
    for word in words:
        gap = word.x0 - cells[-1][-1].x1 if cells else 0
        if cells and gap < APART * (word.bottom - word.top):
            cells[-1].append(word)
        else:
            cells.append([word])
    return [Cell(tuple(cell)) for cell in cells]


def split(word: Word) -> list[Word]:
    """The words inside a sheet's cell, each with its share of the place."""
    pieces = word.text.split()
    if len(pieces) < 2:
        return [word]
    each, at, found = (word.x1 - word.x0) / max(len(word.text), 1), word.x0, []
    for piece in pieces:
        found.append(Word(piece, word.page, at, word.top, at + each * len(piece), word.bottom))
        at += each * (len(piece) + 1)
    return found


def place_of(words: Iterable[Word], read: Read) -> Place | None:
    """Where words stand, in fractions of their page."""
    some = list(words)
    if not some:
        return None
    page = read.pages[some[0].page - 1]
    same = [w for w in some if w.page == some[0].page]
    box = (min(w.x0 for w in same) / page.width, min(w.top for w in same) / page.height,
           max(w.x1 for w in same) / page.width, max(w.bottom for w in same) / page.height)  # fmt: skip
    x0, top, x1, bottom = (round(min(max(n, 0.0), 1.0), 4) for n in box)
    return some[0].page, x0, top, x1, bottom


def value_of(words: Iterable[Word], text: str, read: Read, raw: str = "") -> Value:
    """What some words say."""
    some = list(words)
    return Value((raw or " ".join(w.text for w in some))[:300], text[:300], place_of(some, read))
