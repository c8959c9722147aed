"""A sheet printed wider than its paper: columns that go on over the next pages are put beside each other again."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from comptoir.lib.documents import Page, Read, Word
from comptoir.orders.inbound import Inbound, Value


def spreads(read: Read) -> Iterator[tuple[Read, Callable[[Inbound], None]]]:
    """Each way in which equal pages may lie beside each other, and what gives the places read there back to their own pages."""
    count = len(read.pages)
    if read.kind != "pdf" or count < 2 or len({(page.width, page.height) for page in read.pages}) > 1:
        return
    for across in (n for n in range(2, count + 1) if count % n == 0):
        down = count // across
        for is_down_first in (True, False) if down > 1 else (True,):
            yield _spread(read, across, down, is_down_first)


def _spread(read: Read, across: int, down: int, is_down_first: bool) -> tuple[Read, Callable[[Inbound], None]]:
    width, height = read.pages[0].width, read.pages[0].height

    def spot(page: int) -> tuple[int, int]:
        return ((page - 1) // down, (page - 1) % down) if is_down_first else ((page - 1) % across, (page - 1) // across)

    def moved(word: Word) -> Word:
        column, row = spot(word.page)
        return replace(word, page=row + 1, x0=word.x0 + column * width, x1=word.x1 + column * width)

    pages = {spot(page): page for page in range(1, len(read.pages) + 1)}

    def give_back(found: Inbound) -> None:
        found.header = {name: _back(value, pages, across) for name, value in found.header.items()}
        found.lines = [{name: _back(value, pages, across) for name, value in line.items()} for line in found.lines]

    return Read(read.kind, [Page(width * across, height)] * down, [moved(word) for word in read.words]), give_back


def _back(value: Value, pages: dict[tuple[int, int], int], across: int) -> Value:
    if value.place is None:
        return value
    page, x0, top, x1, bottom = value.place
    column = min(int(x0 * across), across - 1)
    start, end = x0 * across - column, min(x1 * across - column, 1.0)
    return replace(value, place=(pages[column, page - 1], round(start, 4), top, round(end, 4), bottom))
