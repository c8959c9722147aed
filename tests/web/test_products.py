"""The products' pages: the list, what a customer pays and why, what can be promised, who waits."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from comptoir.catalog import actions
from comptoir.catalog.models import Price, Product
from comptoir.lib import clock
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    member = build.member()
    client.force_login(member)
    return member


@pytest.fixture
def senior():
    return build.member(Role.SENIOR)


def text_of(client, url, **given):
    answer = client.get(url, given)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def page(client, product, **given):
    return text_of(client, product.get_absolute_url(), **given)


def listed(client, **given):
    answer = client.get("/products/", given)
    return [row.product.number for row in answer.context["found"].rows]


def test_an_empty_desk_says_what_an_order_needs_and_who_may_enter_it(client, rep, senior):
    assert "Seniors and above" in text_of(client, "/products/")
    client.force_login(senior)
    assert "An order needs a product with a price" in text_of(client, "/products/")


@pytest.mark.parametrize("words", ["gp-10", "zahnrad PUMPE", "čerpadlo", "ARM-4410"])
def test_a_product_is_found_by_number_name_and_a_customers_number(client, rep, senior, words):
    wanted = actions.add_product(by=senior, number="GP-100", name="Zahnradpumpe Čerpadlo")
    build.product("Filter")
    actions.add_part(wanted, by=senior, customer=build.customer(), part_number="ARM-4410")
    assert listed(client, q=words) == ["GP-100"]
    if words == "ARM-4410":
        assert "Hydraulique Martin" in text_of(client, "/products/", q=words)


def test_the_views_hold_what_is_short_unpriced_and_ended(client, rep, senior):
    there, gone = build.product(on_hand=5), build.product(on_hand=0)
    coming = build.product(on_hand=0)
    build.supply(coming, 10, 5)
    unpriced = actions.add_product(by=senior, number="X-1", name="Unpriced")
    old = build.product()
    actions.edit_product(old, by=senior, state=Product.State.ENDED)
    assert listed(client) == sorted(p.number for p in (there, gone, coming, unpriced))
    assert listed(client, view="short") == sorted(p.number for p in (gone, coming))
    assert listed(client, view="unpriced") == ["X-1"]
    assert listed(client, view="ended") == [old.number]


def test_free_now_leaves_what_is_set_aside_alone_even_for_later(client, rep):
    customer = build.customer()
    order = build.order(customer, quantity=30)
    product = order.lines.get().product
    row = client.get("/products/").context["found"].rows[0]
    assert (row.product, row.free, row.product.on_hand) == (product, 70, 100)


def test_the_list_goes_on_after_a_key_and_ends(client, rep, monkeypatch):
    from comptoir.catalog import product_list

    monkeypatch.setattr(product_list, "PAGE", 2)
    made = [build.product().number for _ in range(5)]
    seen, after = [], ""
    while True:
        found = client.get("/products/", {"after": after}).context["found"]
        seen += [row.product.number for row in found.rows]
        if not (after := found.after):
            break
    assert seen == sorted(made)


def test_the_table_says_what_the_list_says_and_no_text_becomes_a_formula(client, rep, senior):
    product = build.product("=cmd|' /C calc'!A0")
    build.supply(product, 10, 5)
    told = b"".join(client.get("/products.csv").streaming_content).decode("utf-8-sig")
    head, row = told.splitlines()
    assert head.startswith("Part number,Name,Unit")
    assert f"{product.number},'=cmd|' /C calc'!A0,pcs,Active" in row
    assert ",12.5,1,EUR,100,100," in row
    assert row.endswith(",10")


def test_the_page_says_what_this_customer_pays_and_why(client, rep, senior):
    product, customer = build.product(price="12.50"), build.customer()
    other = build.customer("Autre Client")
    for value, more in (("11", {"customer_class": customer.customer_class}), ("9", {"customer": other}),
                        ("10", {"customer": customer, "minimum_quantity": Decimal(100)})):  # fmt: skip
        actions.set_price(
            product, by=senior, unit_price=Decimal(value), currency="EUR", valid_from=clock.today(), **more
        )
    told = page(client, product, customer=customer.number)
    assert "What Hydraulique Martin pays today" in told
    steps = client.get(product.get_absolute_url(), {"customer": customer.number}).context["pays"]
    assert [(s.quantity, s.price.unit_price, s.source, s.saving) for s in steps] == [
        (1, 11, "class", 12), (100, 10, "contract", 20),
    ]  # fmt: skip
    assert "€9.00" not in told
    assert "€9.00" in page(client, product)


def test_what_is_typed_as_a_customer_is_found_or_refused(client, rep):
    product, customer = build.product(), build.customer()
    url = product.get_absolute_url()
    found = client.get(url, {"customer": "", "customer_text": "hydraulique martin"})
    assert found.headers["Location"] == f"{url}?customer={customer.number}"
    assert "Nothing is called" in page(client, product, customer="", customer_text="nobody at all")


def test_a_currency_without_a_price_is_said(client, rep):
    product, customer = build.product(), build.customer("Vindkraft", country="DK", language="da", currency="DKK")
    assert "There is no price in DKK" in page(client, product, customer=customer.number)


def test_the_page_draws_what_can_be_promised_and_names_who_waits(client, rep, senior):
    order = build.order(build.customer("Петров & Ко"), po="PO-1", quantity=30)
    product = order.lines.get().product
    actions.plan_receipt(
        product, by=senior, site=build.site(), quantity=Decimal(40), due_on=clock.today() + timedelta(days=9),
        reference="PO 4500",
    )  # fmt: skip
    told = page(client, product)
    assert '<svg class="chart"' in told
    assert "Петров &amp; Ко" in told
    assert order.number in told
    assert "PO 4500" in told
    context = client.get(product.get_absolute_url()).context["page"]
    assert (context.free, context.on_hand, context.reserved) == (100, 100, 30)  # the receipt comes before it leaves
    assert [r.quantity for r in context.demand] == [30]


def test_a_rep_sees_no_button_that_would_refuse_them(client, rep, senior):
    product = build.product()
    build.supply(product, 10, 5)
    shown = (page(client, product) + text_of(client, "/products/")).replace("catalog.add_note", "")
    assert "catalog." not in shown
    client.force_login(senior)
    told = page(client, product)
    for name in ("edit_product", "set_price", "correct_stock", "plan_receipt", "receive", "add_part", "end_price"):
        assert f"/do/catalog.{name}/" in told


def test_a_number_with_a_slash_and_letters_of_all_kinds_has_a_page(client, rep, senior):
    for number in ("6204/2RS", "Ø 12+3", "АБ-1", "a&b=c;d", "import", "export.csv"):
        product = actions.add_product(by=senior, number=number, name="Bearing <b>")
        told = page(client, product)
        assert "Bearing &lt;b&gt;" in told
    assert client.get("/products/nothing/").status_code == 404


def test_the_page_hears_of_every_change_and_refreshes_its_parts(client, rep):
    product = build.product()
    assert f'data-live="product:{product.pk}"' in page(client, product)
    for part in ("head", "main", "context"):
        assert f"live:product-{product.pk}" in page(client, product, part=part)


def test_find_leads_to_the_page(client, rep, senior):
    from comptoir.search import documents

    product = actions.add_product(by=senior, number="GP-100", name="Gear pump")
    documents.reindex()
    assert f'href="{product.get_absolute_url()}"' in text_of(client, reverse("find"), q="GP-100")


def test_the_dialog_tells_an_overlap_before_it_is_done(client, senior):
    client.force_login(senior)
    product = build.product(price="12.50")
    url = reverse("act", args=["catalog.set_price", product.pk])
    form = {
        "unit_price": "13",
        "currency": "EUR",
        "valid_from": f"{clock.today():%Y-%m-%d}",
        "per": "1",
        "minimum_quantity": "1",
    }
    first = client.post(url, form, headers={"HX-Request": "true"})
    assert first.status_code == 422
    assert "ends on" in first.content.decode()
    assert Price.objects.count() == 1
    told = first.context["preview"].told
    assert client.post(url, form | {"_told": told}, headers={"HX-Request": "true"}).status_code == 200
    assert Price.objects.count() == 2


def test_a_price_is_for_everybody_unless_a_class_is_chosen(client, senior):
    client.force_login(senior)
    product = actions.add_product(by=senior, number="GP-100", name="Gear pump")
    url = reverse("act", args=["catalog.set_price", product.pk])
    form = client.get(url).context["form"]
    assert form.fields["customer_class"].choices[0] == ("", "–")
