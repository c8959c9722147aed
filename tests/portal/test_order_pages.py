"""What the customer reads on an order's page, and asks there: facts with their reasons, and a case of whoever answers for them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from comptoir.cases.models import Case, CaseLink, Message
from comptoir.customers.actions.links import revoke_link
from comptoir.customers.models import Link
from comptoir.fulfilment.actions import Shipped, deliver, ship
from comptoir.lib import clock
from comptoir.orders.actions import cancel_quantity, set_expected
from comptoir.orders.actions.order_links import share
from comptoir.orders.models import Reason
from comptoir.people.models import Member
from comptoir.portal.order_told import Teller
from comptoir.portal.saying import LANGUAGES, words_of
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture(scope="module")
def shared(lasting):
    with lasting():
        build.inbox()
        rep, customer = build.member(name="Emma Laurent"), build.customer(language="en")
        customer.owner = rep
        customer.save(update_fields=["owner"])
        yield rep, build.order(customer, po="PO-77341", products=2, contact=build.contact(customer))


@pytest.fixture
def rep(shared):
    return build.fresh(shared[0])


@pytest.fixture
def order(shared):
    return build.fresh(shared[1])


@pytest.fixture
def page(order, rep):
    return f"/o/{share(order, by=rep).token}/"


def told(client, page):
    return re.sub(r"<[^>]+>", "", client.get(page).content.decode())


def leave(order, quantity, position=10, **more):
    row = build.schedule_line(order, position)
    return ship(order, by=Member.objects.first(), lines=[Shipped(row, Decimal(quantity))], **more)


def test_what_is_late_says_the_new_day_and_why(client, page, order, rep):
    row = build.schedule_line(order)
    late = row.promised_on + timedelta(days=7)
    why = Reason.objects.create(kind="delay", code="carrier", labels={"en": "Delay at the carrier"})
    set_expected(row, by=rep, to=late, reason=why)
    text = told(client, page)
    for part in ("later than promised", "Now expected", Teller("en").day(late), "Delay at the carrier"):
        assert part in text
    assert text.count("later than promised") == 1
    assert "on time" in text


def test_what_left_in_part_what_arrived_and_what_was_cancelled(client, page, order, rep):
    sent = leave(order, 4, carrier="DHL", tracking="JD0144")
    text = told(client, page)
    for part in ("partly on its way", "4 pcs", "DHL", "JD0144", sent.number):
        assert part in text
    cancel_quantity(build.schedule_line(order, 20), by=rep, quantity=Decimal(10), reason=build.reason("cancel"))
    leave(order, 6)
    for shipment in sent.customer.shipments.all():
        deliver(shipment, by=rep)
    text = told(client, page)
    assert "cancelled: 10 pcs" in text
    assert "Your order has been delivered." in text


def test_a_day_that_passed_is_not_expected_any_more(client, page, order):
    leave(order, 10, expected_on=clock.today() + timedelta(days=2))
    assert "Now expected" in told(client, page)
    with clock.at(clock.now() + timedelta(days=4)):
        text = told(client, page)
        assert "Was expected" in text
        assert "Now expected" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_it_whole(client, page, order, language):
    Link.objects.update(language=language)
    leave(order, 4)
    text, words = told(client, page), words_of("order", language)
    for word in ("lines", "promised", "partly", "on_time", "shipments", "ask"):
        assert words[word] in text
    assert Teller(language).day(clock.today()) in text
    assert "{" not in text


def test_a_question_becomes_a_case_of_who_answers_for_the_customer_beside_the_order(client, page, order, rep):
    answer = client.post(page, {"act": "ask", "text": "When will it leave?"}, follow=True)
    assert words_of("order", "en")["asked"] in answer.content.decode()
    case = Case.objects.get()
    assert (case.owner, case.customer, case.contact, case.channel) == (rep, order.customer, order.contact, "web")
    assert case.asks.get().text == "When will it leave?"
    assert CaseLink.objects.get(case=case).object_id == order.pk
    client.force_login(rep)
    assert case.number in client.get(f"/orders/{order.number}/").content.decode()


def test_sent_again_a_question_is_asked_once_and_another_joins_the_case(client, page):
    for text in ("When?", "When?", "And how?"):
        assert client.post(page, {"act": "ask", "text": text}).status_code == 302
    assert [m.text for m in Case.objects.get().messages.order_by("pk")] == ["When?", "And how?"]


def test_too_many_or_empty_questions_are_refused_and_what_was_typed_is_kept(client, page):
    for number in range(12):
        last = client.post(page, {"act": "ask", "text": f"Question {number}"})
    assert last.status_code == 409
    assert "Question 11" in last.content.decode()
    assert Message.objects.count() == 10
    for form in ({"act": "ask", "text": " "}, {"text": "x"}, {"act": "accept"}):
        assert client.post(page, form).status_code == 409
    assert Message.objects.count() == 10


def test_whoever_has_a_link_made_for_nobody_says_who_they_are(client, order, rep):
    order.contact = None
    order.save(update_fields=["contact"])
    page = f"/o/{share(order, by=rep).token}/"
    assert 'name="name"' in client.get(page).content.decode()
    client.post(page, {"act": "ask", "text": "When?", "name": "Jo, +32 2 123"})
    assert Message.objects.get().text == "When?\n\n– Jo, +32 2 123"


def test_nothing_is_asked_by_a_link_that_leads_nowhere(client, page, order, rep):
    other = build.order(build.customer("Somebody Else"), po="PO-OTHER")
    revoked = share(order, by=rep)
    revoke_link(revoked, by=rep)
    stale = share(order, by=rep)
    Link.objects.filter(pk=stale.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    astray = share(order, by=rep)
    Link.objects.filter(pk=astray.pk).update(subject_id=other.pk)
    altered = page.split("/")[2][:-2] + "zz"
    for token in ("wrong", altered, revoked.token, stale.token, astray.token):
        answer = client.post(f"/o/{token}/", {"act": "ask", "text": "When?"})
        assert answer.status_code == 404
        assert order.number not in answer.content.decode()
    assert not Message.objects.exists()
    assert Client(enforce_csrf_checks=True).post(page, {"act": "ask", "text": "When?"}).status_code == 403
    assert not Message.objects.exists()


def test_with_the_pages_own_token_a_question_passes(page):
    strict = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(page).content.decode())[1]
    assert strict.post(page, {"act": "ask", "text": "When?", "csrfmiddlewaretoken": token}).status_code == 302
