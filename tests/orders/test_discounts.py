"""A customer's discounts: read from a column of their order, taken off the price that is compared, shown, and learned."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from comptoir.catalog.models import Price, Product
from comptoir.lib import clock
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.extract.discounts import net_price, settle, shown
from comptoir.orders.extract.layout import layout_from
from comptoir.orders.inbound import Fields, Value, said
from comptoir.orders.models import Difference, InboundDocument, LayoutTemplate, Order
from tests import build
from tests.documents.make import FIRST, SECOND, lines, off, percent_off
from tests.orders.test_documents import came, goods

LAYOUTS = {"percent_de": ("pdf", 82), "line_off_en": ("pdf", 83), "less_en": ("xlsx", 84)}


@pytest.fixture(autouse=True)
def _in_their_days():
    with clock.at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def customer(db):
    """Nothing is agreed with them: only what they wrote is compared with what was entered."""
    made = goods(build.customer())
    Price.objects.all().delete()
    return made


def prices(count: range) -> list[Decimal]:
    """What the customer pays by the document."""
    return [Decimal(c - off(n, c)) / 100 for n, _p, _d, _q, c in lines(count)]


def entered(document: InboundDocument, count: range, *, at_net: bool = True) -> Order:
    """The order as a person confirms it: at the prices that are left after the discounts, or as if there were none."""
    day = date(2026, 12, 18)
    rows = [
        NewLine(Product.objects.get(number=p), Decimal(q), day, Decimal(c - (off(n, c) if at_net else 0)) / 100)
        for n, p, _d, q, c in lines(count)
    ]
    po = document.read.said("po_number")
    return enter_document(document, by=build.member(), customer=document.customer, lines=rows, po_number=po)


def compared(order: Order) -> list[Difference]:
    return list(order.verifications.latest("pk").differences.filter(field="unit_price").order_by("position"))


@pytest.mark.parametrize("name", ["percent_de", "line_off_en"])
@pytest.mark.parametrize(("number", "count"), [(1, FIRST), (2, SECOND)])
def test_what_is_off_is_read_with_its_place_and_the_price_is_what_is_left(customer, name, number, count):
    document = came(customer, f"{name}_{number}", "pdf")
    inbound = document.read
    assert inbound.said("po_number") == f"4500{LAYOUTS[name][1]}{number}"
    assert inbound.problems == []
    assert [(said(line, "part"), said(line, "quantity")) for line in inbound.lines] == [
        (p, str(q)) for _n, p, _d, q, _c in lines(count)
    ]
    assert [Decimal(said(line, "unit_price")) for line in inbound.lines] == [
        Decimal(c) / 100 for *_x, c in lines(count)
    ]
    assert [net_price(line) for line in inbound.lines] == prices(count)
    assert all(line["discount"].place for line in inbound.lines if said(line, "discount").strip("0%"))
    if name == "percent_de":
        told = [said(line, "discount") for line in inbound.lines if "discount" in line]
        assert told == [f"{percent_off(n)}%" for n, *_x in lines(count) if percent_off(n)]


@pytest.mark.parametrize("name", ["percent_de", "line_off_en"])
def test_the_price_that_is_left_is_compared_and_shown_with_how_it_came_about(customer, client, name):
    document = came(customer, f"{name}_1", "pdf")
    rows = compared(entered(document, FIRST))
    assert [(Decimal(row.theirs), row.colour) for row in rows] == [(price, "green") for price in prices(FIRST)]
    client.force_login(build.member())
    page = client.get(f"/orders/{Order.objects.get().number}/truth/").content.decode()
    assert ("660 − 12 %" if name == "percent_de" else "660 − 79.2") in page.replace("\N{NO-BREAK SPACE}", " ")
    assert 'data-field="discount"' in page


def test_an_order_at_the_price_before_the_discount_is_red(customer):
    order = entered(came(customer, "percent_de_1", "pdf"), FIRST, at_net=False)
    assert [row.colour for row in compared(order)] == ["red" if percent_off(n) else "green" for n, *_x in lines(FIRST)]


def test_a_column_that_nobody_knows_is_taught_by_the_confirmed_prices(customer):
    first = came(customer, "less_en_1", "xlsx")
    assert not any("discount" in line for line in first.read.lines)
    entered(first, FIRST)
    layout = layout_from(LayoutTemplate.objects.get().rules)
    assert (layout.columns["discount"], layout.discount) == ("less", "each")
    second = came(customer, "less_en_2", "xlsx")
    assert [net_price(line) for line in second.read.lines] == prices(SECOND)
    assert all(row.colour == "green" for row in compared(entered(second, SECOND)))


def test_prices_as_they_stand_there_teach_no_discount(customer):
    entered(came(customer, "less_en_1", "xlsx"), FIRST, at_net=False)
    layout = layout_from(LayoutTemplate.objects.get().rules)
    assert (layout.columns.get("discount"), layout.discount) == (None, "")
    assert [net_price(line) for line in came(customer, "less_en_2", "xlsx").read.lines] != prices(SECOND)


def a_line(**texts: str) -> Fields:
    return {name: Value(text, text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("texts", "is_percent", "is_net", "taught", "told", "left"),
    [
        ({"discount": "10", "net": "180"}, False, False, "", "10%", 90),
        ({"discount": "10", "net": "190"}, False, False, "", "5", 95),
        ({"discount": "5", "net": "190"}, True, False, "percent", "5%", 95),
        ({"discount": "10", "net": "200"}, True, False, "", "0", 100),  # the price has it taken off already
        ({"discount": "10"}, True, False, "", "10%", 90),
        ({"discount": "10"}, True, True, "", "0", 100),
        ({"discount": "10"}, False, False, "each", "10", 90),
        ({"discount": "10"}, False, False, "line", "5", 95),
        ({"discount": "10"}, False, False, "", "", 100),  # nobody can know
        ({"discount": "110"}, True, False, "", "", 100),
        ({"discount": "1000", "net": "0.02"}, False, False, "each", "", 100),
    ],
)
def test_what_a_number_off_means(texts, is_percent, is_net, taught, told, left):
    line = a_line(unit_price="100", quantity="2", **texts)
    settle([line], is_percent, is_net, taught)
    assert (line["discount"].text, net_price(line)) == (told, left)
    assert line["discount"].raw == texts["discount"]
    assert bool(shown(line)) == (left != 100)


def test_prices_for_a_hundred_have_their_discount_taken_off():
    line = a_line(unit_price="100", quantity="200", per="100", discount="20", net="180")
    settle([line], False, False, "")
    assert (said(line, "discount"), net_price(line)) == ("10", 90)
