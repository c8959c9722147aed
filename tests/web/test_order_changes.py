"""The editor of a confirmed order, and the section of what is being negotiated."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from comptoir.actions.models import Approval
from comptoir.fulfilment.actions import Shipped, ship
from comptoir.lib import clock
from comptoir.lib.said_days import as_typed
from comptoir.lib.said_days import day as said_day
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.actions.drafts import add, keep
from comptoir.orders.models import EntryRule, Order, OrderChange, OrderDraft, OrderVersion
from comptoir.orders.unfinished import drafts_of
from comptoir.people.models import Member
from tests import build
from tests.conftest import Lasting

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[tuple[Order, Member]]:
    with lasting():
        yield build.order(build.customer(), products=2), build.member()


@pytest.fixture
def order(shared: tuple[Order, Member]) -> Order:
    return build.fresh(shared[0])


@pytest.fixture
def desk(shared: tuple[Order, Member], client: Client) -> Client:
    client.force_login(shared[1])
    return client


def form(order: Order, do: str, **typed: Any) -> dict[str, Any]:
    """What the editor sends when nothing but `typed` was touched."""
    sent: dict[str, Any] = {
        "do": do,
        "ship_to": order.ship_to_id,
        "seen_ship_to": order.ship_to_id,
        "initiator": "customer",
    }
    for row in order.schedule_lines.all():
        stands = {"quantity": f"{row.unshipped_quantity.normalize():f}", "day": row.promised_on, "price": "12.5"}
        sent[f"seen_shipped_{row.pk}"] = f"{row.shipped_quantity.normalize():f}"
        for name, value in stands.items():
            sent |= {f"{name}_{row.pk}": value, f"seen_{name}_{row.pk}": value}
    return sent | typed | {"freight_cost_1": "EUR"}


def send(desk: Client, order: Order, do: str, **typed: Any) -> Any:
    return desk.post(f"/orders/{order.number}/change/", form(order, do, **typed))


def test_looking_says_what_it_does_and_does_nothing(desk, order):
    row = build.schedule_line(order)
    page = send(desk, order, "look", **{f"quantity_{row.pk}": "14"})
    assert page.status_code == 200
    told = page.content.decode()
    assert "Position 10, ordered" in told
    assert "14 pcs" in told
    assert "Nobody else" in told
    assert (OrderChange.objects.count(), OrderVersion.objects.count()) == (0, 1)


@pytest.mark.parametrize("said", ["+30", "wk 52", "{day:%d.%m.}", "{day}"])
def test_days_are_typed_as_elsewhere(desk, order, said):
    row = build.schedule_line(order)
    day = said_day(said.format(day=build.workday(18)))
    page = send(desk, order, "ask", **{f"day_{row.pk}": said.format(day=build.workday(18))})
    assert page.status_code == 302, page.content.decode()
    assert OrderChange.objects.get().steps.get().after == day.isoformat()


def test_an_offer_holds_until_a_day_typed_as_elsewhere_and_what_is_no_day_is_said(desk, order):
    row = build.schedule_line(order)
    typed = {f"day_{row.pk}": build.workday(18)}
    assert "is not a day" in send(desk, order, "look", **{f"day_{row.pk}": "someday"}).content.decode()
    for odd in ("2026-02-31", "31.2.2026"):
        assert f"«{odd}» is not a day." in send(desk, order, "look", **{f"day_{row.pk}": odd}).content.decode()
    page = send(desk, order, "offer", **typed, valid_until="soon")
    assert page.status_code == 422
    assert "<span>«soon» is not a day.</span>" in page.content.decode()
    assert send(desk, order, "offer", **typed, valid_until="+3").status_code == 302
    assert (OrderChange.objects.get().valid_until - clock.today()).days == 3


def test_what_was_typed_survives_a_reload_until_it_is_done_or_forgotten(desk, order):
    row, address = build.schedule_line(order), f"/orders/{order.number}/change/"
    typed = form(order, "", **{f"quantity_{row.pk}": "17", "note": "As agreed", "part_0": "P-1", "new_day_0": "+20"})
    assert desk.post(f"{address}kept/", typed).status_code == 204
    page = desk.get(address).content.decode()
    for said in ('value="17"', "As agreed", 'value="P-1"', f'value="{as_typed(said_day("+20"))}"', "As you left it"):
        assert said in page
    desk.post(f"{address}kept/", {"forget": "1"})
    assert "As agreed" not in desk.get(address).content.decode()
    send(desk, order, "look", **{f"quantity_{row.pk}": "14"})
    assert 'value="14"' in desk.get(address).content.decode()
    send(desk, order, "change", **{f"quantity_{row.pk}": "14"})
    assert "As you left it" not in desk.get(address).content.decode()


def test_an_order_of_two_hundred_lines_is_not_too_large_a_form(desk, order):
    many = {f"seen_{name}_{n}": "1" for name in ("quantity", "day", "price", "shipped") for n in range(10_000, 10_400)}
    assert desk.post(f"/orders/{order.number}/change/kept/", form(order, "", note="Much", **many)).status_code == 204
    assert "Much" in desk.get(f"/orders/{order.number}/change/").content.decode()


def test_what_was_typed_is_the_members_wherever_they_sign_in_and_nobody_elses(desk, shared, order):
    row, address, colleague = build.schedule_line(order), f"/orders/{order.number}/change/", Client()
    colleague.force_login(build.member())
    for typing, quantity in ((desk, "17"), (colleague, "18")):
        assert typing.post(f"{address}kept/", form(order, "", **{f"quantity_{row.pk}": quantity})).status_code == 204
    desk.logout()
    elsewhere = Client()
    elsewhere.force_login(shared[1])
    assert 'value="17"' in elsewhere.get(address).content.decode()
    elsewhere.post(f"{address}kept/", form(order, "", **{f"quantity_{row.pk}": "16"}))
    assert 'value="18"' in colleague.get(address).content.decode()
    assert send(elsewhere, order, "ask", **{f"quantity_{row.pk}": "16"}).status_code == 302
    assert "As you left it" not in elsewhere.get(address).content.decode()
    assert 'value="18"' in colleague.get(address).content.decode()


def test_what_arrives_to_be_kept_after_it_was_done_is_not_kept(desk, order):
    row, address = build.schedule_line(order), f"/orders/{order.number}/change/"
    typed = {f"quantity_{row.pk}": "17", "_key": "change-1"}
    assert send(desk, order, "ask", **typed).status_code == 302
    assert desk.post(f"{address}kept/", form(order, "", **typed)).status_code == 409
    assert not OrderDraft.objects.exists()
    desk.post(f"{address}kept/", form(order, "", **(typed | {"_key": "change-2"})))
    assert OrderDraft.objects.exists()


def test_a_change_begun_is_found_in_the_day_and_is_no_order_begun(desk, shared, order):
    row, member = build.schedule_line(order), shared[1]
    desk.post(f"/orders/{order.number}/change/kept/", form(order, "", **{f"quantity_{row.pk}": "17"}))
    draft = OrderDraft.objects.get()
    assert [one.get_absolute_url() for one in drafts_of(member)] == [f"/orders/{order.number}/change/"]
    assert f"Change {order.number}" in desk.get("/day/?part=unfinished").content.decode()
    keep(order.customer, by=member, fields={}, rows=[{"part": "P-1"}], case_id=None)
    add(order.customer, by=member, cells={"part": "P-2"})
    assert [len(one.rows) for one in drafts_of(member)] == [2, 0]
    assert desk.post(f"/orders/new/discard/{draft.pk}/").status_code == 404
    Order.objects.filter(pk=order.pk).update(state="closed")
    assert [one.order for one in drafts_of(member)] == [None]


def test_what_somebody_changed_meanwhile_stands_beside_what_was_kept(desk, order):
    row, address = build.schedule_line(order), f"/orders/{order.number}/change/"
    desk.post(f"{address}kept/", form(order, "", **{f"quantity_{row.pk}": "17", f"day_{row.pk}": build.workday(18)}))
    orders.change(order, by=build.member(), steps=[_more(order, 12), _later(order, 18)])
    page = desk.get(address).content.decode()
    assert "now 12" in page
    assert page.count(">now ") == 1  # the day was changed to what was typed


def test_what_was_agreed_is_changed_at_once(desk, order):
    row, second = build.schedule_line(order), build.schedule_line(order, 20)
    typed = {
        f"quantity_{row.pk}": "14",
        f"day_{row.pk}": build.workday(18),
        f"cancel_{second.pk}": "1",
        f"price_{row.pk}": "12,00",
    }
    page = send(desk, order, "change", **typed, part_0=row.line.product.number, new_quantity_0="2", new_day_0="+20")
    assert page.status_code == 302, page.content.decode()
    fresh = Order.objects.get(pk=order.pk)
    said = [(r.quantity, r.promised_on, r.line.unit_price) for r in fresh.schedule_lines.exclude(state="cancelled")]
    assert said[0] == (14, build.workday(18), 12)
    assert (len(said), fresh.version) == (2, 2)


def test_what_has_not_left_is_counted_on_its_own(desk, order):
    row, second = build.schedule_line(order), build.schedule_line(order, 20)
    ship(order, by=build.member(), lines=[Shipped(row, Decimal(7)), Shipped(second, Decimal(4))])
    page = desk.get(f"/orders/{order.number}/change/").content.decode()
    assert f'name="quantity_{row.pk}" value="3"' in page
    assert "7 pcs have left already" in page
    sent = form(order, "change", **{f"quantity_{row.pk}": "5", f"cancel_{second.pk}": "1"})
    ship(order, by=build.member(), lines=[Shipped(row, Decimal(1))])
    page = desk.post(f"/orders/{order.number}/change/", sent)
    assert page.status_code == 302, page.content.decode()
    said = [(one.state, one.quantity) for one in order.schedule_lines.order_by("line__position", "position")]
    assert said == [("shipped", 8), ("promised", 4), ("shipped", 4), ("cancelled", 0)]


@pytest.mark.parametrize("sent", ["", "x", "-1", "NaN", "11", "1e9999"])
def test_whatever_is_said_to_have_left_the_page_answers(desk, order, sent):
    row = build.schedule_line(order)
    page = send(desk, order, "look", **{f"quantity_{row.pk}": "5", f"seen_shipped_{row.pk}": sent})
    assert page.status_code in (200, 422)
    assert OrderVersion.objects.count() == 1


def test_an_offer_and_what_is_only_asked_for_stand_on_the_orders_page(desk, order):
    row = build.schedule_line(order)
    assert send(desk, order, "offer", **{f"day_{row.pk}": build.workday(18)}).status_code == 302
    assert send(desk, order, "ask", **{f"quantity_{row.pk}": "900"}).status_code == 302
    assert set(OrderChange.objects.values_list("state", flat=True)) == {"offered", "requested"}
    page = desk.get(f"/orders/{order.number}/").content.decode()
    for said in ("1 change waits for us.", "Offered to the customer", "Carry it out"):
        assert said in page
    asked = OrderChange.objects.get(state="requested")
    assert "In answer to" in desk.get(f"/orders/{order.number}/change/?counters={asked.pk}").content.decode()


def test_what_somebody_else_changed_meanwhile_is_shown_and_what_was_typed_stays(desk, order):
    row = build.schedule_line(order)
    sent = form(order, "change", **{f"quantity_{row.pk}": "14"})
    step = Step("quantity", schedule_line=row, quantity=Decimal(12))  # type: ignore[arg-type]
    orders.change(order, by=build.member(), steps=[step])
    page = desk.post(f"/orders/{order.number}/change/", sent)
    told = page.content.decode()
    assert page.status_code == 422
    assert "Position 10: Quantity was changed meanwhile" in told
    assert 'value="14"' in told
    assert "now 12" in told
    assert OrderChange.objects.count() == 1
    sent[f"seen_quantity_{row.pk}"] = "12"
    assert desk.post(f"/orders/{order.number}/change/", sent).status_code == 302
    assert build.schedule_line(order).quantity == 14


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Nothing was changed"), ({"part_0": "none", "new_quantity_0": "1", "new_day_0": "+5"}, "There is no part"),
        ({"ship_to": "999999"}, "no such address"), ({"quantity": "abc"}, "abc»"), ({"quantity": "500"}, "No planned supply"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_what_was_typed_stays(desk, order, typed, told):
    row = build.schedule_line(order)
    sent = {f"{name}_{row.pk}" if name == "quantity" else name: value for name, value in typed.items()}
    page = send(desk, order, "change", **sent)
    assert page.status_code == 422
    assert told in page.content.decode()
    assert OrderVersion.objects.count() == 1


def test_an_order_that_is_not_confirmed_has_no_editor(desk, order):
    Order.objects.filter(pk=order.pk).update(state="ready")
    assert desk.get(f"/orders/{order.number}/change/").status_code == 404


def test_what_needs_somebody_elses_agreement_says_so(desk, order):
    EntryRule.objects.create(kind="discount", role="rep", percent=Decimal(5))
    EntryRule.objects.create(kind="discount", role="manager", percent=Decimal(50))
    page = send(desk, order, "change", **{f"price_{build.schedule_line(order).pk}": "8"})
    assert "was sent to them" in page.content.decode()
    assert (Approval.objects.count(), OrderVersion.objects.count()) == (1, 1)


def test_what_conflicts_is_decided_step_by_step_in_the_dialog(desk, order):
    one = orders.offer_change(order, by=build.member(), steps=[_later(order, 18), _more(order, 14)])
    orders.change(order, by=build.member(), steps=[_later(order, 20)])
    other = build.order(order.customer)
    orders.offer_change(other, by=build.member(), steps=[_later(other, 18)])
    orders.accept_change(one, by=build.member())
    dialog = desk.get(f"/do/orders.apply_change/{one.pk}/").content.decode()
    assert dialog.count("Position 10: Date was changed meanwhile") == 2  # to be left, or done all the same
    assert other.number not in dialog
    step = one.steps.get(type="date")
    assert desk.post(f"/do/orders.apply_change/{one.pk}/", {"take": step.pk}).status_code < 400
    row = build.schedule_line(order)
    assert (row.promised_on, row.quantity) == (build.workday(18), 14)


def _later(order: Order, days: int) -> Step:
    return Step("date", schedule_line=build.schedule_line(order), day=build.workday(days))  # type: ignore[arg-type]


def _more(order: Order, quantity: int) -> Step:
    return Step("quantity", schedule_line=build.schedule_line(order), quantity=Decimal(quantity))  # type: ignore[arg-type]


def test_a_version_is_compared_with_any_earlier_one(desk, order):
    price = Step("price", line=build.schedule_line(order).line, unit_price=Decimal(11))  # type: ignore[arg-type]
    orders.change(order, by=build.member(), steps=[price])
    orders.change(order, by=build.member(), steps=[_more(order, 14)])
    address = f"/orders/{order.number}/versions/3/"
    last, all_of_it = (desk.get(f"{address}{query}").content.decode() for query in ("", "?since=1"))
    assert "What changed since version 2" in last
    assert "Position 10, price" not in last
    for said in ("What changed since version 1", "Position 10, price", "€12.50", "€11.00", "Position 10, ordered"):
        assert said in all_of_it
    for odd in ("?since=9", "?since=x", "?since=0", "?since=99999999999999999999"):
        assert "What changed since version 2" in desk.get(f"{address}{odd}").content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"quantity": "99999999999999999999"}, {"seen_quantity": "abc", "quantity": "4"}, {"day": "9999-12-31"},
        {"seen_price": "x", "price": "3"}, {"price": "1e400", "quantity": "4"}, {"seen_day": "x", "day": "2026-13-45"},
        {"initiator": "nobody-at-all", "quantity": "4"}, {"freight_cost_0": "5", "freight_cost_1": "?", "quantity": "4"},
        {"ship_to": "²", "quantity": "4"}, {"counters": "²", "quantity": "4"}, {"counters": "9" * 40, "quantity": "4"},
        {"seen_ship_to": "²", "quantity": "4"}, {"part_0": "x" * 5000}, {"note": "\0", "quantity": "4"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("do", ["look", "offer"])
def test_whatever_is_sent_is_answered_with_a_page(desk, order, sent, do):
    pk = build.schedule_line(order).pk
    typed = {f"{k}_{pk}" if k.split("_")[-1] in ("quantity", "day", "price") else k: v for k, v in sent.items()}
    assert send(desk, order, do, **typed).status_code in (200, 302, 400, 422)
    assert OrderVersion.objects.count() == 1
