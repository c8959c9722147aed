"""The order page behind a link: one order of one customer, from facts, for whoever holds the link and nobody else."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.customers.actions import revoke_link
from comptoir.customers.actions.links import issue
from comptoir.customers.models import Link
from comptoir.events import journal
from comptoir.lib import clock
from comptoir.orders.actions import hold
from comptoir.portal.answering import HEADERS, MOST_WRONG
from comptoir.portal.saying import words_of
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture
def order():
    return build.order(build.customer(), po="PO-77341", products=2)


def link_to(row, customer, kind="order"):
    with journal():
        return issue(row, by=build.member(name="Inside Person"), customer=customer, contact=None, kind=kind)


@pytest.fixture
def link(order):
    return link_to(order, order.customer)


def get(token, more="", **headers):
    return Client().get(f"/o/{token}/{more}", **headers)


def test_the_page_tells_the_order_and_counts_the_visit(link, order):
    answer = get(link.token)
    page = answer.content.decode()
    assert answer.status_code == 200
    for text in (order.number, "PO-77341", words_of("order", "fr")["confirmed"], order.lines.first().description):
        assert text in page
    assert Link.objects.get().uses == 1


def test_nothing_inside_is_told(link, order):
    hold(order, by=build.member(), kind="credit", note="Pays late")
    other = build.order(order.customer, po="PO-OTHER")
    page = get(link.token).content.decode()
    for text in ("Inside Person", "Pays late", other.number, "PO-OTHER"):
        assert text not in page


@pytest.mark.parametrize("language", ["en", "fr", "da", "sk", "bg"])
def test_it_speaks_every_language(link, order, language):
    Link.objects.update(language=language)
    page = get(link.token).content.decode()
    assert f'<html lang="{language}">' in page
    assert words_of("order", language)["lines"] in page
    assert words_of("order", language).keys() == words_of("order", "en").keys()


def test_the_newest_confirmation_is_a_pdf(link):
    answer = get(link.token, "confirmation.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def wrong_tokens(order):
    own = order.customer
    revoked = link_to(order, own)
    revoke_link(revoked, by=build.member())
    expired = link_to(order, own)
    Link.objects.filter(pk=expired.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    altered = link_to(order, own).token
    foreign = link_to(order, build.customer("Somebody Else"))
    about_another_thing = link_to(own, own)
    return [
        "wrong", altered[:-2] + "zz", revoked.token, expired.token, link_to(order, own, "quote").token, foreign.token,
        about_another_thing.token,
    ]  # fmt: skip


def test_every_token_that_leads_nowhere_gets_the_same_page(order):
    for more in ("", "confirmation.pdf"):
        answers = [get(token, more) for token in wrong_tokens(order)]
        assert {answer.status_code for answer in answers} == {404}
        assert len({(answer.content, answer.headers["Content-Security-Policy"]) for answer in answers}) == 1


def test_too_many_wrong_tokens_shut_the_door_for_that_address_only(link):
    for number in range(MOST_WRONG):
        assert get(f"wrong{number}").status_code == 404
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert get(link.token).status_code == 429
    assert not any("customers_link" in query["sql"] for query in asked)
    assert get(link.token, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_every_answer_is_strict(link):
    for answer in (get(link.token), get(link.token, "confirmation.pdf"), get("wrong")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "script" not in answer.headers["Content-Security-Policy"]
        assert b"<script" not in answer.content


def test_the_page_asks_little_however_long_the_order():
    long = build.order(build.customer(), products=8)
    token = link_to(long, long.customer).token
    with CaptureQueriesContext(connection) as asked:
        assert get(token).status_code == 200
    assert len(asked) <= 12
