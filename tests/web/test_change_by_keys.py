"""A confirmed order changed by keyboard alone: opened with m, looked at, offered, and another change made at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from comptoir.cases.models import Draft
from comptoir.orders.models import Order, OrderChange
from comptoir.people import Role
from tests import build
from tests.conftest import need
from tests.web.desk import browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_changed_by_keys_alone_and_what_was_typed_survives_a_reload() -> None:
    build.inbox()
    senior, customer, pump = build.member(Role.SENIOR), build.customer(language="en"), build.product("Valve")
    build.contact(customer)
    order = build.order(customer, po="PO-77341", contact=customer.contacts.get())
    give_password(senior)
    with browser(need("chromium", "a change by keys")) as opened, running() as desk:
        page = signed_in(opened, desk, senior)
        page.goto(f"{desk.url}{order.get_absolute_url()}")
        page.keyboard.press("m")
        expect(page.get_by_role("heading", name=f"Change {order.number}")).to_be_visible()
        quantity, day = page.get_by_label("Quantity of position 10"), page.get_by_label("Promised day of position 10")
        expect(quantity).to_be_focused()
        for column in ("quantity", "price", "day"):
            assert len(edges(page, column)) == 1, column  # the fields of new lines stand under those of the others
        page.keyboard.press("Control+a")
        page.keyboard.type("14")
        page.keyboard.press("Tab")
        expect(day).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type(f"{build.workday(20):%d.%m.}")
        expect(page.get_by_text("Kept", exact=True)).to_be_visible()
        page.reload()
        expect(quantity).to_have_value("14")
        page.get_by_label("Part: our number, the customer’s, or the name").first.focus()
        for typed in (pump.number, "2", f"{build.workday(20):%d.%m.}"):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#impact").get_by_text("14 pcs").first).to_be_visible()
        assert unfit(page) == []
        press(page, "Offer it to the customer")
        expect(page.locator("textarea[name=text]").first).to_have_value(re.compile("/o/"))
        made = OrderChange.objects.get()
        assert (made.state, sorted(made.steps.values_list("type", flat=True))) == (
            "offered",
            ["add", "date", "quantity"],
        )
        assert "/o/" in Draft.objects.get().text
        page.goto(f"{desk.url}{order.get_absolute_url()}change/")
        expect(quantity).to_have_value("10")
        quantity.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("12")
        press(page, "Agreed: change it now")
        eventually(lambda: Order.objects.get(pk=order.pk).version == 2)
        page.get_by_role("button", name="The customer declines").focus()
        page.keyboard.press("Enter")
        expect(page.locator("dialog[open]")).to_be_visible()
        assert unfit(page) == []
        assert page.errors == []  # type: ignore[attr-defined]


def edges(page: Page, column: str) -> set[tuple[int, int]]:
    """Where the fields of a column begin and end."""
    boxes = page.locator(f"td input:is([name^={column}_], [name^=new_{column}_])")
    found = [one.bounding_box() for one in boxes.all()]
    assert len(found) > 2
    return {(round(box["x"]), round(box["width"])) for box in found if box}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
