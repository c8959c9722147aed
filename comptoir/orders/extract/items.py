"""Lines of a table as they grow together: descriptions that wrap, numbers broken in a narrow cell, what goes on over a page."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from comptoir.lib.documents import Word
from comptoir.orders.extract.rows import SHEETS, Row

FIGURES = re.compile(r"[\d.,\s]+")
NUMERIC = ("quantity", "unit_price", "net")
# What a narrow cell breaks in the middle: 1 240,0|0, NB-32-|160, 18.12.|2026.
BROKEN_AS_ONE = (*NUMERIC, "part", "requested_on")


@dataclass(slots=True)
class Item:
    """A line of the table: by field the words that stand in its column."""

    page: int
    middle: float
    height: float
    words: dict[str, list[Word]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """What stands in a column, pieces of what a line's end broke put together again."""
        words = self.words.get(name, [])
        told = words[0].text if words else ""
        for before, word in pairwise(words):
            is_next_line = word.page > before.page or word.top - before.top > 0.4 * (word.bottom - word.top)
            if is_next_line and name in BROKEN_AS_ONE:
                told += word.text
            elif is_next_line and len(before.text) > 1 and before.text.endswith("-"):
                told = _joined(told, word.text, self.whole)
            else:
                told += f" {word.text}"
        return told


def _joined(told: str, word: str, whole: frozenset[str]) -> str:
    """Two pieces around a hyphen at a line's end: one word, unless it is one of those the document has with a hyphen."""
    first, second = told.rsplit(" ", 1)[-1], word.strip(".,;:()")
    is_word = first[-2:-1].islower() and second[:1].islower()
    is_hyphened = f"{first}{second}".casefold() in whole
    return told[:-1] + word if is_word and not is_hyphened else told + word


def attach(loose: list[tuple[Item, Row]], items: list[Item], kind: str) -> None:
    """Lines without a quantity go on with the item they stand closest to, if need be over other such lines."""
    if kind in SHEETS:
        return
    every = sorted([*items, *(more for more, _row in loose)], key=lambda one: (one.page, one.middle))
    group = list(range(len(every)))
    heads = {id(item) for item in items}
    if _are_below(every, heads):
        return _hang(every, heads)
    for index, one in enumerate(every):
        if id(one) not in heads and (other := _closest(every, index)) is not None:
            old, new = group[index], group[other]
            group = [new if g == old else g for g in group]
    for number in sorted(set(group)):
        members = [index for index, g in enumerate(group) if g == number]
        item = next((every[i] for i in members if id(every[i]) in heads), None) or _beside(every, group, members, heads)
        for index in members:
            if item is not None and id(every[index]) not in heads:
                _join(item, every[index])


def _are_below(every: list[Item], heads: set[int]) -> bool:
    """True where further lines plainly stand below their item's first: evenly, and the next item at another distance.

    Closeness alone gives the last of them to the next item where the rows of a table stand tight.
    """
    votes = 0
    places = [index for index, one in enumerate(every) if id(one) in heads]
    for start, end in pairwise(places):
        gaps = [b.middle - a.middle for a, b in pairwise(every[start : end + 1])]
        if len(gaps) < 3 or every[start].page != every[end].page:
            continue
        is_even = max(gaps[:-1]) - min(gaps[:-1]) < 1
        votes += 1 if is_even and gaps[-1] < gaps[0] - 1 else -1 if not is_even or gaps[-1] < gaps[0] + 1 else 0
    return votes > 0 and votes * 2 > len(places) - 1


def _hang(every: list[Item], heads: set[int]) -> None:
    """Give each further line to the item above it."""
    above: Item | None = None
    for one in every:
        if id(one) in heads:
            above = one
        elif above is not None:
            _join(above, one)


def _beside(every: list[Item], group: list[int], members: list[int], heads: set[int]) -> Item | None:
    """The item of the lines right above or right below some that hang together, whichever is closer.

    What stands at the top of a page away from everything goes on with the last item of the page before.
    """
    first, last = members[0], members[-1]
    near = [(abs(every[end].middle - every[at].middle), at) for end, at in ((first, first - 1), (last, last + 1))
            if 0 <= at < len(every) and every[at].page == every[first].page]  # fmt: skip
    distance, at = min(near, default=(1e9, 0), key=lambda pair: (round(pair[0]), -pair[1]))
    is_first = first > 0 and every[first - 1].page == every[first].page - 1
    if is_first and distance > 1.15 * _pitch(every, members):
        at = first - 1
    elif distance > 2.1 * every[first].height:
        at = -1
    if at < 0:
        return None
    return next((every[i] for i, number in enumerate(group) if number == group[at] and id(every[i]) in heads), None)


def _pitch(every: list[Item], members: list[int]) -> float:
    """How far lines that hang together lie apart; of a single line, what is usual for its height."""
    gaps = [every[b].middle - every[a].middle for a, b in pairwise(members)]
    return min(gaps) if gaps else 1.25 * every[members[0]].height


def _closest(every: list[Item], index: int) -> int | None:
    """The neighbour above or below that a line belongs to: the closer one, the one above where both are as close."""
    here = every[index]
    above = every[index - 1] if index and every[index - 1].page == here.page else None
    below = every[index + 1] if index + 1 < len(every) and every[index + 1].page == here.page else None
    up = here.middle - above.middle if above else 1e9
    down = below.middle - here.middle if below else 1e9
    is_over_from_before = above is None and index > 0 and down > 1.15 * 1.25 * here.height
    if min(up, down) > 2.1 * here.height or is_over_from_before:
        return None
    return index - 1 if up <= down + 0.6 else index + 1


def _join(item: Item, more: Item) -> None:
    """Words of a further line, put where they stand from top to bottom."""
    for name, words in more.words.items():
        target = name
        if name in NUMERIC or name == "requested_on":
            target = name if _goes_on(item, name, words) else "more"
        elif name not in ("description", "part") or (
            name == "part" and item.text("part") and not _is_broken(item, more)
        ):
            target = "more"
        kept = item.words.setdefault(target, [])
        kept[:] = sorted([*kept, *words], key=lambda w: (w.page, round(w.top), w.x0))


def _is_broken(item: Item, more: Item) -> bool:
    """True when a part number goes on in another line: the upper piece ends in a hyphen."""
    upper = min((item, more), key=lambda one: one.middle)
    return upper.text("part").endswith(("-", "/", "_"))


def _goes_on(item: Item, name: str, words: list[Word]) -> bool:
    """True for figures that are a piece of a number or a day: the item has none of its own, or has the other piece."""
    own = item.words.get(name, [])
    if not all(FIGURES.fullmatch(word.text) for word in [*words, *own]):
        return False
    if not own:
        return True
    pieces = sorted([*own, *words], key=lambda word: (round(word.top), word.x0))
    upper = pieces[0].text if len(pieces) == 2 else " ".join(w.text for w in pieces if w.top < pieces[-1].top - 2)
    return bool(re.search(r"[.,]\d?$", upper)) and bool(re.fullmatch(r"\d{1,4}", pieces[-1].text))
