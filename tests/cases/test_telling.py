"""Customers of whose orders goods lack are told, each in their language, and it is known who was told when and how."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from comptoir.actions import ActionError
from comptoir.cases import telling
from comptoir.cases.actions.answering import reply, undo_send
from comptoir.cases.actions.contacts import ByHand, log_contact
from comptoir.cases.actions.desk import save_draft
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.noting import note_told as note_message
from comptoir.cases.actions.telling import tell_at_risk, told_otherwise
from comptoir.cases.models import Case, CaseLink, Message
from comptoir.cases.telling import whom_to_tell
from comptoir.catalog.actions import change_receipt
from comptoir.catalog.models import Supply
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, confirm, place, push_out
from comptoir.orders.actions.dates import set_expected
from comptoir.orders.models import Order
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.promises.actions import note_told
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> Member:
    build.inbox()
    return build.member(name="Emma Larsen")


def late(rep: Member, *, language: str = "fr", email: str = "claire@martin.example") -> Order:
    """An order of twelve of which two lack: what was to come in three days comes in thirty."""
    customer = build.customer(language=language)
    build.contact(customer, email=email)
    product = build.product(on_hand=10)
    build.supply(product, 20, 3)
    lines = [NewLine(product, Decimal(12), build.workday(12))]
    placed = place(
        customer, by=rep, lines=lines, site=build.site(), po_number="PO-77", contact=customer.contacts.get()
    )  # fmt: skip
    order = confirm(placed, by=rep)
    supply = Supply.objects.get(stock__product=product)
    change_receipt(supply, by=build.member(Role.ADMINISTRATOR), due_on=clock.today() + timedelta(days=30))
    return order


def promise_of(order: Order) -> Promise:
    return Promise.objects.standing().get(subject_id=build.schedule_line(order).pk)


@pytest.mark.parametrize(
    ("language", "says"), [("en", "now possible on"), ("fr", "désormais possible"), ("da", "nu muligt"),
                           ("sk", "teraz možné"), ("bg", "сега е възможно")]
)  # fmt: skip
def test_the_notice_is_ready_in_the_customers_language(rep, language, says):
    late(rep, language=language)
    (one,) = whom_to_tell(rep)
    assert says in one.text
    assert "PO-77" in one.text
    assert one.to == "claire@martin.example"
    assert one.risks[0].possible_on > clock.today() + timedelta(days=29)


def test_two_who_wait_for_the_same_goods_are_not_told_the_same_day(rep):
    product = build.product(on_hand=0)
    build.supply(product, 10, 3)
    for name in ("Martin", "Nordisk"):
        lines = [NewLine(product, Decimal(5), build.workday(12))]
        confirm(place(build.customer(name), by=rep, lines=lines, site=build.site()), by=rep)
    build.supply(product, 5, 60)
    supply = Supply.objects.order_by("due_on")[0]
    keeper = build.member(Role.ADMINISTRATOR)
    change_receipt(supply, by=keeper, quantity=Decimal(5), due_on=clock.today() + timedelta(days=30))
    first, second = [one.risks[0].possible_on for one in whom_to_tell(rep)]
    assert (second - first).days > 25


def test_whoever_can_be_served_when_a_larger_order_moves_is_not_told_for_nothing(rep):
    product = build.product(on_hand=0)
    build.supply(product, 10, 3)
    for name, quantity in (("Martin", 8), ("Nordisk", 2)):
        lines = [NewLine(product, Decimal(quantity), build.workday(12))]
        confirm(place(build.customer(name), by=rep, lines=lines, site=build.site()), by=rep)
    keeper = build.member(Role.ADMINISTRATOR)
    change_receipt(Supply.objects.get(), by=keeper, quantity=Decimal(4), due_on=clock.today() + timedelta(days=3))
    large, small = whom_to_tell(rep)
    assert [len(large.to_tell), len(small.to_tell)] == [1, 0]
    with pytest.raises(ActionError, match=small.order.number):
        tell_at_risk(small.order, by=rep, text="Bonjour")


def test_telling_opens_a_case_writes_one_mail_and_notes_when_and_how(rep):
    order = late(rep)
    message = tell_at_risk(order, by=rep, text="Bonjour, votre commande est retardée.")
    promise, row = promise_of(order), build.schedule_line(order)
    assert (promise.told_by, promise.told_message_id) == ("email", message.pk)
    assert message.recipients.get().address == "claire@martin.example"
    assert message.case.links.filter(noun="order", object_id=order.pk).exists()
    assert message.case.owner == rep
    assert row.expected_on > row.promised_on
    assert whom_to_tell(rep)[0].told


def test_the_open_case_about_the_order_is_used(rep):
    order = late(rep)
    case = receive(build.mail(f"Wo bleibt {order.number}?")).case
    assert tell_at_risk(order, by=rep, text="Bonjour").case == case
    assert Case.objects.count() == 1


def test_told_by_phone_nobody_is_left_to_tell_and_nothing_is_sent(rep, client: Client):
    order = late(rep)
    client.force_login(rep)
    assert f"/do/cases.told_otherwise/{order.pk}/" in client.get("/at-risk/?view=all").content.decode()
    client.post(f"/do/cases.told_otherwise/{order.pk}/", {"channel": "fax"})
    promise, row = promise_of(order), build.schedule_line(order)
    assert (promise.told_by, promise.told_message_id, Message.objects.count()) == ("fax", None, 0)
    assert row.expected_on > row.promised_on
    assert whom_to_tell(rep)[0].told
    with pytest.raises(ActionError, match=order.number):
        told_otherwise(order, by=rep)


@pytest.mark.parametrize(("channel", "by"), [(ByHand.PHONE, "phone"), (ByHand.VISIT, "person")])
def test_a_call_about_the_order_that_names_the_new_day_tells_of_it(rep, channel, by):
    order = late(rep)
    row, day = build.schedule_line(order), build.workday(40)
    push_out(row, by=rep, to=day, reason=build.reason())
    log_contact(
        by=rep, channel=channel, customer=order.customer, text=f"{order.number}: we look into it", we_called=True
    )
    assert promise_of(order).told_at is None
    message = log_contact(by=rep, channel=channel, customer=order.customer, text=f"{order.number} comes on {day:%d/%m}")
    assert (promise_of(order).told_by, promise_of(order).told_message_id) == (by, message.pk)


@pytest.mark.parametrize("named", ["possible", "another"])
@pytest.mark.parametrize(("channel", "by"), [(ByHand.PHONE, "phone"), (ByHand.VISIT, "person"), ("email", "email")])
def test_the_possible_day_named_to_the_customer_tells_of_what_is_at_risk(rep, channel, by, named):
    order = late(rep)
    case = receive(build.mail("Où en est PO-77 ?", sender="claire@martin.example")).case
    possible = whom_to_tell(rep, order)[0].risks[0].possible_on
    assert possible is not None
    day = possible if named == "possible" else possible + timedelta(days=1)
    text = f"Possible le {day.day}.{day.month}.{day.year}, pas avant."
    if channel == "email":
        message = reply(case, by=rep, text=text)
    else:
        message = log_contact(by=rep, channel=channel, case=case, text=text, we_called=True)  # type: ignore[arg-type]
    told, row = promise_of(order), build.schedule_line(order)
    if named == "possible":
        assert (told.told_by, told.told_at is not None, row.expected_on) == (by, True, possible)
        assert [event.verb for event in story(case)].count("promises.told") == 1
        assert (told.told_message_id, whom_to_tell(rep, order)[0].to_tell) == (message.pk, [])
    else:
        assert (told.told_at, row.expected_on) == (None, None)


def test_a_customer_who_names_the_possible_day_was_not_told_of_it(rep):
    order = late(rep)
    case = receive(build.mail("Où en est PO-77 ?", sender="claire@martin.example")).case
    day = whom_to_tell(rep, order)[0].risks[0].possible_on
    assert day is not None
    log_contact(by=rep, channel=ByHand.PHONE, case=case, text=f"Is the {day.day}.{day.month}.{day.year} soon enough?")
    assert (promise_of(order).told_at, build.schedule_line(order).expected_on) == (None, None)


def test_the_possible_day_is_told_of_however_many_others_lack_goods(rep, monkeypatch):
    order = late(rep)
    case = receive(build.mail("Où en est PO-77 ?", sender="claire@martin.example")).case
    day = whom_to_tell(rep, order)[0].risks[0].possible_on
    assert day is not None
    monkeypatch.setattr(telling, "MOST", 0)
    reply(case, by=rep, text=f"Possible le {day.day}.{day.month}.{day.year}, pas avant.")
    assert (promise_of(order).told_by, build.schedule_line(order).expected_on) == ("email", day)


def test_a_reply_that_names_no_day_asks_nothing_and_one_that_does_no_more_for_more_orders(
    rep, django_assert_num_queries, django_assert_max_num_queries
):
    case = receive(build.mail("Où en est PO-77 ?", sender="claire@martin.example")).case
    for _each in range(4):
        order = late(rep)
        CaseLink.objects.create(case=case, noun="order", object_id=order.pk, how="member")
    message = Message(case=case, direction="out", text="We look into it: SO-21245, 1500 pcs.")
    with django_assert_num_queries(0):
        note_message(case, message, by=rep)
    message.text = "On 1 January 2031."
    with django_assert_max_num_queries(9):
        note_message(case, message, by=rep)


def test_two_who_wait_for_the_same_goods_are_told_of_different_days_when_asked_about_one_by_one(rep):
    product = build.product(on_hand=0)
    build.supply(product, 10, 3)
    for name in ("Martin", "Nordisk"):
        lines = [NewLine(product, Decimal(5), build.workday(12))]
        confirm(place(build.customer(name), by=rep, lines=lines, site=build.site()), by=rep)
    build.supply(product, 5, 60)
    keeper, supply = build.member(Role.ADMINISTRATOR), Supply.objects.order_by("due_on")[0]
    change_receipt(supply, by=keeper, quantity=Decimal(5), due_on=clock.today() + timedelta(days=30))
    apart = [risk.possible_on for order in Order.objects.order_by("pk") for risk in telling.risks_of(rep, [order.pk])]
    assert apart == [risk.possible_on for risk in telling.risks_of(rep)]
    assert (apart[1] - apart[0]).days > 25


def test_what_was_told_is_not_told_twice(rep):
    order = late(rep)
    tell_at_risk(order, by=rep, text="Bonjour")
    with pytest.raises(ActionError, match=order.number):
        tell_at_risk(order, by=rep, text="Bonjour")
    assert Message.objects.count() == 1


def test_a_notice_taken_back_was_not_told(rep):
    order = late(rep)
    undo_send(tell_at_risk(order, by=rep, text="Bonjour"), by=rep)
    assert promise_of(order).told_at is None
    assert not whom_to_tell(rep)[0].told


@pytest.mark.parametrize("way", ["notice", "reply"])
@pytest.mark.parametrize("expected", ["never", "before", "since"])
def test_what_a_notice_taken_back_let_us_expect_is_expected_as_before(rep, way, expected):
    order = late(rep)
    case = receive(build.mail("Où en est PO-77 ?", sender="claire@martin.example")).case
    row, day = build.schedule_line(order), whom_to_tell(rep, order)[0].risks[0].possible_on
    earlier = build.workday(14) if expected == "before" else None
    if earlier:
        set_expected(row, by=rep, to=earlier, reason=build.reason())
    text = f"Possible le {day.day}.{day.month}.{day.year}, pas avant."  # type: ignore[union-attr]
    message = tell_at_risk(order, by=rep, text=text) if way == "notice" else reply(case, by=rep, text=text)
    row.refresh_from_db()
    assert row.expected_on == day
    if expected == "since":
        earlier = build.workday(60)
        set_expected(row, by=rep, to=earlier)
    undo_send(message, by=rep)
    row.refresh_from_db()
    assert (row.expected_on, promise_of(order).told_at, promise_of(order).told_change) == (earlier, None, {})


def test_an_answer_begun_in_the_case_is_not_swept_away(rep):
    order = late(rep)
    case = receive(build.mail(f"{order.number}?")).case
    save_draft(case, rep, "reply", "Half an answer", "")
    with pytest.raises(ActionError, match=case.number):
        tell_at_risk(order, by=rep, text="Bonjour")
    assert promise_of(order).told_at is None


def test_whoever_was_told_on_the_phone_is_told(rep):
    order = late(rep)
    note_told(promise_of(order), by=rep, channel=Promise.Channel.PHONE)
    assert promise_of(order).told_by == "phone"
    assert whom_to_tell(rep)[0].told


def test_the_chosen_notices_are_sent_together_and_what_failed_says_why(rep, client: Client):
    good, bad = late(rep), late(rep, email="")
    client.force_login(rep)
    page = client.get("/at-risk/?view=all").content.decode()
    assert good.number in page
    assert bad.number in page
    given = {"pick": [good.pk, bad.pk], f"text-{good.pk}": "Edited", f"text-{bad.pk}": "Edited"}
    told = client.post("/at-risk/?view=all", given).content.decode()
    assert Message.objects.get().text == "Edited"
    assert "Nobody to send it to" in told
    assert promise_of(good).told_at
    assert promise_of(bad).told_at is None


def test_my_day_counts_whom_i_have_to_tell(rep, client: Client):
    order = late(rep)
    client.force_login(rep)
    assert "/at-risk/" not in client.get("/day/?part=unfinished").content.decode()
    order.customer.owner = rep
    order.customer.save()
    assert "/at-risk/" in client.get("/day/?part=unfinished").content.decode()
