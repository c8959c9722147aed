"""What a document is to whoever reads it: pages, and words with their places on them."""

from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 15_000_000
MOST_PAGES = 40
MOST_WORDS = 20_000
MOST_ROWS = 2_000


class Unreadable(Exception):
    """The document cannot be read; the text is one word for why: encrypted, broken, empty, pages, words, size, time."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's size in points; a sheet or a text has one page that is as large as its words need."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or in a sheet a whole cell, with its page from one and its box in points from the upper left."""

    text: str
    page: int
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class Read:
    """A document's words in the order of reading."""

    kind: str
    pages: list[Page] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The words as they are kept: short rows, tenths of points."""
        return {
            "kind": self.kind,
            "pages": [[round(p.width, 1), round(p.height, 1)] for p in self.pages],
            "words": [[w.text, w.page, *(round(n, 1) for n in (w.x0, w.top, w.x1, w.bottom))] for w in self.words],
        }


def from_json(kept: dict[str, Any]) -> Read:
    """The words that were kept."""
    return Read(kept["kind"], [Page(*page) for page in kept["pages"]], [Word(*word) for word in kept["words"]])
