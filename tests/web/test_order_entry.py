"""Entering an order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.cases.actions.incoming import receive
from comptoir.catalog.actions.agreement_lines import set_agreement_line
from comptoir.catalog.actions.agreements import add_agreement, offer_agreement, sign_agreement
from comptoir.catalog.models import CustomerPart, Product, ProductLink, ProductUnit
from comptoir.lib import clock, sheets
from comptoir.lib.numbers import number
from comptoir.lib.said_days import day
from comptoir.orders.models import Order, OrderDraft
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(build.member(name="Emma Laurent"))
    build.site()
    return client


@pytest.fixture
def customer():
    made = build.customer()
    build.contact(made)
    return made


def form(customer, *rows, **more):
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    names = ("part", "quantity", "requested_on", "unit_price")
    filled = {name: [*column, "", ""] for name, column in zip(names, columns, strict=True)}
    return {"customer": customer.number, "po_number": "PO-77341", **filled, **more}


def wish() -> str:
    return build.workday(20).isoformat()


def test_lines_typed_by_number_name_and_the_customers_own_number_are_placed(desk, customer):
    pump, seal, valve = build.product("Gear pump"), build.product("Mechanical seal"), build.product("Ball valve")
    CustomerPart.objects.create(customer=customer, product=valve, part_number="ARM-4410")
    rows = [
        (pump.number.lower(), "3", wish(), ""),
        ("mechanical  SEAL", "2,5", wish(), "9,90"),
        ("arm-4410", "1", wish(), ""),
    ]
    contact = customer.contacts.get()
    answer = desk.post("/orders/new/", form(customer, *rows, contact=contact.pk, po_date="2026-01-05"))
    order = Order.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == order.get_absolute_url()
    assert [(x.product, x.quantity, x.unit_price, x.price_source, x.customer_part) for x in order.lines.all()] == [
        (pump, Decimal(3), Decimal("12.50"), "list", ""),
        (seal, Decimal("2.5"), Decimal("9.90"), "manual", ""),
        (valve, Decimal(1), Decimal("12.50"), "list", "ARM-4410"),
    ]
    assert (order.po_number, order.contact, order.po_date.isoformat()) == ("PO-77341", contact, "2026-01-05")


def test_the_day_of_the_purchase_order_is_typed_as_people_say_it(desk, customer):
    row, yesterday = (build.product().number, "1", wish(), ""), clock.today() - timedelta(days=1)
    refused = desk.post("/orders/new/", form(customer, row, po_date="the other day"))
    assert refused.status_code == 422
    assert 'value="the other day"' in refused.content.decode()
    assert "is not a day" in refused.content.decode()
    said = f"{yesterday.day}.{yesterday.month}."
    assert desk.post("/orders/new/", form(customer, row, po_date=said)).status_code == 302
    assert Order.objects.get().po_date == yesterday


def test_a_purchase_order_used_before_is_told_while_typing_and_refused(desk, customer):
    first = build.order(customer, po="PO-77341")
    told = desk.get(f"/orders/new/po/?customer={customer.number}&po_number=po 77341").content.decode()
    assert first.number in told
    answer = desk.post("/orders/new/", form(customer, (build.product().number, "1", wish(), "")))
    assert answer.status_code == 422
    assert f"was entered before, as {first.number}" in answer.content.decode()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("NOPE", "1", "2099-01-05", ""), "There is no part «NOPE»."),
        (("gear pump", "0", "2099-01-05", ""), "above zero"),
        (("gear pump", "", "2099-01-05", ""), "above zero"),
        (("gear pump", "many", "2099-01-05", ""), "«many» is not a number."),
        (("gear pump", "1,000", "2099-01-05", ""), "two ways"),
        (("gear pump", "3.3335", "2099-01-05", ""), "three decimals"),
        (("gear pump", "0,0001 box", "2099-01-05", ""), "three decimals"),
        (("gear pump", "1", "", ""), "When does the customer want it?"),
        (("gear pump", "1", "31.02.2099", ""), "is not a day"),
        (("gear pump", "1", "2001-01-05", ""), "is over"),
        (("gear pump", "1", "2099-01-05", "x"), "«x» is not a number."),
        (("", "1", "2099-01-05", ""), "Which part?"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_keeps_what_was_typed(desk, customer, row, told):
    build.product("Gear pump")
    answer = desk.post("/orders/new/", form(customer, row))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert f'value="{row[1]}"' in page
    assert not Order.objects.exists()


def test_a_name_two_parts_share_and_a_part_no_longer_sold_are_not_guessed(desk, customer):
    one, other = build.product("Gasket"), build.product("Gasket")
    ended = build.product("Old pump")
    Product.objects.filter(pk=ended.pk).update(state="ended")
    page = desk.post(
        "/orders/new/", form(customer, ("gasket", "1", wish(), ""), (ended.number, "1", wish(), ""))
    ).content.decode()
    assert f"{one.number}, {other.number}" in page
    assert "no longer sold" in page
    assert not Order.objects.exists()


def test_an_order_without_lines_is_not_placed(desk, customer):
    answer = desk.post("/orders/new/", form(customer))
    assert answer.status_code == 422
    assert "at least one line" in answer.content.decode()


def test_the_form_works_without_a_script_for_three_lines(desk, customer):
    page = desk.get(f"/orders/new/?customer={customer.number}").content.decode()
    assert page.partition("<template>")[0].count('name="part"') == 3
    assert 'method="post"' in page


def test_sending_twice_places_once(desk, customer):
    data = form(customer, (build.product().number, "1", wish(), ""), _key="k1")
    first, second = desk.post("/orders/new/", data), desk.post("/orders/new/", data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def offered(desk, customer, **cells):
    query = {"customer": customer.number, "quantity": "1", "requested_on": wish(), "unit_price": ""} | cells
    return desk.get("/orders/new/line/", query).content.decode()


def test_a_line_shows_price_source_stock_and_the_earliest_day(desk, customer):
    product = build.product(on_hand=5)
    told = offered(desk, customer, part=product.number, quantity="2")
    assert "list price" in told
    assert "€25.00" in told
    assert "can arrive" in told
    assert "ask planning" in offered(desk, customer, part=product.number, quantity="9")
    build.supply(product, 10, days=60)
    assert "not before" in offered(desk, customer, part=product.number, quantity="9")
    assert "typed price" in offered(desk, customer, part=product.number, quantity="2,5", unit_price="300,00")
    assert offered(desk, customer, part="", quantity="") == ""


def test_a_line_without_a_price_in_the_customers_currency_asks_for_one(desk):
    dollars = build.customer("Third", currency="USD")
    assert "No price in USD" in offered(desk, dollars, part=build.product().number)


def test_the_lookup_offers_the_customers_own_numbers_first_and_nobody_elses(desk, customer):
    product = build.product("Gear pump")
    CustomerPart.objects.create(customer=customer, product=product, part_number="ARM-4410")
    CustomerPart.objects.create(customer=build.customer("Another"), product=product, part_number="ARM-9")
    told = desk.get(f"/orders/new/parts/?customer={customer.number}&part=arm").content.decode()
    assert 'value="ARM-4410"' in told
    assert "ARM-9" not in told
    assert product.number in desk.get(f"/orders/new/parts/?customer={customer.number}&part=GÉAR").content.decode()


def test_the_customer_is_chosen_by_name_or_number(desk, customer):
    page = desk.get("/orders/new/?q=hydraulique").content.decode()
    assert f"?customer={customer.number}" in page
    assert f"?customer={customer.number}" in desk.get(f"/orders/new/?q={customer.number}").content.decode()
    assert desk.get("/orders/new/?customer=nobody").status_code == 404


def test_the_form_asks_the_database_at_most_twelve_times(desk, customer):
    with CaptureQueriesContext(connection) as asked:
        desk.get(f"/orders/new/?customer={customer.number}&po_number=PO-1")
    assert len(asked) <= 12


@pytest.mark.parametrize("path", ["", "parts/", "line/", "po/"])
def test_nobody_enters_an_order_without_signing_in(client, customer, path):
    assert client.get(f"/orders/new/{path}?customer={customer.number}").status_code == 302


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        ("1 200", "1200"),
        ("2,5", "2.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("0.125", "0.125"),
        ("1'200.5", "1200.5"),
    ],
)
def test_a_number_is_read_as_people_write_it(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,200", "1.200", "abc", "-1", "NaN", "1e99", "1,2,3"])
def test_a_number_that_is_none_or_two_is_refused(text):
    with pytest.raises(ValueError):
        number(text)


def test_a_day_is_read_day_first():
    assert [day(t).isoformat() for t in ("2026-12-01", "1.12.2026", "01/12/2026", "1. 12. 2026")] == ["2026-12-01"] * 4
    assert day(" ") is None
    assert day(clock.today().isoformat()) == clock.today()


def kept(desk, customer, *rows, **more):
    return desk.post("/orders/new/keep/", form(customer, *rows, **more))


def test_what_is_typed_is_kept_for_this_member_survives_a_new_session_and_is_discarded_with_undo(desk, customer):
    product = build.product()
    assert kept(desk, customer, (product.number, "3 ", "+10", "")).status_code == 200
    member = OrderDraft.objects.get().member
    other = Client()
    other.force_login(member)
    page = other.get(f"/orders/new/?customer={customer.number}").content.decode()
    assert f'value="{product.number}"' in page
    assert 'value="PO-77341"' in page
    stranger = Client()
    stranger.force_login(build.member())
    assert product.number not in stranger.get(f"/orders/new/?customer={customer.number}").content.decode()
    pk = OrderDraft.objects.get().pk
    assert stranger.post(f"/orders/new/discard/{pk}/").status_code == 404
    desk.post(f"/orders/new/discard/{pk}/")
    assert product.number not in other.get(f"/orders/new/?customer={customer.number}").content.decode()
    desk.post(f"/orders/new/restore/{pk}/")
    assert product.number in other.get(f"/orders/new/?customer={customer.number}").content.decode()
    desk.post("/orders/new/", form(customer, (product.number, "3", wish(), "")))
    assert Order.objects.count() == 1
    assert not OrderDraft.objects.exists()


def test_an_empty_form_keeps_nothing(desk, customer):
    kept(desk, customer, po_number="")
    assert not OrderDraft.objects.exists()


def test_the_answer_to_keeping_says_what_stands_against_the_order(desk, customer):
    type(customer).objects.update(credit_limit=20)
    told = kept(desk, customer, (build.product().number, "2", wish(), "14")).content.decode()
    assert "above the credit limit" in told
    assert "12.0 % above" in told
    assert "data-needs-reason" not in told


def test_a_former_order_is_repeated_without_its_days(desk, customer):
    order = build.order(customer, products=2)
    page = desk.get(f"/orders/new/?customer={customer.number}&repeat={order.number}").content.decode()
    assert all(f'value="{x.product.number}"' in page for x in order.lines.all())
    foreign = build.order(build.customer("Another"))
    assert desk.get(f"/orders/new/?customer={customer.number}&repeat={foreign.number}").status_code == 404


def test_a_file_and_a_mails_words_become_rows(desk, customer):
    product = build.product()
    read = f"/orders/new/read/?customer={customer.number}"
    told = desk.post(read, {"text": f"Bonjour,\n10 x {product.number} pour le 12.12.2099"}).content.decode()
    assert 'value="10"' in told
    assert 'value="12.12.2099"' in told
    file = SimpleUploadedFile("o.csv", f"Qty;Part\n7;{product.number}\n".encode("utf-16"))
    assert 'value="7"' in desk.post(read, {"file": file}).content.decode()
    table = sheets.workbook("o", ["Article", "Qty", "Date"], [[product.number, 9, build.workday(20)]])
    told = desk.post(read, {"file": SimpleUploadedFile("o.xlsx", table)}).content.decode()
    assert 'value="9"' in told
    assert wish() in told
    comma = SimpleUploadedFile("o.csv", f'part,quantity\n"{product.number}",4\n'.encode())
    assert 'value="4"' in desk.post(read, {"file": comma}).content.decode()
    fine = sheets.workbook("o", ["Article", "Qty"], [[product.number, 3.3335]])
    given = [
        {"text": f"3.3335 x {product.number}"},
        {"file": SimpleUploadedFile("o.csv", f"Qty;Part\n3.3335;{product.number}\n".encode())},
        {"file": SimpleUploadedFile("o.xlsx", fine)},
    ]
    for one in given:
        told = desk.post(read, one).content.decode()
        assert 'value="3.3335"' in told
        assert "three decimals" in told
    odd = desk.post(read, {"file": SimpleUploadedFile("o.csv", b"\0\1\2")})
    assert desk.post(read, {"file": SimpleUploadedFile("o.xlsx", b"PK\3\4 no zip")}).status_code == 422
    assert odd.status_code == 422
    assert "X-Told" in odd.headers


def test_an_order_from_a_case_is_linked_to_it(desk, customer):
    case = receive(build.mail("Bonjour")).case
    row = (build.product().number, "1", wish(), "")
    page = desk.get(f"/orders/new/?customer={customer.number}&case={case.number}").content.decode()
    assert f'name="case" value="{case.number}"' in page
    kept(desk, customer, row, case=case.number)
    assert OrderDraft.objects.get().case_id == case.pk
    desk.post("/orders/new/", form(customer, row, case=case.number))
    assert case.links.get().object_id == Order.objects.get().pk


def test_a_quantity_may_be_said_in_another_unit_of_the_product(desk, customer):
    product = build.product(on_hand=500)
    ProductUnit.objects.create(product=product, unit="box", factor=12)
    told = offered(desk, customer, part=product.number, quantity="5 box")
    assert "60 pcs" in told
    assert "€750.00" in told
    assert "is not ordered in «pallet»" in offered(desk, customer, part=product.number, quantity="1 pallet")
    desk.post("/orders/new/", form(customer, (product.number, "5 box", wish(), "")))
    line = Order.objects.get().lines.get()
    assert (line.quantity, line.ordered_quantity, line.ordered_unit) == (60, 5, "box")


def test_what_is_there_earlier_is_offered_in_place_of_what_is_short(desk, customer):
    short, other, none = (build.product("Valve", on_hand=n) for n in (2, 50, 0))
    for one in (other, none):
        ProductLink.objects.create(product=short, other=one, kind="substitute", note="Same flange")
    told = offered(desk, customer, part=short.number, quantity="9")
    assert f'data-value="{other.number}"' in told
    assert none.number not in told
    assert 'data-take="part"' not in offered(desk, customer, part=short.number, quantity="1")
    assert f'data-value="{short.number}"' not in offered(desk, customer, part=other.number, quantity="90")


def test_a_blanket_order_is_called_off_from_its_lines(desk, customer):
    senior, product = build.member(Role.SENIOR), build.product()
    made = add_agreement(customer, by=senior, kind="blanket", valid_from=clock.today(), valid_until=build.workday(200))
    set_agreement_line(made, by=senior, product=product, unit_price=Decimal("9.50"), blanket_quantity=Decimal(100))
    sign_agreement(offer_agreement(made, by=senior), by=senior, signed_by="Claire")
    page = desk.get(f"/orders/new/?customer={customer.number}").content.decode()
    assert f"agreement={made.number}" in page
    page = desk.get(f"/orders/new/?customer={customer.number}&agreement={made.number}").content.decode()
    assert f'value="{product.number}"' in page
    other = build.customer("Another")
    assert desk.get(f"/orders/new/?customer={other.number}&agreement={made.number}").status_code == 404
    desk.post("/orders/new/", form(customer, (product.number, "40", wish(), "")))
    line = Order.objects.get().lines.get()
    assert (line.unit_price, line.price_source, line.agreement_line.agreement) == (Decimal("9.5"), "agreement", made)
