"""Quotes: written, sent, answered once, revised, expired, and turned into an order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.actions import ActionError, Denied, SentForApproval
from comptoir.actions.approvals import approve
from comptoir.actions.due import tick
from comptoir.actions.models import Approval
from comptoir.catalog.actions import end_agreement, remove_unit, set_unit
from comptoir.catalog.models import Price
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.drafts import keep
from comptoir.orders.actions.quotes import (
    accept_quote,
    approve_quote,
    change_quote,
    decline_quote,
    quote,
    revise_quote,
    send_quote,
)
from comptoir.orders.actions.rules import hold_at_entry, set_discount_limit
from comptoir.orders.call_offs import called_off
from comptoir.orders.jobs import render_quote
from comptoir.orders.models import Order, Quote
from comptoir.orders.quoting import lines_of_order
from comptoir.orders.repricing import repriced, today_of
from comptoir.orders.unfinished import drafts_of, offered_by
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    build.site()
    return build.customer()


@pytest.fixture
def rep():
    return build.member()


def line(quantity=10, price=None, product=None):
    wanted = None if price is None else Decimal(price)
    return NewLine(product or build.product(), Decimal(quantity), build.workday(15), wanted)


def sent(customer, rep, *lines, **more):
    made = quote(customer, by=rep, lines=list(lines) or [line()], **more)
    send_quote(made, by=rep)
    return made


def test_a_quote_is_sent_and_becomes_an_order_at_its_own_prices(customer, rep):
    product = build.product()
    made = sent(customer, rep, line(product=product), line(3, "8.50"))
    Price.objects.filter(product=product).update(unit_price=99)
    order = accept_quote(made, by=rep, po_number="PO-9")
    made.refresh_from_db()
    assert (made.state, made.order, order.po_number, order.source) == ("accepted", order, "PO-9", "quote")
    assert [(x.quantity, x.unit_price, x.price_source, x.net) for x in order.lines.all()] == [
        (10, Decimal("12.5"), "quote", 125),
        (3, Decimal("8.5"), "quote", Decimal("25.5")),
    ]
    assert order.schedule_lines.first().requested_on == build.workday(15)


def test_a_quote_by_an_agreement_becomes_a_call_off_from_it(customer, rep):
    product = build.product()
    agreed = build.agreement(customer, product, "11", in_all=30).lines.get()
    made = sent(customer, rep, line(20, product=product), line(5, "9", product=product))
    assert [(x.unit_price, x.price_source, x.agreement_line) for x in made.lines.all()] == [
        (11, "agreement", agreed), (9, "manual", None),
    ]  # fmt: skip
    order = accept_quote(made, by=rep)
    assert [(x.unit_price, x.price_source, x.agreement_line) for x in order.lines.all()] == [
        (11, "quote", agreed), (9, "quote", None),
    ]  # fmt: skip
    assert called_off([agreed.pk]) == {agreed.pk: 20}
    assert not order.standing_holds


def test_an_accepted_quote_that_calls_off_more_than_is_left_is_held(customer, rep):
    product = build.product()
    build.agreement(customer, product, "11", in_all=30)
    for quantity, held in ((20, set()), (11, {"price"})):
        order = accept_quote(sent(customer, rep, line(quantity, product=product)), by=rep)
        assert {hold.kind for hold in order.standing_holds} == held


def test_what_was_quoted_by_an_agreement_stands_when_that_has_ended(customer, rep):
    product = build.product()
    agreement = build.agreement(customer, product, "11")
    made = sent(customer, rep, line(product=product))
    end_agreement(agreement, by=build.member(Role.SENIOR))
    bought = accept_quote(made, by=rep).lines.get()
    assert (bought.unit_price, bought.agreement_line) == (11, None)


def test_a_quote_names_only_agreements_with_its_customer_that_hold(customer, rep):
    product = build.product()
    agreed = build.agreement(build.customer("Another"), product, "11").lines.get()
    with pytest.raises(ActionError, match="is not about"):
        quote(customer, by=rep, lines=[replace(line(product=product), agreement_line=agreed)])
    assert not Quote.objects.exists()


def test_boxes_stay_boxes_from_the_quote_to_the_order_whatever_one_holds_then(customer, rep):
    product = build.product()
    unit = set_unit(product, by=build.member(Role.SENIOR), unit="box", factor=Decimal(12))
    made = sent(customer, rep, replace(line(5, product=product), unit="box"))
    said = made.versions.get().snapshot["lines"][0]
    assert (said["quantity"], said["ordered_quantity"], said["ordered_unit"]) == ("60.000", "5.000", "box")
    text = "".join(
        page.extract_text() for page in PdfReader(BytesIO(render_quote(made.versions.get().pk).read())).pages
    )
    assert "5 bte (60 pcs)" in " ".join(text.split())
    remove_unit(unit, by=build.member(Role.SENIOR))
    bought = accept_quote(made, by=rep).lines.get()
    assert (bought.quantity, bought.ordered_quantity, bought.ordered_unit) == (60, 5, "box")


def test_a_quote_is_accepted_once(customer, rep):
    made = sent(customer, rep)
    accept_quote(made, by=rep)
    with pytest.raises(ActionError, match="Accepted"):
        accept_quote(made, by=rep)
    with pytest.raises(ActionError, match="Accepted"):
        decline_quote(made, by=rep, reason="Too late")
    assert Order.objects.count() == 1


def test_a_draft_changes_and_a_sent_one_is_revised_into_its_next_version(customer, rep):
    made = quote(customer, by=rep, lines=[line()])
    change_quote(made, by=rep, lines=[line(4)], reference="RFQ 7")
    first = send_quote(made, by=rep)
    with pytest.raises(ActionError, match="Sent"):
        change_quote(made, by=rep, lines=[line(5)])
    revise_quote(made, by=rep)
    change_quote(made, by=rep, lines=[line(5)])
    second = send_quote(made, by=rep)
    first.refresh_from_db()
    assert [v.snapshot["lines"][0]["quantity"] for v in (first, second)] == ["4.000", "5.000"]
    assert (first.version, second.version) == (1, 2)


def test_a_quote_in_a_currency_that_is_no_longer_the_customer_s_is_written_anew(customer, rep):
    product = build.product()
    draft, asked, off = (quote(customer, by=rep, lines=[line(product=product)]) for _each in range(3))
    for one in (asked, off):
        send_quote(one, by=rep)
    decline_quote(off, by=rep, reason="Too late")
    type(customer).objects.update(currency="DKK")
    Price.objects.create(product=product, currency="DKK", unit_price=93, valid_from=clock.today())
    acts = [(draft, change_quote, {"lines": [line(product=product)]}), (draft, approve_quote, {}), (draft, send_quote, {}),
            (asked, accept_quote, {}), (off, revise_quote, {})]  # fmt: skip
    for one, act, inputs in acts:
        with pytest.raises(ActionError, match=r"is in EUR, and the prices of .* are in DKK: write a new one"):
            act(Quote.objects.get(pk=one.pk), by=rep, **inputs)
    fresh = Quote.objects.get(pk=draft.pk)
    assert (fresh.state, fresh.lines.get().unit_price, Order.objects.count()) == ("draft", Decimal("12.5"), 0)
    assert not repriced(today_of(fresh, lines_of_order(fresh)))


def test_a_declined_quote_keeps_its_reason_until_it_is_revised(customer, rep):
    made = decline_quote(sent(customer, rep), by=rep, reason="Too expensive")
    with pytest.raises(ActionError, match="Declined"):
        accept_quote(made, by=rep)
    assert (made.decline_reason, revise_quote(made, by=rep).decline_reason) == ("Too expensive", "")


def test_the_tick_expires_what_is_over_and_nothing_else(customer, rep):
    today = clock.today()
    over, standing = sent(customer, rep, valid_until=today), sent(customer, rep)
    with clock.at(clock.now() + timedelta(days=1)), pytest.raises(ActionError, match="valid until"):
        accept_quote(over, by=rep)
    tick(clock.now() + timedelta(days=1))
    over.refresh_from_db()
    standing.refresh_from_db()
    assert (over.state, standing.state) == ("expired", "sent")
    with clock.at(clock.now() + timedelta(days=1)):
        assert revise_quote(over, by=rep).valid_until > today
    assert not Order.objects.exists()


def test_prices_below_the_limit_are_asked_for_when_it_is_sent_not_when_it_is_accepted(customer, rep):
    set_discount_limit(by=build.member(Role.MANAGER), role=Role.REP, percent=Decimal(5))
    set_discount_limit(by=build.member(Role.MANAGER), role=Role.SENIOR, percent=Decimal(30))
    made = quote(customer, by=rep, lines=[line(price="10")])
    with pytest.raises(Denied, match="approved first"):
        send_quote(made, by=rep)
    with pytest.raises(SentForApproval):
        approve_quote(made, by=rep)
    approve(Approval.objects.get(), by=build.member(Role.SENIOR))
    made.refresh_from_db()
    assert (made.state, made.state_label, made.versions.count()) == ("draft", "Approved, to be sent", 0)
    send_quote(made, by=rep)
    order = accept_quote(made, by=rep)
    assert order.lines.get().unit_price == 10
    assert not order.standing_holds


@pytest.mark.parametrize("when", ["before", "after"])
def test_other_prices_than_those_approved_are_asked_for_anew(customer, rep, when):
    set_discount_limit(by=build.member(Role.MANAGER), role=Role.REP, percent=Decimal(5))
    set_discount_limit(by=build.member(Role.MANAGER), role=Role.SENIOR, percent=Decimal(99))
    made, senior = quote(customer, by=rep, lines=[line(price="10")]), build.member(Role.SENIOR)
    with pytest.raises(SentForApproval):
        approve_quote(made, by=rep)
    if when == "after":
        approve(Approval.objects.get(), by=senior)
    change_quote(made, by=rep, lines=[line(price="1")])
    if when == "before":
        assert approve(Approval.objects.get(), by=senior).state == "stale"
    made.refresh_from_db()
    assert not made.is_approved
    with pytest.raises(Denied, match="approved first"):
        send_quote(made, by=rep)


def test_a_draft_saved_anew_names_the_prices_that_are_others_today_and_keeps_what_was_typed(customer, rep):
    cheaper, ours, typed, steady = (build.product() for _each in range(4))
    stood = [line(product=cheaper), line(product=ours), line(price="9", product=typed), line(product=steady)]
    made = quote(customer, by=rep, lines=stood)
    today = made.created_at.date()
    Price.objects.filter(product=typed).update(unit_price=20)
    Price.objects.create(product=cheaper, currency="EUR", unit_price=11, minimum_quantity=10, valid_from=today)
    agreed = build.agreement(customer, ours, "10.125")
    told = [
        f"10 {cheaper.number}: €12.50 → €11.00 (list price from 10 pcs on)",
        f"20 {ours.number}: €12.50 → €10.125 (agreement {agreed.number})",
    ]
    assert [str(one) for one in repriced(today_of(made, lines_of_order(made)))] == told
    change_quote(made, by=rep, lines=stood)
    assert [x.unit_price for x in made.lines.all()] == [11, Decimal("10.125"), 9, Decimal("12.5")]
    phrases = [event.phrase for event in story(made)]
    assert f"Other prices in quote {made.number}: {'; '.join(told)}" in phrases
    change_quote(made, by=rep, lines=stood)
    assert [event.verb for event in story(made)].count("orders.quote_repriced") == 1


def test_the_story_names_the_price_of_another_quantity_and_one_typed_but_none_of_a_new_line(customer, rep):
    first, second, added = (build.product() for _each in range(3))
    made = quote(customer, by=rep, lines=[line(4, product=first), line(product=second)])
    Price.objects.create(product=first, currency="EUR", unit_price=11, minimum_quantity=10, valid_from=clock.today())
    assert not repriced(today_of(made, lines_of_order(made)))
    change_quote(made, by=rep, lines=[line(product=added), line(10, product=first), line(price="12", product=second)])
    assert story(made)[0].data["what"] == (
        f"10 {first.number}: €12.50 → €11.00 (list price from 10 pcs on); 20 {second.number}: €12.50 → €12.00 (typed price)"
    )


def test_a_line_of_a_product_that_is_dropped_says_nothing_of_the_price_of_the_other_that_stays(customer, rep):
    product = build.product()
    Price.objects.create(product=product, currency="EUR", unit_price=11, minimum_quantity=10, valid_from=clock.today())
    made = quote(customer, by=rep, lines=[line(1, product=product), line(10, product=product)])
    change_quote(made, by=rep, lines=[line(10, product=product)])
    assert [event.verb for event in story(made)].count("orders.quote_repriced") == 0
    change_quote(made, by=rep, lines=[line(2, product=product), line(10, product=product)])
    assert [event.verb for event in story(made)].count("orders.quote_repriced") == 0
    change_quote(made, by=rep, lines=[line(12, price="9", product=product), line(2, product=product)])
    assert story(made)[0].data["what"] == f"20 {product.number}: €11.00 → €9.00 (typed price)"


def test_the_story_of_many_other_prices_is_cut(customer, rep):
    products = [build.product() for _each in range(12)]
    made = quote(customer, by=rep, lines=[line(product=one) for one in products])
    change_quote(made, by=rep, lines=[line(price="9", product=one) for one in products])
    assert len(story(made)[0].data["what"]) == 400


def test_what_has_no_price_any_more_is_named_before_saving_refuses_it(customer, rep):
    unpriced, ended = build.product(), build.product()
    agreement = build.agreement(customer, ended, "11")
    made = quote(customer, by=rep, lines=[line(product=unpriced), line(product=ended)])
    Price.objects.filter(product=unpriced).delete()
    end_agreement(agreement, by=build.member(Role.SENIOR))
    assert [(one.line.product, one.after, one.why) for one in repriced(today_of(made, lines_of_order(made)))] == [
        (unpriced, "–", "no price today: type one"), (ended, "–", "no price today: type one"),
    ]  # fmt: skip
    with pytest.raises(ActionError, match="has no price"):
        change_quote(made, by=rep, lines=[line(product=unpriced)])


def test_a_quote_that_is_revised_is_approved_anew(customer, rep):
    made = quote(customer, by=rep, lines=[line()])
    send_quote(approve_quote(made, by=rep), by=rep)
    made.refresh_from_db()
    assert not revise_quote(made, by=rep).is_approved


def test_an_accepted_quote_is_held_for_credit_and_documents_like_any_order(customer, rep):
    hold_at_entry(by=build.member(Role.MANAGER), country="FR", needs_document=True, note="Certificate")
    type(customer).objects.update(credit_limit=100)
    order = accept_quote(sent(customer, rep), by=rep)
    assert {hold.kind for hold in order.standing_holds} == {"credit", "document"}


def test_a_prospect_who_accepts_becomes_a_customer(customer, rep):
    type(customer).objects.update(stage="prospect")
    accept_quote(sent(customer, rep), by=rep)
    customer.refresh_from_db()
    assert customer.stage == "customer"


def test_a_quote_refuses_no_lines_a_day_that_is_over_and_foreign_people(customer, rep):
    with pytest.raises(ActionError, match="one line"):
        quote(customer, by=rep, lines=[])
    with pytest.raises(ActionError, match="over before"):
        quote(customer, by=rep, lines=[line()], valid_until=clock.today() - timedelta(days=1))
    with pytest.raises(ActionError, match="does not belong"):
        quote(customer, by=rep, lines=[line()], contact=build.contact(build.customer("Another")))
    with pytest.raises(ActionError, match="three decimals"):
        quote(customer, by=rep, lines=[line("3.3335")])
    assert not Quote.objects.exists()


@pytest.mark.parametrize(("language", "title"), [("fr", "Devis"), ("bg", "Оферта"), ("sk", "Cenová ponuka")])
def test_the_paper_speaks_the_customers_language_and_is_set_once(rep, language, title):
    build.site()
    made = quote(build.customer(language=language), by=rep, lines=[line()], note="Merci")
    version = send_quote(made, by=rep)
    file = render_quote(version.pk)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(file.read())).pages)
    assert title in text
    assert made.number in text
    assert render_quote(version.pk) == file


def test_quotes_that_end_unanswered_ones_and_orders_begun_are_to_be_seen_to(customer, rep):
    ending = sent(customer, rep, valid_until=clock.today() + timedelta(days=3))
    old, fresh, unsent = sent(customer, rep), sent(customer, rep), quote(customer, by=rep, lines=[line()])
    Quote.objects.filter(pk=old.pk).update(sent_at=clock.now() - timedelta(days=8))
    sent(customer, build.member(), valid_until=clock.today())
    keep(customer, by=rep, fields={}, rows=[{"part": "P"}], case_id=None)
    found = {one.quote: one.why for one in offered_by(rep, clock.today())}
    assert found == {ending: "ending", old: "unanswered", unsent: "unsent"}
    assert fresh not in found
    assert [draft.customer for draft in drafts_of(rep)] == [customer]
    assert drafts_of(build.member()) == []
