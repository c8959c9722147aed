"""Every screen in both themes and narrow: axe finds nothing, nothing sticks out, the console is silent, focus comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.handling import assign
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, place
from comptoir.orders.models import Order
from tests import build, world
from tests.conftest import need
from tests.offers import written_quote
from tests.web.desk import Desk, browser, give_password, running, signed_in, unfit

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE, NARROW = (1440, 900), (390, 844), (320, 640)
LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle Oberösterreich GmbH & Co. KG"
WIDER = """() => [...document.querySelectorAll("html, .main-pane, .context-pane")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className || one.tagName)"""
COVERED = """() => [...document.querySelectorAll("a, button, summary")].filter((one) => {
  const box = one.getBoundingClientRect();
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest("a, button, summary");
  const row = one.closest("li, tr, article");
  return over && row?.contains(over) && one.checkVisibility() && !one.contains(over) && !over.contains(one);
}).map((one) => one.textContent.trim())"""  # what a row has to press, and the row's own link lies over it


@pytest.fixture
def made() -> world.World:
    """A case of the administrator's with an answer promised and a request that waits for them."""
    found = world.make()
    assign(found.case, by=found.boss, to=found.boss)
    Customer.objects.filter(pk=found.customer.pk).update(name=LONG_NAME)
    Order.objects.filter(pk=found.order.pk).update(po_number="BESTELLUNG-2026/11/INSTANDHALTUNG-0000123456")
    promise_answer(found.case.asks.first(), by=found.boss, due_at=clock.now() + timedelta(hours=5))
    world.pull_in_above_the_limit(found)
    give_password(found.boss)
    build.freight_zone()
    waiting = build.customer("Nørresund Smedje")
    Customer.objects.filter(pk=waiting.pk).update(owner=found.boss)
    place(waiting, by=found.boss, site=build.site(), lines=[NewLine(build.product(), Decimal(1), build.workday(9))])
    build.agreement(found.customer, found.order.lines.first().product, "9", in_all=500)
    return found


def test_every_screen_is_fit_for_everybody(made: world.World) -> None:
    with browser(need("chromium", "the look at every screen")) as chromium, running() as desk:
        the_sign_in(chromium, desk)
        page = signed_in(chromium, desk, made.boss)
        case, order, customer = (row.get_absolute_url() for row in (made.case, made.order, made.customer))
        product, agreement = made.order.lines.first().product, made.customer.agreements.get()
        for address in (
            "/?view=all",
            case,
            order,
            customer,
            "/day/",
            "/demand/",
            f"{order}change/",
            "/quotes/?q=nothing",
            "/quotes/?view=all",
            "/settings/company/",
            "/approvals/",
            "/orders/",
            "/customers/",
            "/products/",
            f"{product.get_absolute_url()}?customer={made.customer.number}",
            f"/orders/new/?customer={made.customer.number}&agreement={agreement.number}",
            written_quote(made.customer, made.boss).get_absolute_url(),
            "/agreements/",
            agreement.get_absolute_url(),
            "/settings/",
            "/settings/freight/",
            "/settings/tokens/",
            "/api/",
        ):
            page.goto(desk.url + address)
            looks_well(page, address)
        the_filters_of_the_orders(page, desk)
        page.goto(desk.url + case)
        a_dialog_with_an_error(page)
        a_dialog_from_a_menu(page)
        the_palette(page)
        the_composer_with_an_error(page)
        assert [told for told in page.errors if "422" not in told] == []  # type: ignore[attr-defined]


def the_filters_of_the_orders(page: Page, desk: Desk) -> None:
    """A day that is none is said beside what is filtered, and what is kept as a view is what is filtered now."""
    page.goto(f"{desk.url}/orders/?tab=all&sort=value")
    page.keyboard.press("f")
    page.get_by_label("from", exact=True).fill("frii")
    page.get_by_label("Net at least").fill("1")
    expect(page.get_by_text("«frii» is not a day.")).to_be_visible()
    expect(page).to_have_url(f"{desk.url}/orders/?tab=all&from=frii&least=1&sort=value")
    looks_well(page, "the filters of the orders")
    page.locator(".main-head h1").click()
    page.keyboard.press("v")
    kept = page.locator("dialog[open] input[name=query]")
    expect(kept).to_have_value("from=frii&least=1&sort=value&tab=all")
    page.keyboard.press("Escape")


def looks_well(page: Page, what: str) -> None:
    """Both themes as they are, and no scrolling sideways on a phone or at 320 px."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert unfit(page, "color-contrast") == [], f"{what} in the dark"  # nothing else depends on the theme
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert unfit(page) == [], what
    assert page.evaluate(COVERED) == [], what
    for width, height in (WIDE, PHONE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDER) == [], f"{what} at {width} px"
        if width == PHONE[0] and what.startswith("/"):
            assert unfit(page) == [], f"{what} on a phone"
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def the_sign_in(chromium: Browser, desk: Desk) -> None:
    page = chromium.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}).new_page()
    page.goto(f"{desk.url}/sign-in/")
    looks_well(page, "sign-in")
    page.get_by_label("E-mail").fill("nobody@desk.example")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "sign-in with an error")


def a_dialog_with_an_error(page: Page) -> None:
    """Resolving with an open ask is refused; Escape gives the focus back to the button."""
    button = page.locator(".case-head").get_by_role("button", name="Resolve")
    button.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    looks_well(page, "a dialog")
    dialog.locator("textarea").first.fill("Done")
    dialog.locator("[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    looks_well(page, "a dialog with an error")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def a_dialog_from_a_menu(page: Page) -> None:
    """The menu has closed when its dialog ends: the focus is where the menu opens."""
    menu = page.locator(".case-head summary")
    menu.click()
    page.locator(".menu[open]").get_by_role("button", name="Merge").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
    expect(menu).to_be_focused()


def the_palette(page: Page) -> None:
    page.keyboard.press("/")
    palette = page.locator("dialog[data-palette]")
    palette.get_by_role("combobox").fill("martin")
    expect(palette.get_by_role("option").first).to_be_visible()
    looks_well(page, "the palette")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def the_composer_with_an_error(page: Page) -> None:
    """An address that is none is refused beside what was written."""
    composer = page.locator("[data-composer]")
    composer.locator("summary").first.click()
    composer.get_by_label("To", exact=True).fill("no address")
    composer.locator("textarea[name=text]").first.fill("Bonjour")
    page.keyboard.press("Control+Enter")
    expect(composer.get_by_role("alert")).to_be_visible()
    looks_well(page, "the composer with an error")
