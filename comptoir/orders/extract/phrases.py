"""What a mail calls goods where it names no number: the words beside a quantity, "20 of the blue hinges we had last time"."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from comptoir.lib.documents import Word
from comptoir.orders.extract.catalogue import Catalogue
from comptoir.orders.extract.forms import are_forms
from comptoir.orders.extract.rows import Row
from comptoir.orders.extract.values import day_in, number_in
from comptoir.orders.extract.vocabulary import LINE_WORDS, MONTH_OF, UNIT_OF

LONGEST = 4
ENDS = (",", ";", ":", ".", "!", "?", ")")
SIGNS = "-–—•*,;:.!?()[]«»\"'"
COUNT = re.compile(r"\d[\d.,]*[x×*]?")
# What stands between a quantity and a name, and what ends a name, in the languages of the vocabulary.
BEFORE = frozenset(
    "of the a an another our your those these this more other de des du la le les l' d' un une nos vos ces autres af den det "
    "disse vores jeres z zo tých od на от тези още von der die das den dem unsere ihre".split()
)
AFTER = frozenset(
    "if si hvis ak ако wenn "
    "we you i they it he she that which who what as like for please by before on to at in with and or but from is are "
    "was were have had has last same usual again need send deliver want order would next today pour que qui nous vous je "
    "avec et ou mais par avant dans svp s'il comme sont était avons avait vi som til før med og eller men i på fra vil "
    "har havde sidst tak prosím ktoré ktorý sme ste pre do pred s a alebo ale ako ktorých které ние които който за до "
    "преди с и или но като моля бяха wie wir die ihr für bis vor mit und oder aber bitte die letzten zuletzt".split()
)


@dataclass(frozen=True, slots=True)
class Called:
    """A quantity, and the words beside it that may name what is ordered."""

    quantity: Decimal
    name: str


def sentences(rows: Sequence[Row]) -> Iterator[list[Word]]:
    """The words of a mail by sentence, without what it quotes; a list's line and a gap begin one, a line's end does not."""
    told: list[Word] = []
    before: Row | None = None
    for row in rows:
        if row.text.lstrip().startswith((">", "|")):
            continue
        is_apart = before is not None and (row.page != before.page or row.top - before.bottom > 0.8 * row.height)
        if told and (is_apart or row.text.lstrip()[:1] in "-•*"):
            yield told
            told = []
        for at, word in enumerate(row.words, 1):
            told.append(word)
            if _is_last(word) and not (word.text.endswith(";") and _is_quantity(row.words[at:])):
                yield told
                told = []
        before = row
    if told:
        yield told


def _is_last(word: Word) -> bool:
    return word.text.endswith((".", ";", "!", "?")) and len(word.text) > 3 and not _is_unit(word)


def _is_quantity(words: Sequence[Word]) -> bool:
    """True where nothing but how many stands at the end of a row: 20 pcs."""
    return bool(words) and _is_count(words[0]) and _past_small_words(words, 1) == len(words)


def called_in(rows: Sequence[Row], sign: str) -> list[Called]:
    """Every quantity of a mail with the name beside it: behind it, else before it."""
    found = []
    for words in sentences(rows):
        free = 0
        for index, quantity in _counts(words, sign):
            start, (is_ahead, is_behind) = _past_small_words(words, index + 1), _sides(words, index)
            behind = _name(words[start:]) if is_behind else ""
            if name := behind or (_ahead(words[free:index]) if is_ahead else ""):
                found.append(Called(quantity, name))
                free = start + len(name.split()) if behind else index + 1
    return found


def _counts(words: Sequence[Word], sign: str) -> Iterator[tuple[int, Decimal]]:
    """Where a sentence says how many, and how many."""
    for index, word in enumerate(words):
        number = number_in(word.text, sign) if _is_count(word) else None
        if number is not None and number[1] > 0 and not _is_dated(words, index):
            yield index, number[1]


def _is_dated(words: Sequence[Word], index: int) -> bool:
    """True for the number of a day: 18.12.2026, 18 December."""
    after = _bare(words[index + 1]) if index + 1 < len(words) else ""
    return day_in(words[index].text) is not None or after in MONTH_OF


def _sides(words: Sequence[Word], index: int) -> tuple[bool, bool]:
    """Whether a number may be of what stands before it, and of what stands behind: in its row, else in the next one to it.

    What a sentence says before a number is no name, unless a sign is between; a number that a sign ends is of what it ends.
    """
    row, start = _row_start(words, index), _past_small_words(words, index + 1)
    first = next(at for at in range(row, index + 1) if _is_count(words[at]))
    end = _before_signs(words, first)
    is_signed = end < first or (end > row and words[end - 1].text.endswith(ENDS))
    is_told = not is_signed and any(_bare(word) in AFTER for word in words[row:end])
    is_ahead = end > row and not is_told and not _is_apart(words[end - 1])
    is_behind = start < len(words) and _row_start(words, start) == row and not _is_apart(words[start])
    last = words[start - 1]
    is_ended = last.text.endswith(ENDS) and not (_is_unit(last) and last.text.endswith("."))
    is_behind = is_behind and not (is_ahead and is_ended)
    return is_ahead or not is_behind, is_behind or not is_ahead


def _row_start(words: Sequence[Word], index: int) -> int:
    """Where the row of a word begins."""
    while index and words[index - 1].page == words[index].page and words[index].top < words[index - 1].bottom:
        index -= 1
    return index


def _past_small_words(words: Sequence[Word], at: int) -> int:
    while at < len(words) and (not _bare(words[at]) or _bare(words[at]) in BEFORE or _is_unit(words[at])):
        at += 1
    return at


def _before_signs(words: Sequence[Word], at: int) -> int:
    """Where what stands before a number ends, a dash between both passed over."""
    while at and not _bare(words[at - 1]):
        at -= 1
    return at


def _ahead(words: Sequence[Word]) -> str:
    """The name that ends before a quantity, in one row: blue hinges: 20."""
    at = end = _before_signs(words, len(words))
    row = _row_start(words, end - 1) if end else 0
    while at > row and end - at < LONGEST and not (at < end and words[at - 1].text.endswith(ENDS)):
        if _bare(words[at - 1]) in AFTER | BEFORE or _is_count(words[at - 1]):
            break
        at -= 1
    return _name(words[at:end])


def _name(words: Sequence[Word]) -> str:
    kept: list[str] = []
    for word in words[: LONGEST + 1]:
        text = _bare(word)
        if text in AFTER or not text or _is_count(word):
            break
        kept.append(word.text.strip(SIGNS))
        if word.text.endswith(ENDS):
            break
    told = " ".join(kept)
    return told if len(kept) <= LONGEST and sum(c.isalnum() for c in told) >= 3 and any(map(str.isalpha, told)) else ""


def _is_unit(word: Word) -> bool:
    text = _bare(word)
    return text in UNIT_OF or f"{text}." in UNIT_OF or text in LINE_WORDS.split()


def _is_count(word: Word) -> bool:
    return bool(COUNT.fullmatch(_bare(word)))


def _bare(word: Word) -> str:
    return word.text.strip(SIGNS).casefold()


def taught_in(
    rows: Sequence[Row], taught: Mapping[str, str], sign: str, languages: Collection[str]
) -> Iterator[tuple[list[Word], str, Word, Decimal]]:
    """Where a mail uses names of several words that it was taught, or forms of them: the words, the name, the quantity beside it.

    Words that may be of the names of several parts are given back as they are written.
    """
    for words in sentences(rows) if any(" " in name for name in taught) else ():
        for at, size, name in named_in([_bare(word) for word in words], taught, languages):
            if counted := _counted(words, at, size, sign):
                yield words[at : at + size], name, *counted


def listed_in(
    rows: Sequence[Row], names: Catalogue, sign: str, languages: Collection[str]
) -> Iterator[tuple[list[Word], str, Word, Decimal]]:
    """Where a mail has a name of the catalogue, or a form of it, right beside a quantity; given back as by `taught_in`."""
    for words in sentences(rows) if names.sizes else ():
        free = 0
        for index, quantity in _counts(words, sign):
            for at, end in _beside(words, index, free, names.sizes) if index >= free else ():
                if name := names.named([_bare(word) for word in words[at:end]], languages):
                    yield words[at:end], name, words[index], quantity
                    free = max(index + 1, end)
                    break


def _beside(words: Sequence[Word], index: int, free: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """From where to where a whole name of some size may stand beside a number: before it, unless a comma is between both."""
    start, end = _past_small_words(words, index + 1), _before_signs(words, index)
    is_ahead, is_behind = _sides(words, index)
    is_behind = is_behind and not words[index].text.endswith(ENDS)
    ahead = [(end - size, end) for size in sizes if is_ahead and end - size >= free and _is_start(words, end - size)]
    behind = [(start, start + size) for size in sizes if is_behind and _is_end(words, start + size)]
    return behind + ahead if index and words[index - 1].text.endswith(",") else ahead + behind


def _is_end(words: Sequence[Word], at: int) -> bool:
    """True where what stands before may be a whole name: a sign or a small word ends it, or a number."""
    if at >= len(words):
        return at == len(words)
    return words[at - 1].text.endswith(ENDS) or _is_apart(words[at])


def _is_start(words: Sequence[Word], at: int) -> bool:
    return at == 0 or words[at - 1].text.endswith(ENDS) or _is_apart(words[at - 1])


def _is_apart(word: Word) -> bool:
    """True for a word that is none of a name."""
    text = _bare(word)
    return not text or text in AFTER | BEFORE or _is_count(word) or _is_unit(word)


def named_in(bare: Sequence[str], taught: Mapping[str, str], languages: Collection[str]) -> list[tuple[int, int, str]]:
    """Where casefolded words are a taught name, else forms of one: start, how many, and the name; longer names first."""
    names = {name: name.casefold().split() for name in sorted(taught, key=len, reverse=True) if " " in name}
    found: list[tuple[int, int, str]] = []
    for is_form in (False, True):
        for size in sorted({len(pieces) for pieces in names.values()}, reverse=True):
            for at in range(len(bare) - size + 1):
                here = bare[at : at + size]
                if any(at < start + n and start < at + size for start, n, _name in found):
                    continue
                same = [
                    name
                    for name, pieces in names.items()
                    if (are_forms(here, pieces, languages) if is_form else list(here) == pieces)
                ]
                if same:
                    is_one = len({taught[name] for name in same}) == 1
                    found.append((at, size, same[0] if is_one else " ".join(here)))
    return found


def bare_words(text: str) -> list[str]:
    """The words of a text as names are looked for in them."""
    return [bare for word in text.split() if (bare := word.strip(SIGNS).casefold())]


def _counted(words: Sequence[Word], at: int, size: int, sign: str) -> tuple[Word, Decimal] | None:
    """The number that stands closest before a name in its sentence, else the first one behind it; none of another name."""
    counts = list(_counts(words, sign))
    before = [one for one in counts if one[0] < at][-1:]
    behind = [one for one in counts if one[0] >= at + size][:1]
    beside = [one for one in before if _sides(words, one[0])[1]] + [one for one in behind if _sides(words, one[0])[0]]
    return next(((words[index], quantity) for index, quantity in beside), None)
