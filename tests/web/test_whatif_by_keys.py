"""The what-if panel by keyboard: from an order's line to goods of another order, and to whom has to be told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from comptoir.catalog.actions import change_receipt
from comptoir.catalog.models import Supply
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, confirm, place
from comptoir.people import Role
from comptoir.promises.models import Promise
from tests import build
from tests.conftest import need
from tests.web.desk import browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_if_by_keys_alone_splits_what_lacks_and_tells_the_customer() -> None:
    build.inbox()
    senior, customer, product = build.member(Role.SENIOR), build.customer(language="en"), build.product(on_hand=8)
    build.contact(customer)
    build.reason("split")
    build.supply(product, 20, 3)
    build.supply(product, 40, 60)
    lines = [NewLine(product, Decimal(12), build.workday(14))]
    placed = place(customer, by=senior, lines=lines, site=build.site(), contact=customer.contacts.get())
    order = confirm(placed, by=senior)
    supply = Supply.objects.order_by("due_on")[0]
    late = clock.today() + timedelta(days=40)
    change_receipt(supply, by=build.member(Role.ADMINISTRATOR), quantity=Decimal(20), due_on=late)
    give_password(senior)
    with browser(need("chromium", "what if by keys")) as opened, running() as desk:
        page = signed_in(opened, desk, senior)
        page.goto(f"{desk.url}/at-risk/?view=all")
        for key in ("j", "x", "s"):
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name="What was sent")).to_be_visible()
        assert eventually(lambda: Promise.objects.get(at_risk_at__isnull=False).told_by) == "email"
        page.goto(f"{desk.url}{order.get_absolute_url()}")
        page.keyboard.press("i")
        panel = page.locator("dialog[data-host]")
        expect(panel.get_by_text("8 pcs on")).to_be_visible()
        assert unfit(page) == []
        page.keyboard.press("1")
        expect(panel.get_by_label("Reason")).to_be_visible()
        panel.get_by_label("Reason").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
        eventually(lambda: order.schedule_lines.count() == 2)
        assert not Promise.objects.filter(at_risk_at__isnull=False).exists()
        assert page.errors == []  # type: ignore[attr-defined]
