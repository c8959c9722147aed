"""A customer's document: read, placed, learned from, compared."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.actions import ActionError, SentForApproval, perform
from comptoir.catalog.models import Price, Product
from comptoir.customers.models import Customer
from comptoir.lib.documents import Unreadable
from comptoir.lib.documents.worker import Reader
from comptoir.orders import matching, reading
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.documents import receive
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.extract.layout import layout_from
from comptoir.orders.models import InboundDocument, Order
from comptoir.people import Role
from tests import build
from tests.documents.make import FIRST, GOODS, SECOND, lines

HERE = Path(__file__).parents[1] / "documents"
LAYOUTS = {
    "writer_fr": "pdf", "chromium_de": "pdf", "groff_en": "pdf", "reportlab_en": "pdf", "calc_da": "xlsx", "openpyxl_en": "xlsx",
    "slovak": "csv", "bulgarian": "csv", "export": "csv", "mail": "txt",
}  # fmt: skip


@pytest.fixture(scope="module")
def reader():
    made = Reader(cpu_seconds=4)
    yield made
    made.close()


def goods(made: Customer) -> Customer:
    """What the documents of this folder order is sold."""
    build.site()
    for number, name, cents in GOODS:
        product = build.product(name, price=str(Decimal(cents) / 100))
        Product.objects.filter(pk=product.pk).update(number=number)
    return made


@pytest.fixture
def customer(db):
    return goods(build.customer())


def came(customer, name: str, kind: str) -> InboundDocument:
    data = (HERE / f"{name}.{kind}").read_bytes()
    document = receive(
        data, f"{name}.{kind}", by=build.member(), customer=customer, kind="mail" if kind == "txt" else ""
    )
    reading.read(document.pk)
    return InboundDocument.objects.get(pk=document.pk)


def placed(document: InboundDocument, count: range, wish=None) -> Order:
    """The order as a person confirms it: what the document truly says."""
    day = wish or build.workday(15)
    rows = [NewLine(Product.objects.get(number=p), Decimal(q), day) for _n, p, _d, q, _c in lines(count)]
    po = document.read.said("po_number") or document.name
    return enter_document(document, by=build.member(), customer=document.customer, lines=rows, po_number=po)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_second_document_of_a_layout_needs_no_correction(customer, name):
    kind = LAYOUTS[name]
    first = came(customer, f"{name}_1", kind)
    placed(first, FIRST)
    second = came(customer, f"{name}_2", kind)
    assert second.template is not None
    grid = matching.grid(customer, second.read, layout_from(second.template.rules))
    assert [(line.part, line.quantity) for line in grid] == [(p, str(q)) for _n, p, _d, q, _c in lines(SECOND)]
    if name not in ("export",):
        assert second.read.said("po_number").endswith("2")
    prices = [line["unit_price"].text for line in second.read.lines if "unit_price" in line]
    # Writer breaks 1 240,00 inside a narrow cell: such a price is left out, not guessed.
    assert name in ("mail", "writer_fr") or [Decimal(p) * 100 for p in prices] == [c for *_rest, c in lines(SECOND)]


def test_what_a_part_is_called_is_learned(customer):
    data = b"PO number;77\n\nArticle;Qty\nZZ-1;4\n"
    document = receive(data, "a.csv", by=build.member(), customer=customer)
    reading.read(document.pk)
    document.refresh_from_db()
    product = Product.objects.get(number="DP-12")
    enter_document(
        document,
        by=build.member(),
        customer=customer,
        lines=[NewLine(product, Decimal(4), build.workday(9))],
        po_number="77",
    )
    later = receive(data.replace(b"77", b"78").replace(b";4", b";6"), "b.csv", by=build.member(), customer=customer)
    reading.read(later.pk)
    later.refresh_from_db()
    assert [(x.part, x.quantity) for x in matching.grid(customer, later.read, layout_from(later.template.rules))] == [
        ("DP-12", "6")
    ]


def test_the_same_bytes_and_the_same_purchase_order_are_duplicates(customer):
    came(customer, "slovak_1", "csv")
    assert came(customer, "slovak_1", "csv").state == "duplicate"
    other = (HERE / "slovak_1.csv").read_bytes() + b"\n"
    again = receive(other, "again.csv", by=build.member(), customer=customer)
    reading.read(again.pk)
    again.refresh_from_db()
    assert (again.state, again.twin.name) == ("duplicate", "slovak_1.csv")


def test_an_open_red_difference_is_confirmed_by_a_senior_only(customer):
    document = came(customer, "slovak_1", "csv")
    rows = [
        NewLine(Product.objects.get(number=p), Decimal(q + (n == 10)), build.workday(15))
        for n, p, _d, q, _c in lines(FIRST)
    ]
    order = enter_document(document, by=build.member(), customer=customer, lines=rows, po_number="1")
    assert order.state == Order.State.DISCREPANT
    rep, senior = build.member(), build.member(Role.SENIOR)
    asked = perform("orders.confirm", by=rep, subject=order, inputs={})
    assert asked.approval is not None
    order.refresh_from_db()
    assert order.state == Order.State.DISCREPANT
    wrong = order.verifications.get().differences.get(field="quantity", colour="red")
    perform("orders.correct_difference", by=rep, subject=wrong, inputs={"to_value": wrong.theirs})
    assert order.lines.first().quantity == Decimal(wrong.theirs)
    for row in order.verifications.get().differences.exclude(colour="green").filter(verdict=""):
        perform("orders.accept_difference", by=rep, subject=row, inputs={"note": "agreed by phone"})
    order.refresh_from_db()
    assert order.state == Order.State.READY
    verification = order.verifications.get()
    assert (verification.lines_sent, verification.lines_exact < 4, verification.state) == (4, True, "settled")
    assert perform("orders.confirm", by=senior, subject=order, inputs={}).result.is_confirmed


def test_a_price_other_than_agreed_is_seen(customer):
    Price.objects.filter(product__number="NB-32-160").update(unit_price=Decimal("700"))
    order = placed(came(customer, "slovak_1", "csv"), FIRST)
    row = order.verifications.get().differences.get(field="unit_price", colour="red")
    assert (row.theirs, row.ours, row.agreement) == ("642", "700", "700")


def hostile() -> dict[str, tuple[str, bytes]]:
    from pypdf import PdfWriter

    many, locked = PdfWriter(), PdfWriter()
    for _page in range(60):
        many.add_blank_page(100, 100)
    locked.add_blank_page(100, 100)
    locked.encrypt("secret")
    told = {}
    for name, writer in (("pages", many), ("encrypted", locked)):
        buffer = io.BytesIO()
        writer.write(buffer)
        told[name] = ("pdf", buffer.getvalue())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * 70_000_000)
    return told | {
        "broken": (
            "pdf",
            b"%PDF-1.7\n1 0 obj\n<< /JS (app.alert(1)) >>\nxref\n0 9999999\ntrailer <<>>\nstartxref\n99\n%%EOF",
        ),
        "size": ("xlsx", bomb.getvalue()),
    }


@pytest.mark.parametrize("why", ["pages", "encrypted", "broken", "size"])
def test_hostile_files_end_as_a_reason(reader, why):
    kind, data = hostile()[why]
    with pytest.raises(Unreadable) as told:
        reader.read(kind, data)
    assert str(told.value) == why


def test_what_cannot_be_read_waits_for_somebody_with_the_file_and_an_empty_grid(customer, client):
    document = receive(hostile()["encrypted"][1], "locked.pdf", by=build.member(), customer=customer)
    reading.read(document.pk)
    document.refresh_from_db()
    assert (document.state, document.problem) == ("error", "encrypted")
    client.force_login(build.member())
    page = client.get(f"/documents/{document.pk}/").content.decode()
    assert "password" in page
    assert 'name="quantity"' in page
    assert client.get(f"/documents/{document.pk}/pages/1.png").status_code == 404
    assert client.get(f"/documents/{document.pk}/file/").status_code == 200
    assert "locked.pdf" in client.get("/documents/").content.decode()


def test_other_files_are_refused(customer):
    with pytest.raises(ActionError):
        receive(b"MZ", "virus.exe", by=build.member(), customer=customer)
    assert SentForApproval
