"""What is offered to a customer stands in a reply with its link, for the rep to look at and send; it is never sent by itself."""

import re
from unittest.mock import Mock

import pytest
from django.test import Client

from comptoir.actions.approvals import approve
from comptoir.actions.models import Approval
from comptoir.cases.actions.desk import save_draft
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, Draft, Message
from comptoir.catalog.models import ProductLink
from comptoir.customers.models import Link
from comptoir.orders.actions import Step, offer_change
from comptoir.orders.models import ChangeStep, Order, OrderChange
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.portal import mails
from comptoir.portal.changes import in_words
from comptoir.portal.saying import LANGUAGES
from tests import build
from tests.offers import prepare_approved
from tests.web.test_order_changes import form

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r"http://[^\s\"]+(/o/[\w-]+/)")


@pytest.fixture
def rep() -> Member:
    build.inbox()
    return build.member()


@pytest.fixture
def desk(client: Client, rep: Member) -> Client:
    client.force_login(rep)
    return client


def ordered(language: str = "fr") -> Order:
    customer = build.customer(language=language)
    return build.order(customer, po="PO-77341", contact=build.contact(customer))


@pytest.fixture
def order(rep: Member) -> Order:
    return ordered()


@pytest.fixture
def case(order: Order) -> Case:
    return receive(build.mail("Où en est la commande PO-77341 ?")).case


def offer(desk: Client, order: Order, **more: str) -> str:
    row = build.schedule_line(order)
    typed = form(
        order, "offer", **{f"day_{row.pk}": build.workday(18)}, _key="k1", note="Le bateau est en retard.", **more
    )
    told: str = desk.post(f"/orders/{order.number}/change/", typed).headers.get("Location", "")
    return told


def test_an_offer_stands_in_the_cases_reply_with_its_link_and_its_words_and_is_not_sent(desk, order, case):
    assert offer(desk, order) == f"{case.get_absolute_url()}#compose-reply"
    text, made = Draft.objects.get(case=case).text, OrderChange.objects.get()
    assert text.startswith("Bonjour Claire Moreau,")
    for said in ("PO-77341", "date promise", "Le bateau est en retard.", "au plus tard"):
        assert said in text
    page = Client().get(ADDRESS.search(text)[1]).content.decode()
    assert f'name="change" value="{made.pk}"' in page
    assert Message.objects.filter(direction="out").count() == 0


def test_sent_twice_it_stands_there_once_below_what_was_written(desk, order, case, rep):
    save_draft(case, rep, "reply", "Bonjour Claire, merci.", "claire@martin.example")
    offer(desk, order)
    offer(desk, order)
    draft = Draft.objects.get(case=case)
    assert draft.text.startswith("Bonjour Claire, merci.\n\nNous vous proposons")
    assert (draft.to, len(ADDRESS.findall(draft.text)), OrderChange.objects.count()) == ("claire@martin.example", 1, 1)


def test_where_no_case_is_open_one_is_begun_that_writes_to_who_ordered(desk, order):
    address = offer(desk, order)
    case = Case.objects.get()
    assert address == f"{case.get_absolute_url()}#compose-reply"
    assert (case.contact, case.owner, Message.objects.count()) == (
        order.contact,
        Member.objects.get(pk=case.owner_id),
        0,
    )
    assert ADDRESS.search(Draft.objects.get(case=case).text)
    assert case.links.get(noun="order", object_id=order.pk).how == "member"
    assert (
        desk.post(f"/orders/{order.number}/changes/{OrderChange.objects.get().pk}/mail/").headers["Location"] == address
    )


def test_a_substitute_offered_from_a_case_stands_in_that_cases_reply(desk, order, case):
    row, other = build.schedule_line(order), build.product("Gear pump II")
    later = receive(build.mail("PO-77341 ?", subject="Autre question")).case
    assert later != case
    ProductLink.objects.create(product=row.line.product, other=other, kind="substitute")
    typed = {"product": other.pk, "to": build.workday(15).isoformat(), "_about": f"case:{case.pk}", "_key": "k2"}
    told = desk.post(f"/do/orders.replace/{row.pk}/", typed, headers={"HX-Request": "true"})
    assert told.headers["HX-Redirect"] == f"{case.get_absolute_url()}#compose-reply"
    assert "Gear pump II" in Draft.objects.get().text


def test_one_that_is_agreed_leads_nowhere(desk, order, case):
    row, other = build.schedule_line(order), build.product("Gear pump II")
    ProductLink.objects.create(product=row.line.product, other=other, kind="substitute")
    typed = {"product": other.pk, "to": build.workday(15).isoformat(), "is_agreed": "on"}
    told = desk.post(f"/do/orders.replace/{row.pk}/", typed, headers={"HX-Request": "true"})
    assert "HX-Redirect" not in told.headers
    assert not Draft.objects.exists()


def test_without_a_team_to_write_from_the_offer_stands_and_the_order_is_shown(client, order):
    client.force_login(build.member(teams=()))
    assert offer(client, order) == f"{order.get_absolute_url()}#changes"
    assert OrderChange.objects.get().state == "offered"


@pytest.mark.parametrize("asked_in", ["case", "order"])
def test_an_offer_that_needed_approval_stands_in_the_reply_of_who_asked_once_it_is_given(
    desk, order, case, rep, asked_in
):
    build.limit(Role.REP, "100", action="orders.offer_change")
    build.limit(Role.SENIOR, "500", action="orders.offer_change")
    about = receive(build.mail("Encore PO-77341", subject="Autre sujet")).case if asked_in == "case" else case
    more = {"_about": f"case:{about.pk}"} if asked_in == "case" else {}
    offer(desk, order, freight_cost_0="300", **more)
    assert not Draft.objects.exists()
    approve(Approval.objects.get(), by=build.member(Role.SENIOR))
    for _twice in range(2):
        prepare_approved()
    draft = Draft.objects.get()
    assert (draft.case, draft.member, draft.kind) == (about, rep, "reply")
    assert len(ADDRESS.findall(draft.text)) == 1
    assert in_words(OrderChange.objects.get(), "fr") in draft.text
    assert not Message.objects.filter(direction="out").exists()


def test_a_mail_whose_preparing_broke_off_is_prepared_with_its_link_the_next_time(desk, order, case, monkeypatch):
    build.limit(Role.REP, "100", action="orders.offer_change")
    build.limit(Role.SENIOR, "500", action="orders.offer_change")
    offer(desk, order, freight_cost_0="300")
    approve(Approval.objects.get(), by=build.member(Role.SENIOR))
    with monkeypatch.context() as broken:
        broken.setattr(mails, "below", Mock(side_effect=ConnectionError))
        with pytest.raises(ConnectionError):
            prepare_approved()
    assert not Link.objects.exists()
    prepare_approved()
    assert Client().get(ADDRESS.search(Draft.objects.get().text)[1]).status_code == 200
    assert Link.objects.count() == 1


def test_an_offer_that_is_off_before_its_mail_is_prepared_gets_none(desk, order, case):
    build.limit(Role.REP, "100", action="orders.offer_change")
    build.limit(Role.SENIOR, "500", action="orders.offer_change")
    offer(desk, order, freight_cost_0="300")
    approve(Approval.objects.get(), by=build.member(Role.SENIOR))
    OrderChange.objects.update(state="declined")
    prepare_approved()
    assert not Draft.objects.exists()


def test_the_mail_is_prepared_anew_from_the_order_while_the_offer_stands(desk, order, case):
    offer(desk, order)
    Draft.objects.all().delete()
    made = OrderChange.objects.get()
    address = f"/orders/{order.number}/changes/{made.pk}/mail/"
    assert address in desk.get(order.get_absolute_url()).content.decode()
    assert desk.post(address).headers["Location"] == f"{case.get_absolute_url()}#compose-reply"
    assert (ADDRESS.search(Draft.objects.get().text) is not None, Link.objects.count()) == (True, 2)
    OrderChange.objects.update(state="declined")
    assert desk.post(address).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_words_are_there_in_every_language(rep, desk, language):
    order = ordered(language)
    offer(desk, order)
    text, made = Draft.objects.get().text, OrderChange.objects.get()
    assert in_words(made, language) in text
    assert "{" not in text


def test_every_step_is_said(rep, order):
    row = build.schedule_line(order)
    type_, product = ChangeStep.Type, build.product("Valve")
    steps = [
        Step(type_.SPLIT, schedule_line=row, quantity=build.Decimal(4), day=build.workday(20)),
        Step(type_.PRICE, line=row.line, unit_price=build.Decimal("11.50")),
        Step(type_.ADD, product=product, quantity=build.Decimal(2), day=build.workday(20)),
    ]
    said = in_words(offer_change(order, by=rep, steps=steps), "en").split("\n")
    assert len([line for line in said if line.startswith("– 10 · Gear pump: ")]) == 2
    assert any(line.startswith("– added line: 2") and "Valve" in line for line in said), said
