"""What we propose is answered behind the order's link: accepted, declined, proposed otherwise – once, and by nobody else."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.actions import ActionError
from comptoir.customers.actions.links import revoke_link
from comptoir.customers.models import Link
from comptoir.events.models import Event
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.actions.order_links import share
from comptoir.orders.models import Order, OrderChange
from comptoir.people import Role
from comptoir.portal.order_told import Teller
from comptoir.portal.saying import LANGUAGES, words_of
from tests import build

pytestmark = pytest.mark.django_db
WORDS = words_of("order", "en")


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture(scope="module")
def shared(lasting):
    with lasting():
        build.inbox()
        rep, customer = build.member(name="Emma Laurent"), build.customer(language="en")
        order = build.order(customer, products=2, contact=build.contact(customer))
        yield rep, order, share(order, by=rep)


@pytest.fixture
def rep(shared):
    return shared[0]


@pytest.fixture
def order(shared):
    return build.fresh(shared[1])


@pytest.fixture
def page(shared):
    return f"/o/{shared[2].token}/"


def moved(order, days, position=10):
    return Step("date", schedule_line=build.schedule_line(order, position), day=build.workday(days))


def counted(order, quantity, position=10):
    return Step("quantity", schedule_line=build.schedule_line(order, position), quantity=Decimal(quantity))


def offered(order, rep, *steps, **more):
    return orders.offer_change(order, by=rep, steps=list(steps) or [moved(order, 18), counted(order, 14)], **more)


@pytest.fixture
def offer(order, rep):
    return offered(order, rep, note="The mill is late.")


def post(client, page, act, change, **more):
    return client.post(page, {"act": f"{act}_change", "change": change.pk, **more})


def follow(client, answer):
    assert answer.status_code == 302
    return client.get(answer.headers["Location"]).content.decode()


def stands(order, change, state, version=1):
    change.refresh_from_db()
    return (change.state, Order.objects.get(pk=order.pk).version) == (state, version)


def field(change, kind):
    return f"step-{change.steps.get(type=kind).pk}"


def test_the_page_tells_what_we_propose_and_not_what_it_costs_us(client, page, order, rep):
    build.limit(Role.REP, "100", action="orders.offer_change")
    one = offered(order, rep, note="The mill is late.", freight_cost=Money.of("77.31", "EUR"))
    text = client.get(page).content.decode()
    for part in (
        "The mill is late.", Teller("en").day(build.workday(15)), Teller("en").day(build.workday(18)), "14 pcs",
        WORDS["answer_until"].format(day=Teller("en").day(one.valid_until)),
    ):  # fmt: skip
        assert part in text
    assert "77.31" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_every_kind_of_step(client, page, order, rep, language):
    Link.objects.update(language=language)
    row, other = build.schedule_line(order), build.schedule_line(order, 20)
    steps = [
        Step("split", schedule_line=row, quantity=Decimal(4), day=build.workday(20)),
        Step("price", line=row.line, unit_price=Decimal("13.5")), Step("remove", line=other.line),
        Step("add", product=build.product("Seal"), quantity=Decimal(3), day=build.workday(20)),
    ]  # fmt: skip
    offered(order, rep, *steps)
    text = re.sub(r"<[^>]+>", "", client.get(page).content.decode())
    words = words_of("order", language)
    assert words.keys() == WORDS.keys()
    for word in ("proposed", "step_split", "step_price", "step_remove", "step_add", "counter_change", "accept_change"):
        assert words[word] in text
    assert "Seal" in text
    assert "{" not in text


def test_accepted_it_is_done_and_confirmed_anew(client, page, order, offer):
    text = follow(client, post(client, page, "accept", offer))
    assert "we have confirmed the order anew" in text
    assert stands(order, offer, "applied", 2)
    row = build.schedule_line(order)
    assert (row.promised_on, row.quantity) == (build.workday(18), 14)
    assert WORDS["proposed"] not in text
    assert Event.objects.get(verb="orders.change_accepted").data["who"] == str(Link.objects.get())


def test_whoever_has_a_link_made_for_nobody_says_who_accepts(client, order, rep, offer):
    Order.objects.filter(pk=order.pk).update(contact=None)
    page = f"/o/{share(Order.objects.get(pk=order.pk), by=rep).token}/"
    assert 'name="name"' in client.get(page).content.decode()
    post(client, page, "accept", offer, name="Jo Peeters")
    assert Event.objects.get(verb="orders.change_accepted").data["who"] == "Jo Peeters"


def test_what_met_another_change_waits_for_us(client, page, order, offer, rep):
    orders.change(order, by=rep, steps=[moved(order, 20)])
    text = follow(client, post(client, page, "accept", offer))
    assert WORDS["change_accepted"] in text
    assert stands(order, offer, "accepted", 2)
    assert "Position 10" not in text


def test_declined_with_its_reason(client, page, order, offer):
    text = follow(client, post(client, page, "decline", offer, answer="Our line stops."))
    assert "You declined our proposal" in text
    assert stands(order, offer, "declined")
    assert offer.answer == "Our line stops."


def test_proposed_otherwise_it_waits_for_us_with_what_differs(client, page, order, offer):
    typed = {
        field(offer, "date"): build.workday(16).isoformat(),
        field(offer, "quantity"): "10",
        "text": "16 would do.",
    }
    text = follow(client, post(client, page, "counter", offer, **typed))
    assert "we received your proposal" in text
    assert stands(order, offer, "countered")
    made = OrderChange.objects.get(counters=offer)
    assert (made.state, made.initiator, made.note) == ("requested", "customer", "16 would do.")
    assert [(s.type, s.after) for s in made.steps.all()] == [("date", build.workday(16).isoformat())]


def test_another_price_is_asked_for_in_the_unit_it_was_offered_for(client, page, order, rep):
    line = build.schedule_line(order).line
    offer = offered(order, rep, Step("price", line=line, unit_price=Decimal("13.25")))
    name = field(offer, "price")
    shown = client.get(page).content.decode()
    assert WORDS["expected_price"] in shown
    assert f'name="{name}" type="number" value="13.25"' in shown
    assert post(client, page, "counter", offer, **{name: "13.25"}).status_code == 409
    for wrong in ("-1", "a lot", "1.2345678", "NaN"):
        assert WORDS["bad_price"] in post(client, page, "counter", offer, **{name: wrong}).content.decode()
    follow(client, post(client, page, "counter", offer, **{name: "12.80"}))
    made = OrderChange.objects.get(counters=offer)
    assert (made.state, made.steps.get().type, made.steps.get().after) == ("requested", "price", ["12.8", 1])


def test_another_address_is_asked_for_in_words_and_waits_for_us(client, page, order, rep):
    other = build.add_address(
        order.customer, by=rep, name="Works", street="2 quai", postcode="69007", city="Lyon", country="FR"
    )  # fmt: skip
    offer = offered(order, rep, Step("ship_to", address=other))
    assert WORDS["other_address"] in client.get(page).content.decode()
    assert post(client, page, "counter", offer).status_code == 409
    follow(client, post(client, page, "counter", offer, **{field(offer, "ship_to"): "Gate 4,\nrue du Port"}))
    made = OrderChange.objects.get(counters=offer)
    assert stands(order, offer, "countered")
    assert (made.state, made.initiator, made.steps.count()) == ("requested", "customer", 0)
    assert made.note == "Delivery address: Gate 4,\nrue du Port"
    client.force_login(rep)
    shown = client.get(order.get_absolute_url()).content.decode()
    assert "Gate 4" in shown
    assert f"/do/orders.apply_change/{made.pk}/" not in shown
    assert "Gate 4" in client.get(f"/orders/{order.number}/change/?counters={made.pk}").content.decode()
    with pytest.raises(ActionError, match="names nothing to change"):
        orders.apply_change(made, by=rep)


def test_a_remark_on_any_step_reaches_us_with_the_step_it_is_about(client, page, order, rep):
    offer = offered(
        order, rep, moved(order, 18), Step("cancel", schedule_line=build.schedule_line(order, 20), quantity=Decimal(0))
    )
    remark = field(offer, "cancel").replace("step-", "remark-")
    typed = {field(offer, "date"): build.workday(16).isoformat(), remark: "x" * 400, "text": "Please look."}
    follow(client, post(client, page, "counter", offer, **typed))
    made = OrderChange.objects.get(counters=offer)
    first, second = made.note.split("\n")
    assert first == "Please look."
    assert second.startswith("20 · Gear pump: ")
    assert (second.count("x"), made.steps.get().type) == (300, "date")


def test_what_was_remarked_is_kept_where_something_else_cannot_be_meant(client, page, order, rep, offer):
    remark = field(offer, "date").replace("step-", "remark-")
    typed = {field(offer, "date"): "soon", field(offer, "quantity"): "12", remark: "Not on Fridays"}
    assert 'value="Not on Fridays"' in post(client, page, "counter", offer, **typed).content.decode()
    assert stands(order, offer, "offered")


def test_words_alone_about_what_has_no_field_are_a_proposal_of_theirs(client, page, order, rep):
    offer = offered(order, rep, Step("add", product=build.product("Valve"), quantity=Decimal(2), day=build.workday(20)))
    follow(client, post(client, page, "counter", offer, text="Three, please."))
    assert OrderChange.objects.get(counters=offer).note == "Three, please."


def test_to_leave_all_as_it_stands_is_to_decline_with_what_was_written(client, page, order, offer):
    typed = {field(offer, "date"): build.workday(15).isoformat(), field(offer, "quantity"): "10.0"}
    assert post(client, page, "counter", offer, **typed, text="Leave it.").status_code == 302
    assert stands(order, offer, "declined")
    assert offer.answer == "Leave it."


@pytest.mark.parametrize(
    ("word", "odd"),
    [
        ("bad_day", ("soon", "2001-01-01", "9999-12-31", "")),
        ("bad_quantity", ("0", "-3", "NaN", "1e99", "Infinity", "1.23456", "a lot", "9e999999")),
        ("nothing_proposed", ("14.0",)),
    ],
)
def test_what_cannot_be_meant_is_said_and_what_was_typed_is_kept(client, page, order, offer, word, odd):
    text = "" if word == "nothing_proposed" else "As we said."
    for given in odd:
        cache.clear()
        day, quantity = (given, "12") if word == "bad_day" else (build.workday(18).isoformat(), given)
        typed = {field(offer, "date"): day, field(offer, "quantity"): quantity}
        answer = post(client, page, "counter", offer, **typed, text=text)
        shown = answer.content.decode()
        assert answer.status_code == 409, given
        for part in (WORDS[word], text, f'value="{day}"', f'value="{quantity}"'):
            assert part in shown, given
        assert stands(order, offer, "offered")
    assert OrderChange.objects.count() == 1


def test_answered_again_nothing_is_done_and_the_page_says_what_became_of_it(client, page, order, offer):
    post(client, page, "accept", offer)
    for act in ("accept", "decline", "counter"):
        text = follow(client, post(client, page, act, offer, answer="No", text="No"))
        assert "You accepted this on" in text
    assert stands(order, offer, "applied", 2)
    assert Event.objects.filter(verb__startswith="orders.change_").count() == 2


def test_an_offer_that_is_over_is_not_shown_and_not_accepted(client, page, order, offer):
    with clock.at(clock.now() + timedelta(days=8)):
        assert WORDS["proposed"] not in client.get(page).content.decode()
        text = follow(client, post(client, page, "accept", offer))
        assert "Our proposal is over" in text
    assert stands(order, offer, "offered")


def test_what_is_not_offered_by_this_order_is_nothing(client, page, order, rep):
    other = build.order(order.customer)
    foreign = offered(other, rep, moved(other, 18))
    inside = orders.request_change(order, by=rep, steps=[moved(order, 18)])
    told = {
        client.post(page, {"act": "accept_change", "change": pk}).content
        for pk in (foreign.pk, inside.pk, "", "x", "²", "9" * 30, "0")
    }
    assert told == {client.get("/o/wrong/").content}
    assert client.get(f"{page}?told=change-{foreign.pk}").status_code == 200
    assert (stands(other, foreign, "offered"), stands(order, inside, "requested")) == (True, True)


def test_by_a_link_that_leads_nowhere_nothing_is_answered(client, page, order, rep, offer):
    revoked, stale = share(order, by=rep), share(order, by=rep)
    revoke_link(revoked, by=rep)
    Link.objects.filter(pk=stale.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    other = share(build.order(build.customer("Somebody Else")), by=rep)
    for token in ("wrong", revoked.token, stale.token, other.token):
        for act in ("accept", "decline", "counter"):
            assert post(client, f"/o/{token}/", act, offer, text="x").status_code == 404
    assert post(Client(enforce_csrf_checks=True), page, "accept", offer).status_code == 403
    assert stands(order, offer, "offered")


def test_with_the_pages_own_token_it_passes(page, order, offer):
    strict = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(page).content.decode())[1]
    assert post(strict, page, "accept", offer, csrfmiddlewaretoken=token).status_code == 302
    assert stands(order, offer, "applied", 2)


def test_proposals_cost_few_questions(client, page, order, rep, offer):
    offered(order, rep, moved(order, 19, 20))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    assert len(asked) <= 14
