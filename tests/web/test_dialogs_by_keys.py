"""A dialog without fields begins on the button that does it, so that Enter does it; not where something is taken away."""

import pytest
from playwright.sync_api import Page, expect

from comptoir.actions import ACTIONS
from comptoir.catalog.models import AgreementLine
from comptoir.orders.actions import NewLine, place
from comptoir.orders.models import Order
from comptoir.people import Role
from comptoir.web.act import FINAL, UNDO
from tests import build
from tests.conftest import need
from tests.web.desk import Desk, browser, eventually, give_password, running, signed_in

TAKES_AWAY = ("remove", "revoke", "forget", "discard", "end", "undo_batch", "undo_table", "clear", "delete")


def test_every_act_without_a_question_that_takes_something_away_is_known_as_such():
    unasked = {name for name, spec in ACTIONS.items() if spec.is_public and not spec.parameters}
    taking = {name for name in unasked if name.partition(".")[2].startswith(TAKES_AWAY)}
    assert taking <= FINAL
    assert unasked >= FINAL
    assert not FINAL & UNDO.keys()


@pytest.mark.django_db(transaction=True)
def test_enter_does_what_is_harmless_and_leaves_what_is_not():
    senior, customer = build.member(Role.SENIOR), build.customer()
    give_password(senior)
    build.contact(customer)
    lines = [NewLine(build.product(), 1, build.workday(15))]  # type: ignore[arg-type]
    order = place(customer, by=senior, lines=lines, site=build.site())
    agreement = build.agreement(customer, build.product("Valve"), "9")
    type(agreement).objects.update(state="draft")
    with browser(need("chromium", "dialogs by keys")) as chromium, running() as desk:
        page = signed_in(chromium, desk, senior)
        confirmed_by_enter(page, desk, order)
        left_by_enter(page, desk, agreement.number)
        assert page.errors == []  # type: ignore[attr-defined]
    assert AgreementLine.objects.filter(agreement=agreement).exists()


def confirmed_by_enter(page: Page, desk: Desk, order: Order) -> None:
    page.goto(f"{desk.url}{order.get_absolute_url()}")
    page.locator(f"[data-dialog$='orders.confirm/{order.pk}/']").first.focus()
    page.keyboard.down("Enter")
    primary = page.locator("dialog .dialog-foot [data-kind=primary]")
    expect(primary).to_be_focused()
    page.keyboard.down("Enter")  # the same press, held: nothing is done yet
    page.keyboard.up("Enter")
    expect(primary).to_be_focused()
    assert Order.objects.get().state == "ready"
    page.keyboard.press("Enter")
    eventually(lambda: Order.objects.filter(state="confirmed").first())
    expect(page.locator("dialog[open]")).to_have_count(0)


def left_by_enter(page: Page, desk: Desk, number: str) -> None:
    page.goto(f"{desk.url}/agreements/{number}/")
    page.locator("[data-dialog*='catalog.remove_agreement_line']").first.click()
    expect(page.locator("dialog .dialog-foot [data-dialog-close]")).to_be_focused()
    expect(page.locator("dialog .dialog-foot [type=submit]")).to_have_attribute("data-kind", "danger")
    expect(page.locator("dialog[open] .dialog-body")).to_contain_text("This cannot be undone.")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
