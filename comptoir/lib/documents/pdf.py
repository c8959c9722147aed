"""PDFs: their words with places, and pictures of their pages. Runs only in the child process of `worker`."""

import io
from typing import Any

from comptoir.lib.documents.neutral import MOST_PAGES, MOST_WORDS, Page, Read, Unreadable, Word

WIDEST_PICTURE, HIGHEST_PICTURE = 1_400, 2_400


def from_pdf(raw: bytes) -> Read:
    """The words of a PDF; a scan has pages and no words."""
    _opened(raw).close()  # pypdfium2 tells at once what is locked, broken or too long
    import pdfplumber

    read = Read("pdf")
    try:
        with pdfplumber.open(io.BytesIO(raw)) as document:
            for number, page in enumerate(document.pages, 1):
                if number > MOST_PAGES:  # a file may have more than it says
                    raise Unreadable("pages")
                read.pages.append(Page(float(page.width), float(page.height)))
                read.words += _words(page, number)
                page.close()
                if len(read.words) > MOST_WORDS:
                    raise Unreadable("words")
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable("broken") from error
    return read


def _words(page: Any, number: int) -> list[Word]:
    found = page.extract_words(x_tolerance=1.8, y_tolerance=3, keep_blank_chars=False, use_text_flow=False)
    x, y = page.bbox[0], page.bbox[1]
    return [
        Word(w["text"].replace("\0", "")[:300], number, float(w["x0"] - x), float(w["top"] - y), float(w["x1"] - x), float(w["bottom"] - y))  # noqa: E501
        for w in found
        if w["text"].strip("\0 ")
    ]  # fmt: skip


def _opened(raw: bytes) -> Any:
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("encrypted" if "password" in str(error).lower() else "broken") from error
    if len(document) > MOST_PAGES:
        document.close()
        raise Unreadable("pages")
    return document


def draw(raw: bytes, number: int) -> bytes:
    """A picture (PNG) of a page, from one."""
    document = _opened(raw)
    if not 1 <= number <= len(document):
        raise Unreadable("pages")
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(WIDEST_PICTURE / max(width, 1), HIGHEST_PICTURE / max(height, 1), 2.4)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("P", palette=1, colors=64)
    told = io.BytesIO()
    write = picture.save
    write(told, "PNG", optimize=False)
    return told.getvalue()
