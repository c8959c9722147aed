"""Files that come with messages: scans and photos drawn here, papers set by Typst, lists as CSV."""

import html
import struct
import zlib
from functools import cache
from random import Random
from typing import Any

from comptoir.cases.models import Attachment, Message
from comptoir.demo import CONTENT, content
from comptoir.demo.cast import Cast
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib.mail.clean import CLEANER_VERSION as CLEANER_VERSION
from comptoir.lib.mail.clean import clean_html
from comptoir.lib.typeset import pdf

PHOTOS = ("photo", "label")
WIDTH, HEIGHT = 240, 180
TYPES = {"photo": "image/png", "label": "image/png", "list": "text/csv"}


def attachment(kind: str, message: Message, cast: Cast | None, language: str) -> Attachment:
    """A file of a kind for a message, about the order of its cast."""
    word = content("papers")["names"][kind][language]
    order = cast.order.number if cast else ""
    ending = {"photo": "png", "label": "png", "list": "csv"}.get(kind, "pdf")
    name = f"{word}.{ending}" if kind in PHOTOS else f"{word} {order}.{ending}"
    file = _file(kind, cast, language)
    return Attachment(
        message=message, file=file, name=name, content_type=TYPES.get(kind, "application/pdf"), size=file.size
    )


def _file(kind: str, cast: Cast | None, language: str) -> File:
    if kind in PHOTOS:
        return _photo(kind, cast.order.pk % 3 if cast else 0)
    if kind == "list":
        return store(_list(cast).encode("utf-8-sig"), "text/csv")
    return store(_paper(kind, cast, language), "application/pdf")


def _list(cast: Cast | None) -> str:
    if cast is None:
        return "part;quantity\r\n"
    row = cast.row
    return (
        "po;position;part;quantity;requested\r\n"
        f"{row.order.po_number};{row.line.position};{row.line.product.number};{int(row.quantity)};{row.requested_on}\r\n"
    )


def _paper(kind: str, cast: Cast | None, language: str) -> bytes:
    """A paper with the facts of the order on it."""
    told = content("papers")
    titles, labels = told["titles"][kind], told["labels"]
    data: dict[str, Any] = {"title": titles[language], "language": language, "rows": [], "from": "Lyskamp NV"}
    if cast is not None:
        names = cast.names(language)
        data["rows"] = [[labels[key][language], names[key]] for key in told["facts"][kind]]
        data["from"] = cast.customer.name if kind == "order_form" else "Lyskamp NV · Kanaaldijk 48 · 8500 Kortrijk"
    return pdf(CONTENT / "paper.typ", data)


def formatted(text: str, _files: tuple[str, ...]) -> str:
    """The text as a mail program with formats sends it, made safe as every such mail is."""
    paragraphs = "".join(
        f'<p style="font-family: Calibri, sans-serif; font-size: 11pt">{html.escape(part).replace(chr(10), "<br>")}</p>'
        for part in text.split("\n\n")
    )
    return clean_html(f'{paragraphs}<p><img src="https://signatures.example/logo.png" alt="" width="120"></p>') or ""


# Photos


def _photo(kind: str, turn: int) -> File:
    return store(_drawn(kind, turn), "image/png")


@cache
def _drawn(kind: str, turn: int) -> bytes:
    return _png(_label(turn) if kind == "label" else _flange(turn))


def _flange(turn: int) -> list[bytes]:
    """A flange on a pallet with a chip broken off, roughly as a phone sees it under a hall's lamps."""
    grain, cx, cy = Random(turn).randbytes(WIDTH), 112 + 9 * turn, 88 + 5 * turn
    return [
        b"\0" + b"".join(_shade(x - cx, y - cy, x, y, turn, grain[(x * 31 + y * 17) % WIDTH] % 9) for x in range(WIDTH))
        for y in range(HEIGHT)
    ]


def _shade(dx: int, dy: int, x: int, y: int, turn: int, grain: int) -> bytes:
    """One pixel: iron, a bolt hole, or the planks below."""
    square = dx * dx + dy * dy
    if square < 4_100:
        is_hole = square < 620 or (abs(dx) - 44) ** 2 + dy * dy < 36 or dx * dx + (abs(dy) - 44) ** 2 < 36
        if is_hole:
            return bytes((22 + grain, 22 + grain, 24 + grain))
        if (dx - 52) ** 2 + (dy - 28 + 15 * turn) ** 2 > 360 + 50 * ((x * 7 + y * 3) % 4):
            light = 96 + (dx - dy) // 3 + grain
            return bytes((light - 18, light, light + 14))
    wood = (0 if y % 36 < 3 else 40) + (x * 3 + y) % 23 // 3 + grain
    return bytes((112 + wood, 88 + wood, 60 + wood // 2))


def _label(turn: int) -> list[bytes]:
    """A carton with a label whose bars say something to a scanner."""
    random = Random(turn + 7)
    grain, bars = random.randbytes(WIDTH), [random.random() < 0.5 for _ in range(70)]
    return [
        b"\0" + b"".join(_carton(x, y, bars, grain[(x * 13 + y * 29) % WIDTH] % 7) for x in range(WIDTH))
        for y in range(HEIGHT)
    ]


def _carton(x: int, y: int, bars: list[bool], grain: int) -> bytes:
    if 45 < x < 195 and 38 < y < 142:
        is_bar = 68 < y < 112 and 52 < x < 188 and bars[(x - 52) // 2]
        is_ink = is_bar or (120 < y < 129 and 60 < x < 135 and x % 9 < 6)
        return bytes((30, 30, 34)) if is_ink else bytes((232 + grain, 232 + grain, 226 + grain))
    return bytes((168 + grain, 132 + grain, 90 + grain))


def _png(rows: list[bytes]) -> bytes:
    """The rows of pixels as a PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
