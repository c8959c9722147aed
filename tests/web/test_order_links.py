"""A link to an order's page: made on the order, copied or put into a reply, revoked; never for a stranger's order."""

import re

import pytest
from django.test import Client

from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, CaseLink, Draft
from comptoir.customers.models import Link
from comptoir.events.queries import story
from comptoir.orders.actions.order_links import share
from comptoir.portal.saying import LANGUAGES, words_of
from tests import build

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r"http://[^\s\"]+(/o/[\w-]+/)")


@pytest.fixture(scope="module")
def shared(lasting):
    with lasting():
        build.inbox()
        customer = build.customer()
        yield build.member(), build.order(customer, po="PO-77341", contact=build.contact(customer))


@pytest.fixture
def rep(shared):
    return build.fresh(shared[0])


@pytest.fixture
def desk(client: Client, rep) -> Client:
    client.force_login(rep)
    return client


@pytest.fixture
def order(shared):
    return build.fresh(shared[1])


@pytest.fixture
def case(rep, order):
    made = receive(build.mail("Où en est la commande PO-77341 ?")).case
    assert CaseLink.objects.filter(case=made, object_id=order.pk).exists()
    return made


def make(desk, order, **more):
    given = {"way": "copy", "contact": str(order.contact_id or ""), "_key": "k1"} | more
    return desk.post(f"/orders/{order.number}/link/", given, headers={"HX-Request": "true"})


def test_a_link_is_made_and_leads_whoever_has_it_to_the_order(desk, order):
    address = ADDRESS.search(make(desk, order).content.decode())
    assert address is not None
    assert order.number in Client().get(address[1]).content.decode()
    told = Link.objects.get()
    assert (told.contact, told.kind, told.language) == (order.contact, "order", "fr")
    page = desk.get(f"/orders/{order.number}/").content.decode()
    assert "opened once" in page
    assert address[1] not in page
    assert "Link for Claire Moreau" in " ".join(str(event.phrase) for event in story(order))


def test_sent_twice_it_makes_one_link_and_its_address_is_shown_once(desk, order):
    make(desk, order)
    again = make(desk, order).content.decode()
    assert Link.objects.count() == 1
    assert not ADDRESS.search(again)
    assert "shown then" in again


def test_revoked_it_leaves_the_order_and_leads_nowhere(desk, order, rep):
    link = share(order, by=rep)
    desk.post(f"/do/customers.revoke_link/{link.pk}/")
    assert "No link leads to it." in desk.get(f"/orders/{order.number}/").content.decode()
    assert Client().get(f"/o/{link.token}/").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reply_says_it_in_the_readers_language(desk, order, case, language):
    order.contact.language = language
    order.contact.save(update_fields=["language"])
    answer = make(desk, order, way="reply", case=str(case.pk))
    assert answer.headers["HX-Redirect"].startswith(case.get_absolute_url())
    text = Draft.objects.get(case=case).text
    begin = words_of("order", language)["mail"].split("{")[0]
    assert text.startswith(begin)
    assert "PO-77341" in text
    assert ADDRESS.search(text)


def test_the_sentence_stands_below_what_was_written_and_once_only(desk, order, case, rep):
    Draft.objects.create(case=case, member=rep, kind="reply", text="Bonjour", to="a@b.example")
    for _time in range(2):
        make(desk, order, way="reply", case=str(case.pk))
    draft = Draft.objects.get()
    assert draft.text.startswith("Bonjour\n\nL’état")
    assert len(ADDRESS.findall(draft.text)) == 1
    assert draft.to == "a@b.example"


def test_without_a_case_it_writes_to_whom_the_link_is_for(desk, order):
    for _time in range(2):
        make(desk, order, way="reply", case="")
    case = Case.objects.get()
    assert (case.contact, case.customer) == (order.contact, order.customer)
    assert Draft.objects.get().to == "claire@martin.example"
    assert ADDRESS.search(Draft.objects.get().text)


def test_where_a_reply_is_written_the_sentence_comes_to_the_cursor(desk, order, case):
    assert f"/cases/{case.number}/link/" in desk.get(case.get_absolute_url()).content.decode()
    answer = desk.post(f"/cases/{case.number}/link/", {"order": order.pk})
    address = ADDRESS.search(answer.content.decode())
    assert address is not None
    assert Client().get(address[1]).status_code == 200


def test_no_link_to_another_customers_order_or_for_another_customers_contact(desk, order, case):
    stranger = build.customer("Somebody Else")
    theirs = build.order(stranger, po="PO-OTHER")
    foreign = build.contact(stranger, email="x@else.example")
    assert desk.post(f"/cases/{case.number}/link/", {"order": theirs.pk}).status_code == 404
    for refused in (make(desk, order, contact=str(foreign.pk)), make(desk, order, contact="999999")):
        assert refused.status_code == 422
        assert not ADDRESS.search(refused.content.decode())
    CaseLink.objects.create(case=case, noun="order", object_id=theirs.pk, how=CaseLink.How.MEMBER)
    make(desk, theirs, way="reply", case=str(case.pk))
    assert not Draft.objects.filter(case=case).exists()
    assert not Link.objects.exclude(subject_id=theirs.pk).exists()


def test_a_contact_who_left_gets_none_and_who_ordered_is_meant_only_while_there(desk, order, rep):
    order.contact.is_active = False
    order.contact.save()
    assert make(desk, order).status_code == 422
    assert share(order, by=rep).contact is None
