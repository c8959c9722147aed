"""Files made to hurt: within limits of time and memory each ends as a task that says why, with the file beside an empty grid."""

import io
import zipfile
import zlib

import pytest

from comptoir.lib.documents.worker import Reader
from comptoir.orders import reading
from comptoir.orders.actions.documents import receive
from comptoir.orders.models import DocumentPage, InboundDocument
from comptoir.orders.reading import draw_ahead, picture_of
from tests import build
from tests.orders.test_documents import HERE


def pdf(*streams: tuple[str, bytes], pages: int = 1, resources: str = "") -> bytes:
    """A PDF of one content stream and further streams, each given with its dictionary."""
    kids = " ".join("3 0 R" for _page in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << {resources} >> >>".encode(),
        *(f"<< {told} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream" for told, data in streams),
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def packed(piece: bytes, times: int) -> bytes:
    """Many times a piece, deflated without ever being whole in memory."""
    press = zlib.compressobj(9)
    return b"".join(press.compress(piece) for _time in range(times)) + press.flush()


def huge_image() -> bytes:
    image = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"
    return pdf(
        ("", b"q 500 0 0 500 0 0 cm /I Do Q"), (image, packed(bytes(1 << 20), 200)), resources="/XObject << /I 5 0 R >>"
    )


def sheet(rows: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        head = '<?xml version="1.0"?><{} xmlns="http://schemas.openxmlformats.org/{}">'
        main = "spreadsheetml/2006/main"
        book.writestr(
            "[Content_Types].xml",
            head.format("Types", "package/2006/content-types")
            + '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/s.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        for name, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "worksheet", "s.xml"),
        ):
            told = f'<Relationship Id="r" Type="{link}/{kind}" Target="{target}"/></Relationships>'
            book.writestr(name, head.format("Relationships", "package/2006/relationships") + told)
        told = f'<sheets><sheet xmlns:r="{link}" name="a" sheetId="1" r:id="r"/></sheets></workbook>'
        book.writestr("xl/workbook.xml", head.format("workbook", main) + told)
        book.writestr(
            "xl/s.xml", head.format("worksheet", main).encode() + b"<sheetData>" + rows + b"</sheetData></worksheet>"
        )
    return out.getvalue()


ROW = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
HOSTILE = {
    "thousands of pages": ("a.pdf", "pages", lambda: pdf(("", b""), pages=5_000)),
    "a stream of operators that never ends": ("a.pdf", "time", lambda: pdf(("/Filter /FlateDecode", packed(b"q 1 0 0 1 0 0 cm Q\n" * 5_000, 400)))),
    "a stream within a stream within a stream": (
        "a.pdf", "time|size|empty", lambda: pdf(("/Filter [/FlateDecode /FlateDecode]", zlib.compress(packed(b"\0" * (1 << 20), 400), 9))),
    ),
    "an image larger than memory": ("a.pdf", "empty", huge_image),
    "a sheet with rows beyond counting": ("a.xlsx", "words", lambda: sheet(ROW * 30_000)),
    "a sheet that unpacks to more than it may": ("a.xlsx", "size", lambda: sheet(b" " * 70_000_000)),
    "a table of one endless line": ("a.csv", "words", lambda: b"a;" * 200_000),
    "nothing at all": ("a.csv", "empty", lambda: b"\n\n"),
}  # fmt: skip


@pytest.fixture
def quick(monkeypatch):
    """The reader with little time, so that the test has much."""
    made = Reader(cpu_seconds=1.5)
    monkeypatch.setattr(reading, "READER", made)
    yield made
    made.close()


@pytest.mark.django_db
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_ends_as_a_task_that_says_why(quick, client, what):
    name, why, made = HOSTILE[what]
    document = receive(made(), name, by=build.member(), customer=build.customer())
    reading.read(document.pk)
    document.refresh_from_db()
    assert document.state == "error"
    assert document.problem in why.split("|")
    client.force_login(build.member())
    page = client.get(f"/documents/{document.pk}/").content.decode()
    assert document.why in page
    assert 'name="quantity"' in page
    assert client.get(f"/documents/{document.pk}/pages/1.png").status_code in (200, 404)
    assert quick.read("csv", b"a;b\n1;2\n").words, "the next file is read as if nothing had been"


@pytest.mark.django_db
def test_a_page_is_drawn_once_and_kept(monkeypatch, client):
    drawn = []

    def draw(raw: bytes, page: int) -> bytes:
        drawn.append(page)
        return b"\x89PNG"

    document = receive((HERE / "groff_en_2.pdf").read_bytes(), "a.pdf", by=build.member(), customer=build.customer())
    reading.read(document.pk)
    monkeypatch.setattr(reading.READER, "draw", draw)
    draw_ahead(document.pk)
    document = InboundDocument.objects.get(pk=document.pk)
    client.force_login(build.member())
    assert client.get(f"/documents/{document.pk}/pages/2.png").content == b"\x89PNG"
    assert picture_of(document, 1) == b"\x89PNG"
    assert drawn == [1, 2]
    assert DocumentPage.objects.filter(document=document).count() == 2
    assert client.get(f"/documents/{document.pk}/pages/3.png").status_code == 404
