"""A rep asks planning, planning answers, the rep sees it: two browsers, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import HandOff
from comptoir.people.models import Department
from tests import build
from tests.conftest import need
from tests.web.desk import browser, eventually, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)


def choose(page: Page, label: str, letter: str) -> None:
    """Go to a list of the dialog and take what begins with a letter."""
    page.locator("dialog[data-host]").get_by_label(label, exact=True).focus()
    page.keyboard.press(letter)


def test_hand_off_by_keys_a_rep_asks_planning_and_sees_the_answer() -> None:
    build.inbox()
    build.contact(build.customer(language="en"))
    rep, planner = build.member(name="Emma Laurent"), build.member(name="Pieter Claes", teams=())
    planner.department = Department.objects.create(name="Planning")
    planner.save(update_fields=["department"])
    give_password(rep, planner)
    case = receive(build.mail("Can position 20 come on Friday?")).case
    with browser(need("chromium", "hand-off by keys")) as opened, running() as desk:
        page = signed_in(opened, desk, rep)
        page.goto(f"{desk.url}{case.get_absolute_url()}")
        page.keyboard.press("d")
        choose(page, "Department", "P")
        page.keyboard.press("Tab")
        page.keyboard.type("Can position 20 come on Friday?")
        assert unfit(page) == []
        page.keyboard.press("Control+Enter")
        asked: HandOff = eventually(HandOff.objects.first)
        expect(page.locator(".hand-off")).to_contain_text("Planning")
        theirs = signed_in(opened, desk, planner)
        theirs.goto(f"{desk.url}/hand-offs/")
        theirs.keyboard.press("j")
        theirs.keyboard.press("a")
        eventually(lambda: HandOff.objects.filter(state="accepted").exists())
        expect(theirs.locator(".hand-off")).to_contain_text("with Pieter Claes")
        theirs.keyboard.press("j")
        theirs.keyboard.press("r")
        choose(theirs, "Answer", "Y")
        theirs.keyboard.press("Tab")
        theirs.keyboard.type("Yes, by the morning van.")
        theirs.keyboard.press("Control+Enter")
        eventually(lambda: HandOff.objects.get(pk=asked.pk).answer == "yes")
        expect(page.locator(".hand-off")).to_contain_text("Yes, by the morning van.")
        expect(page.locator(".main-head")).not_to_contain_text("Waiting")
        assert unfit(page) == []
        assert page.errors == [] == theirs.errors  # type: ignore[attr-defined]
