"""What of a text is compared, and where in a text it stands."""

import re
from collections.abc import Iterable, Iterator, Sequence

from comptoir.lib.text import fold, key

WORD = re.compile(r"[^\W_]+")
JOINED = re.compile(r"[^\W_]+(?:[-./][^\W_]+)+")
CHUNK = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
MOST_CHARACTERS = 60_000
MOST_WORDS = 12
LONGEST = 60


def words_of(*texts: str) -> set[str]:
    """The folded words of texts; a number written in parts («PO-77341») also counts as one."""
    found: set[str] = set()
    for text in texts:
        folded = fold(text[:MOST_CHARACTERS])
        found.update(word[:LONGEST] for word in WORD.findall(folded))
        found.update(key(part)[:LONGEST] for part in JOINED.findall(folded) if any(c.isdigit() for c in part))
    return found - {""}


def asked(text: str) -> list[list[str]]:
    """What a query asks for: every list has to be met by its parts, or by the parts run together."""
    parts = re.split(r"[\s,;:()«»\"']+", fold(text[:200]))
    split = [[word[:LONGEST] for word in WORD.findall(part)] for part in parts]
    return [words for words in split if words][:MOST_WORDS]


def as_query(asked_for: Sequence[Sequence[str]]) -> str:
    """The PostgreSQL query: every word, each as a beginning."""
    return " & ".join(_part(words) for words in asked_for)


def _part(words: Sequence[str]) -> str:
    parts = " & ".join(f"'{word}':*" for word in words)
    if len(words) == 1 or not any(c.isdigit() for c in "".join(words)):
        return f"({parts})"
    return f"(({parts}) | '{''.join(words)[:LONGEST]}':*)"


def flat(asked_for: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All words of a query, for marking them."""
    found = [word for words in asked_for for word in (*words, "".join(words))]
    return tuple(dict.fromkeys(sorted(found, key=len, reverse=True)))


def marks(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is what was asked for."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in _spans(text, words):
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def excerpt(text: str, words: Sequence[str], size: int = 150) -> str:
    """The part of a text around the first word that was asked for, on one line."""
    flattened = " ".join(text[:MOST_CHARACTERS].split())
    first = next(_spans(flattened, words), (0, 0))[0]
    if first < size * 2 // 3:
        return flattened[:size].rstrip() + ("…" if len(flattened) > size else "")
    start = flattened.find(" ", first - size // 3) + 1
    end = start + size
    return "…" + flattened[start:end].rstrip() + ("…" if len(flattened) > end else "")


def _spans(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where words of the text begin with what was asked for, in order."""
    for chunk in CHUNK.finditer(text):
        numbered = any(c.isdigit() for c in chunk.group())
        if numbered and "".join(WORD.findall(fold(chunk.group()))) in words:
            yield chunk.span()
            continue
        for found in WORD.finditer(text, *chunk.span()):
            if size := _beginning(found.group(), words):
                yield found.start(), found.start() + size


def _beginning(word: str, words: Sequence[str]) -> int:
    """How many letters of a word are what was asked for."""
    folded = fold(word)
    return next((_length(word, len(asked_for)) for asked_for in words if folded.startswith(asked_for)), 0)


def _length(word: str, wanted: int) -> int:
    """How many letters of a word fold to so many."""
    return next((n for n in range(1, len(word)) if len(fold(word[:n])) >= wanted), len(word))


def is_near(word: str, of: str) -> bool:
    """True when a word has at most one wrong, missing, extra or swapped letter; of a longer one, its beginning."""
    if len(word) < 4:
        return of.startswith(word)
    if len(word) < 6:
        return one_edit(word, of)
    return any(one_edit(word, of[:n]) for n in {len(word) - 1, len(word), len(word) + 1})


def one_edit(a: str, b: str) -> bool:
    """True when two words are equal or one edit apart (a swap of neighbours is one)."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        return a[at + 1 :] == b[at + 1 :] or (a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :])
    shorter, longer = sorted((a, b), key=len)
    return shorter[at:] == longer[at + 1 :]
