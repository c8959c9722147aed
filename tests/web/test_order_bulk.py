"""One act on many chosen orders."""

from decimal import Decimal

import pytest
from django.test import Client

from comptoir.actions.models import Approval
from comptoir.orders.actions import NewLine, hold, place
from comptoir.orders.actions.documents import receive
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.models import OrderHold
from comptoir.orders.reading import read
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return build.member(Role.SENIOR, name="Emma Laurent")


@pytest.fixture
def desk(client: Client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture(scope="module")
def made(lasting):
    with lasting():
        yield [build.order(build.customer(name)) for name in ("Ursa", "Lyra", "Vega")]


@pytest.fixture
def orders(made):
    return [build.fresh(order) for order in made]


def do(desk: Client, name: str, orders, **inputs):
    answer = desk.post(f"/orders/bulk/{name}/", {"pick": [order.pk for order in orders], "_key": "k1", **inputs})
    return answer, {result.order.number: result for result in answer.context.get("results", ())}


def standing(order):
    return list(order.holds.filter(lifted_at=None).values_list("kind", flat=True))


def test_each_chosen_order_is_held_and_what_one_refuses_changes_nothing_about_the_others(desk, member, orders):
    hold(orders[1], by=member, kind=OrderHold.Kind.CREDIT)
    answer, told = do(desk, "hold", orders, kind="credit", note="Overdue")
    assert [told[order.number].state for order in orders] == ["done", "refused", "done"]
    assert "on hold for this already" in told[orders[1].number].told
    assert all(standing(order) == ["credit"] for order in orders)
    assert (answer.context["done"], answer.context["refused"]) == (2, 1)


def test_what_was_done_at_once_is_taken_back_at_once(desk, orders):
    answer, _told = do(desk, "hold", orders, kind="export")
    back = desk.post("/orders/bulk/undo/", {"undo": answer.context["undo"]})
    assert back.context["done"] == 3
    assert not any(standing(order) for order in orders)
    assert desk.post("/orders/bulk/undo/", {"undo": answer.context["undo"] + "x"}).status_code == 404


def test_sent_twice_it_is_done_once(desk, orders):
    do(desk, "hold", orders, kind="export")
    _answer, told = do(desk, "hold", orders, kind="export")
    assert {result.state for result in told.values()} == {"done"}
    assert all(order.holds.count() == 1 for order in orders)


def test_holds_are_lifted_and_come_back_as_they_were(desk, member, orders):
    hold(orders[0], by=member, kind=OrderHold.Kind.PRICE, note="Ask Marc")
    answer, told = do(desk, "lift", orders)
    assert [told[order.number].state for order in orders] == ["done", "refused", "refused"]
    assert not standing(orders[0])
    desk.post("/orders/bulk/undo/", {"undo": answer.context["undo"]})
    assert orders[0].holds.get(lifted_at=None).note == "Ask Marc"


def test_a_rep_may_not_lift_holds_and_is_told_so(desk, client, member, orders):
    hold(orders[0], by=member, kind=OrderHold.Kind.PRICE)
    client.force_login(build.member())
    _answer, told = do(client, "lift", orders[:1])
    assert told[orders[0].number].state == "refused"
    assert standing(orders[0]) == ["price"]


def test_everything_that_can_move_is_pushed_out_by_as_many_working_days(desk, orders):
    before = [build.schedule_line(order).promised_on for order in orders]
    _answer, told = do(desk, "push-out", orders, days="5", reason=build.reason().pk, initiator="planner")
    assert {result.state for result in told.values()} == {"done"}, [r.told for r in told.values()]
    after = [build.schedule_line(order).promised_on for order in orders]
    assert all((b - a).days >= 7 for a, b in zip(before, after, strict=True))
    assert all(order.changes.count() == 1 for order in orders)


def test_new_orders_are_confirmed_and_those_confirmed_already_say_so(desk, orders):
    new = place(
        build.customer("Nova"), by=build.member(), site=build.site(),
        lines=[NewLine(build.product(), 1, build.workday(9))],  # type: ignore[arg-type]
    )  # fmt: skip
    _answer, told = do(desk, "confirm", [new, orders[0]])
    assert [told[new.number].state, told[orders[0].number].state] == ["done", "refused"]


def test_an_order_unlike_what_the_customer_sent_is_confirmed_by_itself_alone(desk, member, client):
    customer, product = build.customer("Nova"), build.product()
    lines = [NewLine(product, Decimal(4), build.workday(9))]
    sent = f"PO number;1\nShip to;Nowhere 9, 99999 Elsewhere\n\nArticle;Qty\n{product.number};4\n"
    document = receive(sent.encode(), "a.csv", by=member, customer=customer)
    read(document.pk)
    document.refresh_from_db()
    unlike = enter_document(document, by=member, customer=customer, lines=lines, po_number="1")
    alike = place(customer, by=member, site=build.site(), lines=lines)
    for who in (member, build.member()):
        client.force_login(who)
        _answer, told = do(client, "confirm", [unlike])
        assert told[unlike.number].state == "refused"
        assert "differs from what the customer sent" in told[unlike.number].told
    client.force_login(member)
    _answer, told = do(client, "confirm", [unlike, alike])
    assert [told[order.number].state for order in (unlike, alike)] == ["refused", "done"]
    unlike.refresh_from_db()
    assert unlike.state == "discrepant"
    assert not Approval.objects.exists()


def test_a_customer_of_two_orders_gets_its_owner_once(desk, member, orders):
    second = build.order(orders[0].customer)
    answer, _told = do(desk, "owner", [*orders, second], owner=member.pk)
    assert answer.context["done"] == 3
    orders[0].customer.refresh_from_db()
    assert orders[0].customer.owner == member
    desk.post("/orders/bulk/undo/", {"undo": answer.context["undo"]})
    orders[0].customer.refresh_from_db()
    assert orders[0].customer.owner is None


def test_input_that_does_not_fit_is_asked_again_and_nothing_is_done(desk, orders):
    answer, told = do(desk, "hold", orders, kind="nothing")
    assert answer.status_code == 422
    assert not told
    assert not any(standing(order) for order in orders)
    assert desk.get("/orders/bulk/hold/").status_code == 200
    assert desk.get("/orders/bulk/rubbish/").status_code == 404
