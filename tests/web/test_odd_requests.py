"""Requests that no page of ours makes: answered with a refusal or as if the odd part were not there, never with an error."""

from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from comptoir.actions.forms import MoneyField
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case
from comptoir.lib.money import Money
from comptoir.lib.numbers import row_id
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db
NO_IDS = ("²", "٣", "-1", "1" + "0" * 30, "1.0", "x", "")


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(build.member())
    return client


def received() -> Case:
    return receive(build.mail(build.WISH)).case


@pytest.mark.parametrize("text", NO_IDS)
def test_only_a_number_that_a_row_can_have_is_an_id(text):
    assert row_id(text) is None
    assert row_id("42") == 42


def test_a_form_reads_ids_in_plain_digits_alone(client):
    case, customer = received(), build.customer()
    said = str(customer.pk).translate({ord("0") + n: chr(0x660 + n) for n in range(10)})
    assert client.post(reverse("act", args=["cases.set_customer", case.pk]), {"customer": said}).status_code == 422
    assert Case.objects.get(pk=case.pk).customer_id != customer.pk


@pytest.mark.parametrize("odd", NO_IDS)
def test_an_id_that_is_none_is_as_good_as_none(client, odd):
    case = received()
    customer = build.customer()
    looked = [
        f"/find/order/?q=a&customer={quote(odd)}",
        f"/customers/?owner={quote(odd)}&after={quote(odd)}_x",
        f"/orders/?owner={quote(odd)}",
        f"/orders/new/line/?customer={customer.number}&ship_to={quote(odd)}",
        f"/?before=2026-01-01T00:00_{quote(odd)}",
    ]
    assert [client.get(url).status_code for url in looked] == [200] * len(looked)
    assert client.post(reverse("case-draft", args=[case.number]), {"text": "a", "base": odd}).status_code == 204
    sent = {"remove": odd, "order_version": odd}
    assert client.post(reverse("case-files", args=[case.number]), sent).status_code == 200
    told = client.post(reverse("act", args=["cases.set_customer", case.pk]), {"customer": odd or "x"})
    assert told.status_code == 422


def test_a_request_with_a_nul_in_it_is_refused(client):
    case = received()
    assert client.get("/orders/?q=a%00").status_code == 400
    assert client.get("/cases/a%00/").status_code == 400
    assert client.post(reverse("case-draft", args=[case.number]), {"text": "a\0b"}).status_code == 400


@pytest.mark.parametrize("lines", ["7", '"x"', "[1]", "[[]]", '{"a": 1}', "NaN", "{"])
def test_lines_that_are_no_lines_are_refused_as_such(client, lines):
    url = reverse("act", args=["orders.place", build.customer().pk])
    assert client.post(url, {"lines": lines}).status_code == 422


def test_a_key_longer_than_a_key_acts_all_the_same(client):
    url = reverse("act", args=["cases.note", received().pk])
    assert client.post(url, {"text": "noted", "_key": "k" * 500}).status_code == 302


def test_an_amount_no_column_holds_is_refused_by_the_form():
    client = Client()
    client.force_login(build.member(Role.ADMINISTRATOR))
    sent = {"role": "rep", "action": "orders.pull_in", "period": "act", "amount_0": "1" + "0" * 24, "amount_1": "EUR"}
    assert client.post(reverse("act", args=["actions.set_limit"]), sent).status_code == 422


@pytest.mark.parametrize(
    ("typed", "amount"), [("180,50", "180.5"), ("1.234,56", "1234.56"), ("180.50", "180.5"), ("1,234", None)]
)
def test_an_amount_is_read_with_a_decimal_comma_too(typed, amount):
    field = MoneyField(label="", required=True)
    if amount is None:
        with pytest.raises(ValidationError, match="two ways"):
            field.clean([typed, "EUR"])
    else:
        assert field.clean([typed, "EUR"]) == Money.of(amount, "EUR")
