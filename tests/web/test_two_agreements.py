"""Two agreements of a customer on one product: which one a line is priced by is said, and chosen by keys."""

from decimal import Decimal
from itertools import pairwise

import pytest
from django.test import Client
from playwright.sync_api import expect

from comptoir.orders.actions import NewLine
from comptoir.orders.actions.quotes import quote
from comptoir.orders.models import Order
from comptoir.people.models import Member
from tests import build, world
from tests.conftest import need
from tests.web.desk import browser, give_password, running, signed_in

in_pages = pytest.mark.django_db
in_browsers = pytest.mark.django_db(transaction=True)


class Two:
    """A product under a price agreement, which is taken by itself, and an older blanket order."""

    def __init__(self) -> None:
        build.site()
        self.rep: Member = build.member(name="Emma Laurent")
        self.customer, self.product = build.customer(), build.product(on_hand=500)
        self.blanket = build.agreement(self.customer, self.product, "8", in_all=100, since=20)
        self.prices = build.agreement(self.customer, self.product, "9", since=2)

    def offered(self, client: Client, price: str) -> str:
        cells = {"part": self.product.number, "quantity": "40", "requested_on": wish(), "unit_price": price}
        return client.get("/orders/new/line/", {"customer": self.customer.number, **cells}).content.decode()

    def form(self, price: str, part: str = "", po: str = "PO-9") -> dict[str, object]:
        cells = (part or self.product.number, "40", wish(), price)
        names = ("part", "quantity", "requested_on", "unit_price")
        return {"customer": self.customer.number, "po_number": po, **dict(zip(names, map(lone, cells), strict=True))}


def lone(cell: str) -> list[str]:
    return [cell, ""]


def wish() -> str:
    return build.workday(20).isoformat()


@pytest.fixture
def two(client: Client) -> Two:
    made = Two()
    client.force_login(made.rep)
    return made


@in_pages
def test_the_grid_says_which_agreement_is_taken_and_offers_the_other_with_what_is_left(client, two):
    told = two.offered(client, "")
    assert f"agreement {two.prices.number}" in told
    assert "€360.00" in told
    assert f'data-take="unit_price" data-value="{two.blanket.number}"' in told
    assert "100 left" in told
    told = two.offered(client, two.blanket.number.lower())
    assert f"agreement {two.blanket.number}" in told
    assert "€320.00" in told
    assert f'data-value="{two.prices.number}"' in told
    assert f'data-value="{two.blanket.number}"' not in told


@in_pages
def test_an_order_is_called_off_from_the_agreement_that_is_named(client, two):
    guards = client.post("/orders/new/keep/", two.form(two.blanket.number)).content.decode()
    assert "price" not in guards.lower()
    assert client.post("/orders/new/", two.form(two.blanket.number)).status_code == 302
    line = Order.objects.get().lines.get()
    assert (line.unit_price, line.price_source, line.agreement_line.agreement) == (8, "agreement", two.blanket)
    told = two.offered(client, two.blanket.number)
    assert f"agreement {two.blanket.number}" in told
    client.post("/orders/new/", two.form("", po="PO-10"))
    assert Order.objects.get(po_number="PO-10").lines.get().agreement_line.agreement == two.prices
    assert "60 left" in two.offered(client, "")


@in_pages
@pytest.mark.parametrize("named", ["AG-1", "of another customer", "ended", "about another product"])
def test_an_agreement_that_does_not_price_the_line_is_refused_with_what_was_typed_kept(client, two, named):
    number, told = named, "that holds today"
    if named == "of another customer":
        number = build.agreement(build.customer("Another"), two.product, "1").number
    elif named == "ended":
        type(two.blanket).objects.update(state="ended")
        number = two.blanket.number
    elif named == "about another product":
        number, told = build.agreement(two.customer, build.product("Valve"), "1").number, "says nothing of"
    answer = client.post("/orders/new/", two.form(number))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert f'value="{number}"' in answer.content.decode()
    assert not Order.objects.exists()


@in_pages
def test_calling_off_from_a_blanket_order_names_it_and_a_quote_keeps_its_agreement_when_edited(client, two):
    page = client.get(f"/orders/new/?customer={two.customer.number}&agreement={two.blanket.number}").content.decode()
    assert f'name="unit_price" value="{two.blanket.number}"' in page
    lines = [
        NewLine(two.product, Decimal(40), build.workday(20), agreement_line=agreement.lines.get())
        for agreement in (two.blanket, two.prices)
    ]
    quoted = quote(two.customer, by=two.rep, lines=lines)
    page = client.get(f"/quotes/{quoted.number}/edit/").content.decode()
    assert page.count(f'name="unit_price" value="{two.blanket.number}"') == 1
    assert f'value="{two.prices.number}"' not in page  # it would be taken by itself


@in_pages
def test_many_lines_that_name_agreements_are_read_with_as_few_queries_as_two(
    client, two, django_assert_max_num_queries
):
    form = two.form("")
    rows = 30
    for name, cell in (("part", two.product.number), ("quantity", "1"), ("requested_on", wish())):
        form[name] = [cell] * rows
    form["unit_price"] = [two.blanket.number] * rows
    with django_assert_max_num_queries(24):
        assert client.post("/orders/new/keep/", form).status_code == 200


@in_browsers
def test_the_other_agreement_is_taken_and_given_back_by_one_key():
    world.make()
    made = Two()
    third = build.agreement(made.customer, made.product, "7.5", in_all=50, since=40)
    ring = [made.prices, made.blanket, third, made.prices]
    give_password(made.rep)
    with browser(need("chromium", "entry by keys")) as chromium, running() as desk:
        page = signed_in(chromium, desk, made.rep)
        page.goto(f"{desk.url}/orders/new/?customer={made.customer.number}")
        page.locator("[data-grid] [name=part]").first.focus()
        page.keyboard.type(made.product.number)
        page.keyboard.press("Enter")
        page.keyboard.type("40")
        page.keyboard.press("Enter")
        page.keyboard.type("+20")
        page.keyboard.press("Shift+Tab")
        offer = page.locator("[data-grid-row] .offer").first
        for before, after in pairwise(ring):
            expect(offer).to_contain_text(f"agreement {before.number}")
            page.keyboard.press("Alt+a")
            expect(page.locator("[name=unit_price]").first).to_have_value(after.number)
            expect(offer).to_contain_text(f"agreement {after.number}")
            expect(page.locator("[name=quantity]").first).to_be_focused()
        assert page.errors == []  # type: ignore[attr-defined]
