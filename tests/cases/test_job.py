"""The job of a desk, played through the actions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.approvals import approve
from comptoir.actions.due import tick
from comptoir.cases.actions.answering import NewerMessages, reply, undo_send
from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.contacts import log_contact
from comptoir.cases.actions.ending import resolve
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Ask, Case, Conversation, Message
from comptoir.customers.queries import match_phone
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.mail.tokens import tokens_in
from comptoir.lib.money import Money
from comptoir.orders.actions import pull_in
from comptoir.orders.actions.dates import shown
from comptoir.orders.actions.versions import ship_by
from comptoir.people import Role
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def french():
    customer = build.customer()
    contact = build.contact(customer)
    order = build.order(customer, po="PO-77341", products=2)
    return customer, contact, order


def test_a_mail_becomes_a_case_with_customer_order_and_two_asks(french):
    customer, contact, order = french
    case = receive(build.mail(build.WISH)).case
    assert (case.customer, case.contact, case.language) == (customer, contact, "fr")
    assert [ask.text for ask in case.asks.all()] == [
        "Nous aurions besoin de la position 20 de notre commande PO-77341 pour vendredi prochain au lieu du 18.",
        "Par ailleurs, où en est la position 10 ?",
    ]
    link = case.links.get(noun="order")
    assert (link.object_id, link.positions) == (order.pk, [20, 10])
    assert case.next_update_at is not None


def test_freight_above_the_limit_waits_for_a_senior_and_is_done_on_their_budget(french):
    _customer, _contact, order = french
    rep, senior = build.member(), build.member(Role.SENIOR)
    build.limit(Role.REP, "50")
    build.limit(Role.SENIOR, "500")
    line = build.schedule_line(order, 20)
    day = build.workday(8)
    with pytest.raises(SentForApproval) as sent:
        pull_in(line, by=rep, to=day, reason=build.reason(), freight_cost=Money.of("180", "EUR"))
    line.refresh_from_db()
    assert line.promised_on == build.workday(15)
    assert order.changes.count() == 0
    approval = sent.value.approval
    assert [c.label for c in approval.changes] == [
        "Promised delivery",
        "Has to leave by",
        f"Free stock on {shown(ship_by(line, day))}",
        "Extra freight cost",
    ]
    approve(approval, by=senior)
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.promised_on, line.first_promised_on, order.version) == (day, build.workday(15), 2)
    assert Promise.objects.standing().on(line).get().due_on == day
    event = next(e for e in story(order) if e.verb == "orders.date_moved")
    assert (event.actor_id, event.approver_id) == (rep.pk, senior.pk)


def test_a_reply_is_queued_threaded_and_can_be_taken_back(french):
    message = receive(build.mail(build.WISH))
    case, rep = message.case, build.member()
    asks = list(case.asks.all())
    answer = reply(case, by=rep, text="Bonjour Claire", answers=[asks[0]], base=message.pk)
    assert answer.in_reply_to == message.message_id
    assert [r.address for r in answer.recipients.all()] == ["claire@martin.example"]
    assert Ask.objects.get(pk=asks[0].pk).state == Ask.State.ANSWERED
    assert undo_send(answer, by=rep).text == "Bonjour Claire"
    assert Ask.objects.get(pk=asks[0].pk).state == Ask.State.OPEN


def test_her_answer_lands_in_the_same_case_and_a_strangers_does_not(french):
    case = receive(build.mail(build.WISH)).case
    sent = reply(case, by=build.member(), text="Bonjour")
    again = build.mail("Merci !", in_reply_to=sent.message_id, tokens=tokens_in(sent.message_id))
    assert receive(again).case == case
    forged = build.mail(
        "Hello", sender="eve@evil.example", in_reply_to=sent.message_id, tokens=tokens_in(sent.message_id)
    )
    stranger = receive(forged).case
    assert stranger != case
    assert stranger.flag


def test_a_made_up_token_opens_a_new_case(french):
    case = receive(build.mail(build.WISH)).case
    forged = build.mail("Hi", tokens=(f"ct{case.pk}-{'a' * 26}",), subject=f"Re: [{case.number}]")
    assert receive(forged).case != case


def test_an_answer_is_held_when_the_customer_wrote_meanwhile(french):
    first = receive(build.mail(build.WISH))
    receive(build.mail("Encore une chose", in_reply_to=first.message_id))
    with pytest.raises(NewerMessages):
        reply(first.case, by=build.member(), text="Bonjour", base=first.pk)
    assert not Message.objects.filter(direction="out").exists()
    assert reply(first.case, by=build.member(), text="Bonjour", base=first.pk, send_anyway=True).pk


def test_a_promised_answer_is_broken_when_its_hour_has_passed(french):
    case = receive(build.mail(build.WISH)).case
    rep = build.member()
    due = clock.now() + timedelta(hours=20)
    made = promise_answer(case.asks.last(), by=rep, due_at=due)
    tick(due - timedelta(minutes=30))
    made.refresh_from_db()
    assert made.state == Promise.State.AT_RISK
    tick(due + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.state == Promise.State.BROKEN
    assert any(e.verb == "promises.broken" for e in story(case))


def test_a_call_is_logged_in_the_same_case_by_her_number(french):
    customer, contact, _order = french
    case = receive(build.mail(build.WISH)).case
    found = match_phone("04 78 00 00 01").get()
    assert found.contact == contact
    log_contact(
        by=build.member(), channel=Conversation.Channel.PHONE, text="She asks again", contact=contact, case=case
    )
    assert case.messages.count() == 2
    assert customer.cases.count() == 1


def test_a_case_with_open_asks_is_not_resolved(french):
    case = receive(build.mail(build.WISH)).case
    with pytest.raises(ActionError, match="position 10"):
        resolve(case, by=build.member(), resolution="done")
    assert Case.objects.get(pk=case.pk).state == Case.State.NEW


def test_quantities_of_a_split_add_up(french):
    from comptoir.orders.actions import cancel_quantity, split
    from comptoir.orders.queries import invariants

    _customer, _contact, order = french
    line, rep = build.schedule_line(order, 10), build.member()
    split(line, by=rep, quantity=Decimal(4), to=build.workday(20), reason=build.reason("split"))
    cancel_quantity(build.schedule_line(order, 10), by=rep, quantity=Decimal(1), reason=build.reason("cancel"))
    assert not [f for f in invariants() if f.count]
    order.refresh_from_db()
    assert order.version == 3
