"""The text of an HTML body, for mails that have no other."""

import re
from html.parser import HTMLParser

_BLOCKS = set("blockquote center dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())
_ANY_TAG = re.compile(r"<[^<>]*>")
_BLANKS = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = []
        self.words: list[str] = []
        self.quotes = 0

    def end_line(self) -> None:
        line = " ".join("".join(self.words).split())
        if line or (self.lines and self.lines[-1][1]):
            self.lines.append((self.quotes, line))
        self.words = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (tag == "br" or tag in _BLOCKS) and self.words:
            self.end_line()
        if tag == "li":
            self.words.append("- ")
        elif tag in ("td", "th"):
            self.words.append(" ")
        elif tag == "blockquote":
            self.quotes += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and self.words:
            self.end_line()
        if tag == "p" and self.lines and self.lines[-1][1]:
            self.lines.append((self.quotes, ""))
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text_of_clean(html: str) -> str:
    """Cleaned HTML as text; quoted blocks get the `> ` of mail."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    lines = [f"{'>' * depth} {line}".rstrip() if depth else line for depth, line in reader.lines]
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def text_of_raw(html: str) -> str:
    """What is left of HTML that cannot be cleaned when its tags are taken away."""
    return " ".join(_ANY_TAG.sub(" ", html[: 2 * 1024 * 1024]).split())
