"""A quote answered by its link: shown, accepted, declined, asked about; and every other link is nothing."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from comptoir.actions import ActionError
from comptoir.cases.models import Case
from comptoir.customers.actions.links import issue, revoke_link
from comptoir.customers.models import Customer, Link
from comptoir.events import journal
from comptoir.lib import clock
from comptoir.orders.actions.quote_links import link_quote
from comptoir.orders.actions.quotes import decline_quote, revise_quote, send_quote
from comptoir.orders.models import Order
from comptoir.portal.saying import FOLDER, LANGUAGES, words_of
from tests import build
from tests.offers import sent_quote, written_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    build.inbox()
    build.site()
    return build.member()


@pytest.fixture
def customer():
    made = build.customer()
    build.contact(made)
    return made


@pytest.fixture
def quote(customer, rep):
    return sent_quote(customer, rep)


@pytest.fixture
def page(quote, rep):
    return f"/q/{link_quote(quote, by=rep).token}/"


def test_the_page_shows_the_quote_in_the_readers_language_and_nothing_else(client, page, quote):
    answer = client.get(page)
    told = answer.content.decode()
    assert quote.number in told
    assert "Devis" in told
    assert "12,50" in told
    assert "<script" not in told
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(f"{page}quote.pdf").content.startswith(b"%PDF")


def test_accepting_makes_one_order_however_often_it_is_sent(client, page, quote):
    form = {"act": "accept", "version": "1", "po_number": "PO-9", "name": "Claire"}
    answer = client.post(page, form, follow=True).content.decode()
    order = Order.objects.get()
    assert order.number in answer
    assert order.po_number == "PO-9"
    assert client.post(page, form).status_code == 409
    assert Order.objects.count() == 1
    assert "Claire" in " ".join(str(e.phrase) for e in _events(quote))


def _events(quote):
    from comptoir.events.queries import story

    return story(quote)


def test_declining_keeps_the_reason(client, page, quote):
    client.post(page, {"act": "decline", "version": "1", "reason": "Trop cher"})
    quote.refresh_from_db()
    assert (quote.state, quote.decline_reason) == ("declined", "Trop cher")
    assert 'name="act" value="accept"' not in client.get(page).content.decode()


def test_a_question_becomes_a_case_of_who_wrote_the_quote_and_the_next_one_joins_it(client, page, quote, rep):
    client.post(page, {"act": "ask", "text": "Et le transport ?"})
    client.post(page, {"act": "ask", "text": "Et la garantie ?"})
    case = Case.objects.get()
    assert (case.owner, case.customer, case.asks.count(), case.channel) == (rep, quote.customer, 2, "web")
    for time in range(12):
        last = client.post(page, {"act": "ask", "text": f"Encore {time}"})
    assert last.status_code == 409
    assert case.messages.count() == 10
    assert client.post(page, {"act": "ask", "text": " "}).status_code == 409


def test_what_was_revised_meanwhile_is_shown_anew_and_not_accepted(client, page, quote, rep):
    revise_quote(quote, by=rep)
    assert client.post(page, {"act": "accept", "version": "1"}).status_code == 409
    assert "révision" in client.get(page).content.decode()
    send_quote(quote, by=rep)
    assert client.post(page, {"act": "accept", "version": "1"}).status_code == 409
    assert not Order.objects.exists()
    assert client.post(page, {"act": "accept", "version": "2"}).status_code == 302


def test_a_quote_that_is_over_is_still_shown_but_not_accepted(client, page, quote):
    with clock.at(clock.now() + timedelta(days=40)):
        told = client.get(page).content.decode()
        assert "plus valable" in told
        assert client.post(page, {"act": "accept", "version": "1"}).status_code == 409
    assert not Order.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quote_in_a_currency_the_customer_has_no_more_names_whom_to_ask_instead_of_being_accepted(
    client, page, quote, rep, language
):
    Link.objects.update(language=language)
    assert 'value="accept"' in client.get(page).content.decode()
    Customer.objects.update(currency="DKK")
    told = unescape(client.get(page).content.decode())
    assert 'value="accept"' not in told
    assert words_of("quote", language)["currency_why"].format(who=rep.name) in told
    assert ('value="decline"' in told, 'value="ask"' in told) == (True, True)
    answer = client.post(page, {"act": "accept", "version": "1"})
    assert answer.status_code == 409
    assert rep.name in unescape(answer.content.decode())
    assert not Order.objects.exists()


def test_a_purchase_order_used_before_is_told_without_naming_the_order(client, page, quote):
    order = build.order(quote.customer, po="PO-9")
    answer = client.post(page, {"act": "accept", "version": "1", "po_number": "po 9"})
    assert answer.status_code == 409
    assert order.number not in answer.content.decode()


def test_wrong_altered_ended_revoked_and_foreign_links_are_one_and_the_same_nothing(client, page, quote, rep):
    token = page.split("/")[2]
    with journal():
        other = issue(quote, by=rep, customer=quote.customer, contact=None, kind="order").token
    revoked = link_quote(quote, by=rep)
    revoke_link(revoked, by=rep)
    answers = [client.get(f"/q/{t}/") for t in ("wrong", token[:-1], token + "x", other, revoked.token, "é" * 20)]
    with clock.at(clock.now() + timedelta(days=400)):
        answers.append(client.get(page))
    answers += [client.post(f"/q/{other}/", {"act": "accept", "version": "1"}), client.get(f"/q/{other}/quote.pdf")]
    assert {a.status_code for a in answers} == {404}
    assert len({a.content for a in answers}) == 1
    assert not Order.objects.exists()


def test_the_link_in_a_mail_that_never_left_is_nothing_and_an_answered_quote_gets_none(client, customer, rep):
    made = written_quote(customer, rep)
    page, wrong = f"/q/{link_quote(made, by=rep).token}/", client.get("/q/wrong/")
    for answer in (
        client.get(page),
        client.post(page, {"act": "accept", "version": "1"}),
        client.get(f"{page}quote.pdf"),
    ):
        assert (answer.status_code, answer.content) == (404, wrong.content)
    assert not Order.objects.exists()
    send_quote(made, by=rep)
    assert made.number in client.get(page).content.decode()
    decline_quote(made, by=rep, reason="Too dear")
    with pytest.raises(ActionError, match="Declined"):
        link_quote(made, by=rep)


def test_a_post_without_the_pages_own_token_is_refused(page):
    assert Client(enforce_csrf_checks=True).post(page, {"act": "decline"}).status_code == 403


@pytest.mark.parametrize("page_name", ["quote"])
def test_every_language_has_every_word_with_the_same_places(page_name):
    english = words_of(page_name, "en")
    for language in LANGUAGES:
        told = words_of(page_name, language)
        assert told.keys() == english.keys()
        for name, text in told.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[name])), (
                language,
                name,
            )
    assert (FOLDER / "words" / "shared.toml").exists()
