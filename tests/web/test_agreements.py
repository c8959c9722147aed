"""Agreements are read where their numbers lead, with what was signed beside what was called off."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from comptoir.actions.due import tick
from comptoir.catalog import actions
from comptoir.catalog.models import Agreement, AgreementFile
from comptoir.events.models import Event
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, place
from comptoir.people import Role
from comptoir.search.documents import follow, reindex
from comptoir.search.models import Document
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior(client):
    member = build.member(Role.SENIOR)
    client.force_login(member)
    return member


@pytest.fixture
def customer():
    build.site()
    return build.customer()


def page(client, url, **given):
    return " ".join(client.get(url, given).content.decode().split())


def drafted(customer, senior, **more):
    days = {"valid_from": clock.today(), "valid_until": clock.today() + timedelta(days=300)}
    made = actions.add_agreement(customer, by=senior, kind=Agreement.Kind.PRICES, **(days | more))
    actions.set_agreement_line(made, by=senior, product=build.product("Gear pump"), unit_price=Decimal("9.5"))
    return made


def sent(client, agreement, data, name="signed.pdf"):
    url = reverse("agreement-file-add", args=[agreement.number])
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def picture():
    made = BytesIO()
    Image.new("RGB", (40, 30), "#345").save(made, "JPEG")
    return made.getvalue()


def text_of(pdf):
    return " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(pdf)).pages).split())


def test_an_agreement_shows_its_lines_and_what_can_be_done_next(client, customer, senior):
    made = drafted(customer, senior)
    told = page(client, made.get_absolute_url())
    assert "Gear pump" in told
    assert "catalog.offer_agreement" in told
    assert "order-new" not in told
    assert made.number in page(client, "/agreements/")
    assert client.get("/agreements/AG-0/").status_code == 404


def test_a_rep_reads_it_orders_by_it_and_sees_no_button_that_would_refuse(client, customer):
    made = build.agreement(customer, build.product(), "9")
    client.force_login(build.member())
    told = page(client, made.get_absolute_url())
    assert "/act/catalog." not in told
    assert 'type="file"' not in told
    assert f"agreement={made.number}" in told


def test_what_was_called_off_stands_with_its_orders_and_in_the_list(client, customer, senior):
    product = build.product()
    made = build.agreement(customer, product, "9", in_all=80)
    order = place(customer, by=senior, lines=[NewLine(product, Decimal(20), build.workday(9))])
    told = page(client, made.get_absolute_url())
    assert order.number in told
    assert "<b >60</b>" in told
    assert "25 %" in page(client, "/agreements/")


def test_the_list_is_by_state_and_found_by_number_or_customer(client, customer, senior):
    signed, open_one = build.agreement(customer, build.product(), "9"), drafted(build.customer("Петров"), senior)
    over = build.agreement(customer, build.product(), "9")
    actions.end_agreement(over, by=senior)

    def listed(**given):
        told = page(client, "/agreements/", **given)
        return {one for one in (signed, open_one, over) if one.number in told}

    assert listed() == {signed, open_one}
    assert listed(view="binding") == {signed}
    assert listed(view="open") == {open_one}
    assert listed(view="ended") == {over}
    assert listed(q="petrov") == {open_one}
    assert listed(q=signed.number.lower()) == {signed}
    assert listed(view="nonsense", page="x") == {signed, open_one}


@pytest.mark.parametrize(
    ("language", "title", "days"),
    [
        ("en", "Price agreement", "30 days"),
        ("fr", "Accord de prix", "30 jours"),
        ("da", "Prisaftale", "30 dage"),
        ("sk", "Cenová dohoda", "dni: 30"),
        ("bg", "Ценово споразумение", "30 дни"),
    ],
)
def test_its_paper_is_in_the_customers_language(client, senior, language, title, days):
    made = drafted(build.customer(language=language), senior, lead_days=30, terms='#panic("x") *b*')
    answer = client.get(reverse("agreement-paper", args=[made.number]))
    told = text_of(answer.content)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert title in told
    assert made.number in told
    assert days in told
    assert '#panic("x") *b*' in told


def test_the_paper_of_a_signed_agreement_stays_what_it_was(client, customer, senior):
    made = drafted(customer, senior)
    url = reverse("agreement-paper", args=[made.number])
    assert "9.50" in text_of(client.get(url).content).replace(",", ".")
    actions.set_agreement_line(made, by=senior, product=made.lines.get().product, unit_price=Decimal("8.5"))
    assert "8.50" in text_of(client.get(url).content).replace(",", ".")
    actions.offer_agreement(made, by=senior)
    actions.sign_agreement(made, by=senior, signed_by="Claire Moreau")
    first = client.get(url).content
    assert "Claire Moreau" in text_of(first)
    customer.name = "Another name"
    customer.save()
    assert client.get(url).content == first


def test_the_signed_paper_is_kept_and_only_ever_saved(client, customer, senior):
    made = drafted(customer, senior)
    assert sent(client, made, b"%PDF-1.7 signed", "..\\evil/sig\x00ned\u202e.pdf").status_code == 302
    row = AgreementFile.objects.get()
    assert row.name == "signed.pdf"
    told = page(client, made.get_absolute_url())
    assert "signed.pdf" in told
    assert "file added: signed.pdf" in told
    answer = client.get(row.get_absolute_url())
    assert answer.content == b"%PDF-1.7 signed"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    actions.remove_agreement_file(row, by=senior)
    assert "file removed" in page(client, made.get_absolute_url())


def test_a_picture_of_it_is_drawn_anew_and_shown(client, customer, senior):
    made = drafted(customer, senior)
    sent(client, made, picture() + b"<script>alert(1)</script>", "scan.jpg")
    row = AgreementFile.objects.get()
    assert f'<img src="{row.get_absolute_url()}"' in page(client, made.get_absolute_url())
    answer = client.get(row.get_absolute_url())
    assert answer.headers["Content-Type"] == "image/webp"
    assert b"script" not in answer.content


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"<html>", b"MZ\x90", b"GIF89a"])
def test_what_is_neither_is_refused_with_a_sentence(client, customer, senior, data):
    made = drafted(customer, senior)
    answer = sent(client, made, data)
    assert answer.status_code == 422
    assert "this file is none of them" in answer.content.decode() or "Choose a file first" in answer.content.decode()
    assert not AgreementFile.objects.exists()


def test_a_rep_adds_no_file(client, customer, senior):
    made = drafted(customer, senior)
    client.force_login(build.member())
    assert sent(client, made, b"%PDF-1.7").status_code == 403
    assert not AgreementFile.objects.exists()


def test_the_same_paper_is_kept_once_and_many_are_refused(client, customer, senior):
    made = drafted(customer, senior)
    for _time in range(2):
        sent(client, made, b"%PDF-1.7")
    assert AgreementFile.objects.count() == 1
    for n in range(19):
        sent(client, made, b"%PDF-1.7" + bytes([65 + n]))
    assert sent(client, made, b"%PDF-1.7 another").status_code == 422
    assert AgreementFile.objects.count() == 20


def test_the_customers_page_names_what_is_agreed_and_what_may_be(client, customer, senior):
    standing, over = build.agreement(customer, build.product(), "9"), build.agreement(customer, build.product(), "8")
    actions.end_agreement(over, by=senior)
    told = page(client, customer.get_absolute_url(), part="offers")
    assert standing.get_absolute_url() in told
    assert over.number not in told


def test_what_has_to_be_reviewed_or_answered_stands_in_my_day_of_its_owner_and_keepers(client, customer, senior):
    due = build.agreement(customer, build.product(), "9")
    Agreement.objects.filter(pk=due.pk).update(review_on=clock.today())
    tick(clock.now())
    asked = drafted(customer, senior)
    actions.offer_agreement(asked, by=senior)
    actions.counter_agreement(asked, by=senior, text="They ask for less")
    assert "wants it otherwise: They ask for less" in page(client, asked.get_absolute_url())
    owner, another = build.member(), build.member()
    type(customer).objects.update(owner=owner)
    for member, sees in ((senior, True), (owner, True), (another, False)):
        client.force_login(member)
        told = page(client, "/day/", part="unfinished")
        assert (due.number in told, asked.number in told) == (sees, sees)
    renewed = actions.renew_agreement(due, by=senior, valid_until=due.valid_until + timedelta(days=365))
    client.force_login(senior)
    told = page(client, "/day/", part="unfinished")
    assert due.number not in told
    assert renewed.number not in told


def test_an_agreement_is_found_by_its_number_and_its_customer(client, customer, senior):
    made = build.agreement(customer, build.product("Gear pump"), "9")
    reindex()
    for text in (made.number, made.number.lower().removeprefix("ag-"), "hydraulique martin"):
        assert made.get_absolute_url() in page(client, "/find/", q=text, noun="agreement"), text


def test_an_agreement_is_found_once_what_happened_to_it_is_followed(customer, senior):
    made = drafted(customer, senior)
    follow(list(Event.objects.values_list("pk", flat=True)))
    assert Document.objects.get(noun="agreement").object_id == made.pk
