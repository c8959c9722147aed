"""Thirty lines entered by keys alone, in a browser: suggestions, days, rows, a paste, a reload, and the order."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from comptoir.catalog.models import CustomerPart
from comptoir.orders.models import Order
from tests import build, world
from tests.conftest import need
from tests.web.desk import Desk, browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)


def test_thirty_lines_are_entered_by_keys_alone_and_survive_a_reload() -> None:
    made = world.make()
    give_password(made.rep)
    products = [build.product(f"Valve {n}") for n in range(10)]
    CustomerPart.objects.create(customer=made.customer, product=products[1], part_number="ARM-4410")
    with browser(need("chromium", "entry by keys")) as chromium, running() as desk:
        page = signed_in(chromium, desk, made.rep)
        begin(page, desk, made.customer.number)
        page.keyboard.type("PO-30")
        page.locator("[data-grid] [name=part]").first.focus()
        with slow(page):
            by_suggestion(page, "valve 0")
        rows_by_keys(page)
        for number in range(2, 29):
            line(page, products[number % 10].number, str(number))
        paste(page, "1 x ARM-4410 pour le 12.12.2099")
        expect(page.locator("[data-sum-lines]")).to_have_text("30")
        expect(page.locator("[data-saved]")).to_have_text("Kept")
        assert unfit(page) == []
        page.wait_for_timeout(900)
        page.reload()
        expect(page.locator("[data-sum-lines]")).to_have_text("30")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/orders/SO-*/")
        assert page.errors == []  # type: ignore[attr-defined]
    order = eventually(lambda: Order.objects.filter(po_number="PO-30").first())
    assert order.lines.count() == 30
    assert order.lines.last().customer_part == "ARM-4410"


@contextmanager
def slow(page: Page) -> Iterator[None]:
    """A network on which she types faster than it answers."""
    session = page.context.new_cdp_session(page)
    free = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", free | {"latency": 300})
    yield
    session.send("Network.emulateNetworkConditions", free)
    session.detach()


def begin(page: Page, desk: Desk, number: str) -> None:
    page.goto(f"{desk.url}/orders/new/?customer={number}")
    expect(page.locator("#po")).to_be_focused()


def by_suggestion(page: Page, text: str) -> None:
    """Arrow and Enter take what is offered; the day is said as ten days from now, and written as its date."""
    page.keyboard.type(text)
    expect(page.locator("[data-suggestions] [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter", delay=50)
    page.keyboard.type("1")
    page.keyboard.press("Enter", delay=50)
    page.keyboard.type("+20")
    page.keyboard.press("Enter", delay=50)
    expect(page.locator("[data-grid] [name=requested_on]").first).not_to_have_value("+20")


def rows_by_keys(page: Page) -> None:
    """Doubled, removed, brought back, and up and down between rows."""
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Alt+d")
    page.keyboard.press("Alt+x")
    page.keyboard.press("Alt+z")
    expect(page.locator("[data-grid] tbody [name=quantity]").nth(1)).to_have_value("1")
    page.locator("[data-grid] tbody [name=part]").nth(2).focus()


def line(page: Page, part: str, quantity: str) -> None:
    page.keyboard.type(part)
    page.keyboard.press("Enter")
    page.keyboard.type(quantity)
    page.keyboard.press("Enter")


def paste(page: Page, text: str) -> None:
    """Lines of a mail, as a paste gives them."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        f"Bonjour,\n{text}",
    )
