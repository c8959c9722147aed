"""A product's page at work: files shown safely, and a line of it put into the reply or the order."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from comptoir.cases.actions import desk
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Draft
from comptoir.catalog import actions
from comptoir.catalog.models import Price, Product, ProductFile, ProductLink
from comptoir.catalog.queries import price_for
from comptoir.customers.actions import add_customer
from comptoir.lib import clock
from comptoir.orders.models import OrderDraft
from comptoir.people import Role, system
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    member = build.member()
    client.force_login(member)
    return member


@pytest.fixture
def senior(client):
    member = build.member(Role.SENIOR)
    client.force_login(member)
    return member


@pytest.fixture
def case():
    customer = build.customer()
    build.contact(customer)
    return receive(build.mail(build.WISH)).case


def text_of(client, url, **given):
    answer = client.get(url, given)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def sent(client, product, data, name="a.png"):
    return client.post(reverse("product-file-add", args=[product.pk]), {"file": SimpleUploadedFile(name, data)})


def png():
    made = BytesIO()
    Image.new("RGB", (40, 30), "#345").save(made, "PNG")
    return made.getvalue()


def test_a_picture_is_shown_on_the_page_and_nothing_in_it_can_run(client, senior):
    product = build.product()
    assert sent(client, product, png(), "<img src=x onerror=alert(1)>.png").status_code == 302
    row = product.files.get()
    assert row.kind == ProductFile.Kind.PICTURE
    page = text_of(client, product.get_absolute_url())
    assert f'src="{row.get_absolute_url()}"' in page
    assert "<img src=x" not in page
    answer = client.get(row.get_absolute_url())
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_sheet_is_only_ever_saved(client, senior):
    product = build.product()
    sent(client, product, b"%PDF-1.7 <script>", "Sheet.html")
    answer = client.get(product.files.get().get_absolute_url())
    assert answer["Content-Disposition"].startswith("attachment")
    assert "Sheet.html.pdf" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"GIF89a", b"<html>%PDF-1.7"])
def test_what_is_neither_is_refused_with_a_sentence_on_the_page(client, senior, data):
    product = build.product()
    answer = sent(client, product, data, "picture.png")
    assert answer.status_code == 422
    assert "this file is none of them" in answer.content.decode() or not data
    assert not product.files.exists()


def test_a_rep_cannot_add_files(client, rep):
    product = build.product()
    assert sent(client, product, png()).status_code == 403
    assert not product.files.exists()


def test_known_problems_and_alternatives_stand_on_the_page(client, rep):
    product, other = build.product(), build.product("Screw pump")
    senior, today = build.member(Role.SENIOR), clock.today()
    actions.add_note(product, by=rep, text="Seals swell in glycol", valid_until=today + timedelta(days=3))
    old = actions.add_note(product, by=rep, text="Painted grey", valid_from=today - timedelta(days=9))
    actions.end_note(old, by=rep)
    actions.link_product(product, by=senior, other=other, kind=ProductLink.Kind.SUBSTITUTE, is_two_way=True)
    page = text_of(client, product.get_absolute_url())
    assert "Seals swell in glycol" in page
    assert "Painted grey" not in page.split("What happened to it")[0]
    assert "Screw pump" in page
    assert product.name in text_of(client, other.get_absolute_url())


def test_the_price_of_an_agreement_is_what_the_customer_pays(client, rep):
    product, customer = build.product(price="12.50"), build.customer()
    agreement = build.agreement(customer, product, "11", least=5)
    page = text_of(client, product.get_absolute_url(), customer=customer.number)
    assert f"agreement {agreement.number}" in page
    assert f'href="{agreement.get_absolute_url()}"' in page
    assert "12 % below the list" in page
    said = text_of(client, reverse("product-use", args=[product.pk]), customer=customer.number, quantity="5")
    assert f"agreement {agreement.number}" in said


def test_the_page_says_of_every_quantity_what_an_order_would_ask(client, rep):
    product, customer, today = build.product(price="12.50"), build.customer(), clock.today()
    build.agreement(customer, product, "11", least=5, since=9)
    build.agreement(customer, product, "10", least=20)
    priced = [(None, "", "9", 50), (customer, "", "12.2", 2), (None, customer.customer_class, "12.4", 1)]
    crowd = [(build.customer(f"Client {n}"), "", "1", 1) for n in range(2)] * 51
    Price.objects.bulk_create(
        Price(product=product, customer=who, customer_class=of, unit_price=price, currency="EUR", minimum_quantity=least,
              valid_from=today - timedelta(days=n))
        for n, (who, of, price, least) in enumerate([*crowd, *priced])
    )  # fmt: skip
    steps = client.get(product.get_absolute_url(), {"customer": customer.number}).context["pays"]
    for quantity in (1, 2, 4, 5, 19, 20, 50, 500):
        shown = [step for step in steps if step.quantity <= quantity][-1]
        asked = price_for(customer, product, Decimal(quantity), today)
        assert (shown.price.unit_price, shown.source) == (asked.unit_price, asked.source), quantity
    assert [step.source for step in steps] == ["class", "contract", "agreement", "agreement"]


def test_freight_is_told_with_its_source_and_what_is_not_known_is_said(client, rep):
    product, customer = build.product(), build.customer()
    url = reverse("product-use", args=[product.pk])
    assert "no weight" in text_of(client, url, customer=customer.number)
    Product.objects.filter(pk=product.pk).update(weight_kg=Decimal("2.5"))
    assert "France is in no zone" in text_of(client, url, customer=customer.number)
    build.freight_zone(fixed="12", per_kg="1.20")
    said = text_of(client, url, customer=customer.number, quantity="4")
    assert "€24.00" in said
    assert "for 10 kg" in said
    assert "Tariff of the carrier" in said


def test_one_key_puts_a_line_in_the_customers_language_into_the_reply(client, rep, case):
    product = build.product(price="12.5")
    desk.save_draft(case, rep, "reply", "Bonjour,", to="claire@martin.example")
    posted = {"case": str(case.pk), "quantity": "10"}
    answer = client.post(reverse("product-into-reply", args=[product.pk]), posted)
    draft = Draft.objects.get()
    assert draft.text.startswith(f"Bonjour,\n10 pcs Gear pump ({product.number}): 12,50")
    assert "livraison possible à partir du" in draft.text
    assert draft.to == "claire@martin.example"
    assert answer.status_code == 302
    told = text_of(client, reverse("product-use", args=[product.pk]), replied=case.number)
    assert f"The line stands in your reply to {case.number}" in told
    assert reverse("case", args=[case.number]) in told


def test_without_a_customer_the_reply_written_last_is_meant(client, rep, case):
    url = reverse("product-use", args=[build.product().pk])
    assert text_of(client, url) == '<div id="use" hidden></div>'
    desk.save_draft(case, rep, "reply", "Bonjour,")
    assert "For Hydraulique Martin" in text_of(client, url)


def test_a_line_never_goes_into_a_case_the_member_does_not_see(client, case):
    client.force_login(build.member(teams=(build.team("Export"),)))
    url = reverse("product-into-reply", args=[build.product().pk])
    assert client.post(url, {"case": str(case.pk), "quantity": "1"}).status_code == 404
    assert not Draft.objects.exists()


def test_one_key_puts_a_row_into_the_order_being_entered(client, rep):
    product, customer = build.product(), build.customer()
    url = reverse("product-into-order", args=[product.pk])
    for quantity in ("2", "0,5"):
        client.post(url, {"customer": customer.number, "quantity": quantity})
    rows = OrderDraft.objects.get(member=rep, customer=customer).rows
    assert [(row["part"], row["quantity"]) for row in rows] == [(product.number, "2"), (product.number, "0.5")]
    assert product.number in text_of(client, reverse("order-new"), customer=customer.number)
    told = text_of(client, reverse("product-use", args=[product.pk]), entered=customer.number)
    assert "The row stands in the order you are entering for Hydraulique Martin" in told


def test_boxes_are_offered_and_ordered_as_boxes(client, rep, case):
    product, customer = build.product(price="12.5"), case.customer
    actions.set_unit(product, by=build.member(Role.SENIOR), unit="box", factor=Decimal(12))
    url = reverse("product-use", args=[product.pk])
    said = text_of(client, url, customer=customer.number, quantity="2", unit="box")
    assert f"2 bte = 24 pcs Gear pump ({product.number}): 12,50" in said
    assert "€300.00" in said
    client.post(
        reverse("product-into-order", args=[product.pk]), {"customer": customer.number, "quantity": "2", "unit": "box"}
    )
    assert [row["quantity"] for row in OrderDraft.objects.get().rows] == ["2 box"]
    client.post(
        reverse("product-into-reply", args=[product.pk]), {"case": str(case.pk), "quantity": "1", "unit": "box"}
    )
    assert "1 bte = 12 pcs" in Draft.objects.get().text
    assert "1 box = 12 pcs" in text_of(client, product.get_absolute_url())


def test_a_unit_that_is_gone_puts_nothing_anywhere(client, rep):
    product, customer = build.product(), build.customer()
    url = reverse("product-into-order", args=[product.pk])
    client.post(url, {"customer": customer.number, "quantity": "2", "unit": "pallet\0"})
    assert not OrderDraft.objects.exists()


def test_what_is_no_longer_sold_names_what_follows_and_is_put_nowhere(client, rep):
    old, new = build.product("Old pump"), build.product("New pump")
    senior = build.member(Role.SENIOR)
    actions.link_product(old, by=senior, other=new, kind=ProductLink.Kind.SUCCESSOR, note="15 mm lower")
    Product.objects.filter(pk=old.pk).update(state=Product.State.ENDED)
    told = text_of(client, old.get_absolute_url())
    assert "What follows it" in told
    assert f'<a href="{new.get_absolute_url()}">{new.number} New pump</a>' in told
    assert reverse("product-use", args=[old.pk]) not in told
    assert "What follows it" not in text_of(client, new.get_absolute_url())


def test_all_prices_name_the_agreements_in_force(client, rep):
    product, customer = build.product(), build.customer()
    standing = build.agreement(customer, product, "11")
    over = build.agreement(build.customer("Autre Client"), product, "10")
    actions.end_agreement(over, by=build.member(Role.SENIOR))
    told = text_of(client, product.get_absolute_url())
    assert standing.number in told
    assert "€11.00" in told
    assert over.number not in told


@pytest.mark.parametrize("quantity", ["0", "-1", "x", "NaN", "1e99", "0.0001"])
def test_what_is_no_quantity_is_put_nowhere(client, rep, quantity):
    product, customer = build.product(), build.customer()
    url = reverse("product-into-order", args=[product.pk])
    assert client.post(url, {"customer": customer.number, "quantity": quantity}).status_code == 302
    assert not OrderDraft.objects.exists()
    said = text_of(client, reverse("product-use", args=[product.pk]), customer=customer.number, quantity=quantity)
    assert "A quantity is a number above zero" in said


def test_a_customer_without_an_address_is_told_that_the_day_is_not_known(client, rep):
    customer = add_customer(by=system(), name="Nouveau", country="FR", language="fr")
    said = text_of(client, reverse("product-use", args=[build.product().pk]), customer=customer.number)
    assert "date de livraison à confirmer" in said
