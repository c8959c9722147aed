"""A customer's document: read, placed, learned from, compared."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.actions import ActionError, SentForApproval, perform
from comptoir.catalog.models import Price, Product
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.documents import Unreadable
from comptoir.lib.documents.worker import Reader
from comptoir.orders import matching, reading
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.documents import receive
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.inbound import said
from comptoir.orders.models import InboundDocument, Order
from comptoir.people import Role
from tests import build
from tests.documents.make import FIRST, GOODS, SECOND, lines

HERE = Path(__file__).parents[1] / "documents"
LAYOUTS = {
    "writer_fr": "pdf", "chromium_de": "pdf", "groff_en": "pdf", "reportlab_en": "pdf", "calc_da": "xlsx", "openpyxl_en": "xlsx",
    "slovak": "csv", "bulgarian": "csv", "export": "csv", "mail": "txt",
}  # fmt: skip
NUMBERS = {"writer_fr": 71, "chromium_de": 72, "calc_da": 73, "slovak": 74, "bulgarian": 75, "export": 76, "mail": 77,
           "groff_en": 78, "reportlab_en": 79, "openpyxl_en": 80}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_their_days():
    """The documents were written at the end of November 2026."""
    with clock.at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        yield


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


def wish(name: str, position: int) -> date:
    """The day for which a layout's document asks for a line."""
    if name == "chromium_de":
        return date(2026, 12, 10 + position // 10 % 15)
    if name == "export":
        return date(2026, 12, 15 + position // 10 % 3)
    return date(2026, 12, 17 if name == "calc_da" else 18)


def what(name: str, description: str, part: str, cents: int) -> tuple[str, Decimal | None]:
    """The description and price that a layout's document has of a line; a mail has neither."""
    if name == "mail":
        return "", None
    return (f"Помпа {part}" if name == "bulgarian" else description), Decimal(cents) / 100


def read_of(document: InboundDocument) -> list[tuple[str, str, str, str, Decimal | None]]:
    """What was read of each line: part, quantity, day, description, price."""
    inbound = document.read
    return [
        (
            said(line, "part"), said(line, "quantity"), said(line, "requested_on") or inbound.said("requested_on"),
            said(line, "description"), Decimal(said(line, "unit_price")) if said(line, "unit_price") else None,
        )
        for line in inbound.lines
    ]  # fmt: skip


TAUGHT_ONLY = ("export", "calc_da", "openpyxl_en", "reportlab_en")  # the words of these only a person can tell


def true_lines(name: str, count: range) -> list[tuple[str, str, str, str, Decimal | None]]:
    """What a layout's document truly says of each line: part, quantity, day, description, price."""
    return [(p, str(q), wish(name, n).isoformat(), *what(name, d, p, c)) for n, p, d, q, c in lines(count)]


def po_date(name: str) -> date | None:
    """The day on which a layout's document was written, where it says so."""
    return date(2026, 11, 23) if name not in ("mail", "export", "openpyxl_en") else None


def confirmed(name: str, document: InboundDocument) -> Order:
    """The order as a person confirms the first document of a layout."""
    goods_of = [(n, Product.objects.get(number=p), q, c) for n, p, _d, q, c in lines(FIRST)]
    rows = [NewLine(p, Decimal(q), wish(name, n), Decimal(c) / 100) for n, p, q, c in goods_of]
    return enter_document(
        document, by=build.member(), customer=document.customer, lines=rows, po_number=f"4500{NUMBERS[name]}1",
        po_date=po_date(name),
    )  # fmt: skip


def assert_is_read_whole(name: str, second: InboundDocument) -> None:
    """Header and every line of the second document, as a person would have typed them."""
    assert second.read.said("po_number") == f"4500{NUMBERS[name]}2"
    assert second.read.said("po_date") == (told.isoformat() if (told := po_date(name)) else "")
    assert second.read.problems == []
    assert read_of(second) == true_lines(name, SECOND)
    layout = layout_from(second.template.rules) if second.template else Layout()
    grid = matching.grid(second.customer, second.read, layout)
    assert [(line.part, line.quantity, line.requested_on) for line in grid] == [
        (p, q, f"{date.fromisoformat(day):%-d.%-m.%Y}") for p, q, day, _d, _c in true_lines(name, SECOND)
    ]


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_second_document_of_a_layout_needs_no_correction(customer, name):
    confirmed(name, came(customer, f"{name}_1", LAYOUTS[name]))
    second = came(customer, f"{name}_2", LAYOUTS[name])
    assert second.template is not None
    assert_is_read_whole(name, second)


@pytest.mark.parametrize("name", TAUGHT_ONLY)
def test_it_is_the_first_order_that_taught_it(customer, name):
    """The same second document of a customer who taught nothing is read worse: without its number, and by whole columns."""
    second = came(customer, f"{name}_2", LAYOUTS[name])
    assert second.template is None
    wrong = [
        column for column, (read, true) in enumerate(zip(zip(*read_of(second), strict=True), zip(*true_lines(name, SECOND), strict=True), strict=True))
        if read != true
    ]  # fmt: skip
    assert second.read.said("po_number") == ""
    assert wrong


def test_a_sheet_printed_over_several_pages_beside_each_other_is_read_whole(customer):
    document = came(customer, "calc_wide_2", "pdf")
    assert (document.state, document.read.said("po_number")) == ("parsed", "4500812")
    told = [(line[0], line[1], line[2], line[4]) for line in read_of(document)]
    assert told == [(p, str(q), "2026-12-18", Decimal(c) / 100) for _n, p, _d, q, c in lines(range(70))]
    assert [line["quantity"].place[0] for line in document.read.lines] == [3] * 42 + [4] * 28


SPOKEN = {"writer_fr": "fr", "chromium_de": "de", "calc_da": "da", "slovak": "sk", "bulgarian": "bg", "groff_en": "en"}


@pytest.mark.parametrize("name", SPOKEN)
def test_the_language_is_told_by_the_words_over_the_goods(customer, name):
    assert came(customer, f"{name}_2", LAYOUTS[name]).read.language == SPOKEN[name]


def test_labels_outside_the_vocabulary_are_read_once_they_were_taught(customer):
    """Hungarian heads and dates by the month: nothing in the vocabulary reads them."""
    head = "Hivatkozasi jel;A-{n}\n\nSor;Cikk;Megnevezes;Db;Egysegar;Hatarido\n"
    first = head.format(n=1) + "7;NB-32-160;Szivattyu;4;642.50;12/18/2026\n9;DP-12;Adagolo;11;412.00;12/21/2026\n"
    second = head.format(n=2) + "7;VM-5-10;Szivattyu;3;660.25;12/22/2026\n"

    def read_as(text: str, name: str) -> InboundDocument:
        document = receive(text.encode(), name, by=build.member(), customer=customer)
        reading.read(document.pk)
        return InboundDocument.objects.get(pk=document.pk)

    untaught = read_as(second, "untaught.csv")
    assert untaught.read.said("po_number") == ""
    assert [line[1] for line in read_of(untaught)] == ["7"], "the number of its line, for want of a head that says so"
    wanted = (("NB-32-160", 4, "642.50", date(2026, 12, 18)), ("DP-12", 11, "412.00", date(2026, 12, 21)))
    rows = [NewLine(Product.objects.get(number=p), Decimal(q), d, Decimal(c)) for p, q, c, d in wanted]
    enter_document(read_as(first, "first.csv"), by=build.member(), customer=customer, lines=rows, po_number="A-1")
    taught = read_as(second + "\n", "taught.csv")
    assert taught.read.said("po_number") == "A-2"
    assert [line[:3] + line[4:] for line in read_of(taught)] == [("VM-5-10", "3", "2026-12-22", Decimal("660.25"))]


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


def test_a_quantity_finer_than_what_is_counted_stays_to_be_seen_and_is_not_placed(customer, client):
    part = build.product()
    document = receive(
        f"PO number;77\n\nArticle;Qty\n{part.number};3.3335\n".encode(), "a.csv", by=build.member(), customer=customer
    )
    reading.read(document.pk)
    client.force_login(build.member())
    assert 'value="3.3335"' in client.get(f"/documents/{document.pk}/").content.decode()
    row = {"part": part.number, "quantity": "3.3335", "requested_on": build.workday(9).isoformat(), "unit_price": ""}
    answer = client.post(f"/documents/{document.pk}/", row)
    assert answer.status_code == 422
    assert "at most three decimals" in answer.content.decode()
    assert 'value="3.3335"' in answer.content.decode()
    assert not customer.orders.exists()


def test_other_files_are_refused(customer):
    with pytest.raises(ActionError):
        receive(b"MZ", "virus.exe", by=build.member(), customer=customer)
    assert SentForApproval
