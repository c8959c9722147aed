"""A customer's document entered, compared, corrected, asked about and confirmed by keys alone, in a browser."""

import io

import pytest
from playwright.sync_api import Page, expect

from comptoir.cases.models import Draft
from comptoir.catalog.models import Price
from comptoir.orders import reading
from comptoir.orders.actions.documents import receive
from comptoir.orders.models import Order
from tests import build
from tests.conftest import need
from tests.orders.test_documents import HERE, goods
from tests.web.desk import Desk, browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)
DIFFERS = "[data-truth] tr[data-open]"


WANTED = build.workday(15)


def waiting(data: bytes, name: str, customer, rep):
    document = receive(data, name, by=rep, customer=customer)
    reading.read(document.pk)
    return document


def table() -> bytes:
    """A table of a customer's program, for days that are still to come."""
    return (HERE / "slovak_1.csv").read_bytes().replace(b"18. 12. 2026", WANTED.strftime("%d.%m.%Y").encode())


def page_of_theirs() -> bytes:
    """A page of another program."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    sheet = Canvas(out, invariant=1)
    rows = [
        ("PO number 4500781",), (), ("Part no", "Description", "Qty", "Unit price", "Delivery date"),
        ("NB-32-160", "Close-coupled pump", "2", "642.00", WANTED.isoformat()),
        ("DP-60", "Dosing pump", "5", "744.00", WANTED.isoformat()),
    ]  # fmt: skip
    for number, row in enumerate(rows):
        for x, text in zip((60, 150, 320, 370, 450), row, strict=False):
            sheet.drawString(x, 760 - 20 * number, text)
    sheet.save()
    return out.getvalue()


def test_a_document_is_entered_compared_and_decided_by_keys_alone() -> None:
    rep, customer = build.member(), goods(build.customer())
    build.inbox()
    build.contact(customer)
    give_password(rep)
    first, second = waiting(table(), "order.csv", customer, rep), waiting(page_of_theirs(), "order.pdf", customer, rep)
    with browser(need("chromium", "documents by keys")) as chromium, running() as desk:
        page = signed_in(chromium, desk, rep)
        enter_wrongly(page, desk, first.pk)
        decide(page)
        Price.objects.filter(product__number="DP-60").update(unit_price="700")
        ask(page, desk, second.pk)
        assert page.errors == []  # type: ignore[attr-defined]
    order = Order.objects.get(po_number="4500741")
    assert (order.state, order.lines.first().quantity) == ("confirmed", 2)
    assert order.verifications.get().lines_exact == 3
    draft = eventually(
        lambda: Draft.objects.filter(case__links__object_id=Order.objects.get(po_number="4500781").pk).first()
    )
    assert "DP-60" in draft.text


def enter_wrongly(page: Page, desk: Desk, document: int) -> None:
    """The place of what has the focus is lit in the document; a slip of a finger is not seen by anybody, yet."""
    page.goto(f"{desk.url}/documents/{document}/")
    expect(page.locator("#po")).to_be_focused()
    expect(page.locator(".paper rect[data-lit]")).to_have_attribute("data-field", "po_number")
    quantity = page.locator("[data-grid] [name=quantity]").first
    for _stop in range(12):  # a date is several
        if quantity.evaluate("cell => cell === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(quantity).to_be_focused()
    expect(page.locator(".paper rect[data-lit]")).to_have_attribute("data-field", "quantity")
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    assert unfit(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/truth/")


def decide(page: Page) -> None:
    """Our quantity is corrected, what is left is accepted one after the other, and the order is confirmed."""
    expect(page.locator(DIFFERS).first).to_be_focused()
    left = page.locator(DIFFERS).count()
    while page.locator(DIFFERS).count() and "Quantity" not in page.locator("tr[data-row]:focus").inner_text():
        page.keyboard.press("a")
        left -= 1
        expect(page.locator(DIFFERS)).to_have_count(left)
    page.keyboard.press("c")
    expect(page.locator("dialog [name=to_value]")).to_be_focused()
    assert unfit(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(DIFFERS)).to_have_count(left - 1)
    while left := page.locator(DIFFERS).count():
        expect(page.locator("tr[data-open]:focus")).to_have_count(1)
        page.keyboard.press("a")
        expect(page.locator(DIFFERS)).to_have_count(left - 1)
    page.keyboard.press("e")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".main-head .badge").first).to_have_text("Confirmed")


def ask(page: Page, desk: Desk, document: int) -> None:
    """One key writes what differs into the reply of a case."""
    page.goto(f"{desk.url}/documents/{document}/")
    expect(page.locator("#po")).to_be_focused()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/truth/")
    expect(page.locator(DIFFERS).first).to_be_focused()
    page.keyboard.press("q")
    page.wait_for_url("**/cases/**")
    expect(page.get_by_text("your document says").or_(page.locator("textarea")).first).to_be_visible()
