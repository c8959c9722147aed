"""The customer's page of an order: a link made by key, opened by nobody who signed in, asked by, revoked."""

import pytest
from playwright.sync_api import expect

from comptoir.cases.models import Case
from tests import build
from tests.conftest import need
from tests.web.desk import browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)


def test_live_page_a_link_is_made_followed_asked_by_and_revoked() -> None:
    build.inbox()
    rep, customer = build.member(name="Emma Laurent"), build.customer(language="en")
    customer.owner = rep
    customer.save(update_fields=["owner"])
    order = build.order(customer, po="PO-77341", products=2, contact=build.contact(customer))
    give_password(rep)
    with browser(need("chromium", "live page")) as opened, running() as desk:
        page = signed_in(opened, desk, rep, permissions=["clipboard-read", "clipboard-write"])
        page.goto(f"{desk.url}{order.get_absolute_url()}")
        page.keyboard.press("l")
        expect(page.get_by_label("For whom")).to_be_visible()
        assert unfit(page) == []
        page.keyboard.press("Enter")
        address = page.get_by_label("Address")
        expect(address).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == address.input_value()
        page.keyboard.press("Escape")
        theirs = opened.new_context(locale="en-GB").new_page()
        theirs.goto(copied)
        expect(theirs.get_by_role("heading", name=f"Your order {order.number}")).to_be_visible()
        assert theirs.context.cookies(desk.url) == [] or theirs.context.cookies()[0]["name"] == "csrftoken"
        assert unfit(theirs) == []
        theirs.set_viewport_size({"width": 320, "height": 700})
        assert theirs.locator("h1 .whole").evaluate("number => number.getClientRects().length") == 1
        assert unfit(theirs) == []
        theirs.set_viewport_size({"width": 1280, "height": 720})
        theirs.get_by_text("Ask a question").focus()
        theirs.keyboard.press("Enter")
        theirs.keyboard.press("Tab")
        theirs.keyboard.type("When will it leave?")
        theirs.keyboard.press("Tab")
        theirs.keyboard.press("Enter")
        expect(theirs.get_by_role("status")).to_contain_text("your question has reached us")
        case: Case = eventually(Case.objects.first)
        expect(page.get_by_role("link", name=case.subject)).to_be_visible()
        expect(page.locator("#customers-page")).to_contain_text("opened")
        page.get_by_role("button", name="Revoke the link for Claire Moreau").focus()
        page.keyboard.press("Enter")
        expect(page.locator("dialog[data-host]")).to_be_visible()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#customers-page")).to_contain_text("No link leads to it.")
        assert theirs.goto(copied).status == 404  # type: ignore[union-attr]
        assert order.number not in theirs.content()
        assert page.errors == []  # type: ignore[attr-defined]
