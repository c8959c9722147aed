"""A change that is kept, or lies open, while colleagues change the same order: only what was touched is ever changed."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from comptoir.customers.actions import add_address
from comptoir.fulfilment.actions import Shipped, ship
from comptoir.lib import clock
from comptoir.orders import actions as orders
from comptoir.orders.actions import Step
from comptoir.orders.models import ChangeStep, Order, OrderDraft, OrderVersion, ScheduleLine
from comptoir.people.models import Member
from tests import build
from tests.conftest import Lasting

pytestmark = pytest.mark.django_db
Type = ChangeStep.Type


class Form(HTMLParser):
    """What a browser sends of the editor on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.within = ""
        self.feed(page)
        self.sent.pop("forget", None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        name, value = of.get("name") or "", of.get("value") or ""
        if tag == "option" and ("selected" in of or self.within not in self.sent):
            self.sent[self.within] = value
        elif tag in ("select", "textarea"):
            self.within = name
        elif tag == "input" and (of.get("type") != "checkbox" or "checked" in of):
            self.sent[name] = value

    def handle_endtag(self, tag: str) -> None:
        self.within = "" if tag in ("select", "textarea") else self.within

    def handle_data(self, data: str) -> None:
        if self.within == "note":
            self.sent["note"] = data.strip()


class Editor:
    """The editor of an order in somebody's browser."""

    def __init__(self, desk: Client, order: Order) -> None:
        self.desk, self.address = desk, f"/orders/{order.number}/change/"
        self.open()

    def open(self) -> str:
        return self._shows(self.desk.get(self.address))

    def type(self, **typed: str) -> None:
        self.form |= typed

    def keep(self) -> None:
        assert self.desk.post(f"{self.address}kept/", self.form).status_code == 204

    def press(self, do: str) -> Any:
        answer = self.desk.post(self.address, {**self.form, "do": do})
        if answer.status_code != 302:
            self._shows(answer)
        return answer

    def _shows(self, answer: Any) -> str:
        page: str = answer.content.decode()
        self.form = Form(page).sent
        return page


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[tuple[Order, Member]]:
    with lasting():
        yield build.order(build.customer()), build.member()


@pytest.fixture
def order(shared: tuple[Order, Member]) -> Order:
    return build.fresh(shared[0])


@pytest.fixture
def row(order: Order) -> ScheduleLine:
    return build.schedule_line(order)


@pytest.fixture
def editor(shared: tuple[Order, Member], order: Order, client: Client) -> Editor:
    client.force_login(shared[1])
    return Editor(client, order)


def colleague(order: Order, row: ScheduleLine, **step: Any) -> None:
    """What a colleague changes while the editor lies open."""
    orders.change(order, by=build.member(), steps=[Step(schedule_line=row, **step)])


def leaves(order: Order, row: ScheduleLine, quantity: int) -> None:
    row.refresh_from_db()
    ship(order, by=build.member(), lines=[Shipped(row, Decimal(quantity))])


def stands(order: Order) -> tuple[Decimal, Any, Decimal]:
    """The quantity of the order, its last day, and the price."""
    rows = list(order.schedule_lines.select_related("line").exclude(state="cancelled"))
    return sum((row.quantity for row in rows), Decimal(0)), rows[-1].promised_on, rows[0].line.unit_price


@pytest.mark.parametrize("is_reopened", [True, False])
def test_what_a_colleague_changed_in_a_field_nobody_touched_stays(order, row, editor, is_reopened):
    editor.type(note="They will call again")
    editor.keep()
    colleague(order, row, type=Type.QUANTITY, quantity=Decimal(8))
    colleague(order, row, type=Type.DATE, day=build.workday(18))
    if is_reopened:
        page = editor.open()
        assert f'name="quantity_{row.pk}" value="8"' in page
        assert "now " not in page
    editor.type(**{f"price_{row.pk}": "12,00"})
    assert editor.press("look").status_code == 200
    assert editor.press("change").status_code == 302
    assert stands(order) == (8, build.workday(18), 12)


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_what_has_left_meanwhile_is_not_ordered_again_by_a_new_price(order, row, editor, is_looked_at):
    editor.type(**{f"price_{row.pk}": "12.00"})
    editor.keep()
    if is_looked_at:
        assert editor.press("look").status_code == 200
    leaves(order, row, 4)
    page = editor.open()
    assert f'name="quantity_{row.pk}" value="6"' in page
    assert "4 pcs have left already" in page
    assert editor.press("change").status_code == 302
    assert (stands(order)[0], stands(order)[2]) == (10, 12)


def test_a_colleagues_change_between_looking_and_agreeing_stays(order, row, editor):
    editor.type(**{f"price_{row.pk}": "12.00"})
    assert "What it does" in editor.press("look").content.decode()
    colleague(order, row, type=Type.QUANTITY, quantity=Decimal(8))
    assert editor.press("change").status_code == 302
    assert (stands(order)[0], stands(order)[2]) == (8, 12)


def test_a_number_written_another_way_is_not_touched(order, row, editor):
    editor.type(**{f"quantity_{row.pk}": "10,0", f"price_{row.pk}": "12.00"})
    colleague(order, row, type=Type.QUANTITY, quantity=Decimal(8))
    assert editor.press("change").status_code == 302
    assert stands(order)[0] == 8


def test_what_has_left_under_a_quantity_that_was_typed_is_decided_by_whoever_typed_it(order, row, editor):
    editor.type(**{f"quantity_{row.pk}": "8"})
    leaves(order, row, 4)
    answer = editor.press("look")
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "have left: only 6 can still be changed" in told
    assert "now 6" in told
    assert f'name="quantity_{row.pk}" value="8"' in told
    assert 'id="impact"' not in told
    assert "12 pcs" in editor.press("look").content.decode()
    assert editor.press("change").status_code == 302
    assert stands(order)[0] == 12


def test_a_quantity_that_was_agreed_to_is_the_one_that_was_looked_at(order, row, editor):
    editor.type(**{f"quantity_{row.pk}": "8"})
    assert editor.press("look").status_code == 200
    leaves(order, row, 4)
    assert editor.press("change").status_code == 302
    assert stands(order)[0] == 8


def test_a_kept_quantity_of_which_more_has_left_is_shown_as_such(order, row, editor):
    editor.type(**{f"quantity_{row.pk}": "6"})
    editor.keep()
    leaves(order, row, 4)
    page = editor.open()
    assert "have left: only 6 can still be changed" in page
    assert "keep yours or take theirs" in page
    assert editor.press("look").status_code == 422  # as much stands already
    assert stands(order)[0] == 10


def test_a_line_that_a_colleague_changed_is_not_cancelled_unseen(order, row, editor):
    editor.type(**{f"cancel_{row.pk}": "1"})
    colleague(order, row, type=Type.QUANTITY, quantity=Decimal(8))
    answer = editor.press("change")
    assert answer.status_code == 422
    assert "now 8" in answer.content.decode()
    assert stands(order)[0] == 8


def test_what_was_typed_of_a_line_that_has_left_altogether_is_refused(order, row, editor):
    editor.type(**{f"quantity_{row.pk}": "12"}, note="Two more")
    leaves(order, row, 10)
    answer = editor.press("change")
    assert answer.status_code == 422
    assert "cannot be changed any more" in answer.content.decode()
    assert (stands(order)[0], OrderVersion.objects.count()) == (10, 1)


def test_the_address_a_colleague_chose_stays_and_one_chosen_meanwhile_is_shown(order, row, editor):
    second, third = (
        add_address(order.customer, by=build.member(), name="M", street=f"{n} quai", postcode="69007", city="Lyon", country="FR")
        for n in (2, 3)
    )  # fmt: skip
    editor.open()
    editor.type(note="They will call again")
    editor.keep()
    orders.change(order, by=build.member(), steps=[Step(Type.SHIP_TO, address=second)])
    editor.open()
    editor.type(**{f"price_{row.pk}": "12.00"})
    assert editor.press("change").status_code == 302
    order.refresh_from_db()
    assert order.ship_to == second
    editor.open()
    editor.type(ship_to=str(third.pk))
    editor.keep()
    first = order.customer.addresses.earliest("pk")
    orders.change(order, by=build.member(), steps=[Step(Type.SHIP_TO, address=first)])
    page = editor.open()
    assert f"now {first}" in page
    assert f'value="{third.pk}" selected' in page


@pytest.mark.parametrize("typed", ["quantity", "day", "price", "note", "part", "cancel", "freight_cost", "ship_to"])
def test_only_what_was_touched_is_a_change_begun(order, row, editor, typed):
    assert "Nothing was changed" in editor.press("look").content.decode()
    assert not OrderDraft.objects.exists()
    untouched = dict(editor.form)
    names = {"note": "note", "part": "part_0", "freight_cost": "freight_cost_0", "ship_to": "ship_to"}
    editor.type(**{names.get(typed, f"{typed}_{row.pk}"): "1.12." if typed == "day" else "999"})
    editor.keep()
    assert OrderDraft.objects.get().order == order
    editor.form = untouched
    editor.type(**{f"quantity_{row.pk}": "10,0", "note": " "})
    editor.keep()
    assert not OrderDraft.objects.exists()


def test_a_day_that_was_said_is_the_same_day_when_it_is_taken_up_later(order, row, editor, monkeypatch):
    names = (f"day_{row.pk}", "new_day_0", "valid_until")
    said, today = dict.fromkeys(names, "+10"), clock.today()
    editor.type(**said)
    editor.keep()
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=3))
    editor.open()
    assert [editor.form[name] for name in names] == [f"{today + timedelta(days=10):%-d.%-m.%Y}"] * 3
    editor.type(**dict.fromkeys(names, "someday"))
    editor.keep()
    editor.open()
    assert [editor.form[name] for name in names] == ["someday"] * 3
