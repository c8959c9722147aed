"""What is kept back for an offer is not lent; a count that takes it is a fact, and then everybody concerned sees it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.actions.registry import ACTIONS
from comptoir.catalog.actions import correct_stock, plan_receipt, stock_of
from comptoir.catalog.models import Pledge
from comptoir.catalog.planning import plan
from comptoir.catalog.queries import Flow, flow_of
from comptoir.events.queries import story
from comptoir.fulfilment.actions.shipping import Shipped, ship
from comptoir.lib import clock
from comptoir.orders import actions as orders
from comptoir.orders.actions import NewLine
from comptoir.orders.keeping import uncovered_for
from comptoir.orders.lending import loans
from comptoir.orders.models import Order
from comptoir.people import Role, system
from comptoir.promises.models import Promise
from tests import build
from tests.orders.facts import facts
from tests.orders.test_kept_goods import is_right, more, offered, only, row_of, sooner

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """Ten are promised for the fifteenth working day, and twelve lie there."""
    return only(12)


def another(order: Order, days: int) -> Order:
    line = [NewLine(row_of(order).line.product, Decimal(10), build.workday(days))]
    placed = orders.place(build.customer("Nordisk", country="DK"), by=system(), site=order.site, lines=line)
    return orders.confirm(placed, by=system())


def count(order: Order, on_hand: int) -> None:
    keeper = build.member(Role.SUPERVISOR)
    correct_stock(row_of(order).line.product, by=keeper, site=order.site, on_hand=Decimal(on_hand), reason="Counted")


def told(order: Order) -> list[str]:
    return [event.verb for event in story(order) if event.verb.startswith("orders.offer_")]


def test_lending_does_not_take_what_is_kept_back_for_an_offer(order):
    build.supply(row_of(order).line.product, 10, (build.workday(9) - clock.today()).days)
    later = row_of(another(order, 30))
    stock, to = stock_of(later.line.product, order.site), build.workday(10)
    assert loans(later, to, flow_of(stock))
    offered(order, sooner(order))
    before = facts()
    assert not loans(later, to, flow_of(stock))
    with pytest.raises(ActionError, match="do not help"):
        orders.lend(later, by=build.member(Role.SENIOR), other=row_of(order), to=to, reason=build.reason())
    assert facts() == before


def test_a_count_says_which_offers_it_leaves_without_goods_before_and_to_whom_it_matters_after(order, client: Client):
    one = offered(order, more(order))
    maker, product = one.by, row_of(order).line.product
    [notice] = ACTIONS["catalog.correct_stock"].warn(product, {"site": order.site, "on_hand": Decimal(11)})  # type: ignore[misc]
    assert "kept back for 1 offer" in notice.text
    assert f"{order.number} ({order.customer}, {maker.name})" in notice.text
    count(order, 11)
    assert (uncovered_for(maker), uncovered_for(build.member())) == ([one], [])
    assert told(order) == ["orders.offer_uncovered"]
    assert not Promise.objects.filter(at_risk_at__isnull=False).exists()
    client.force_login(maker)
    assert order.number in client.get("/day/?part=unfinished").content.decode()
    page = client.get(f"{order.get_absolute_url()}?part=changes").content.decode()
    page = page + client.get(order.get_absolute_url()).content.decode()
    assert "does not lie there any more" in page
    assert "1 offer is not covered any more" in page
    count(order, 12)
    assert (uncovered_for(maker), told(order)) == ([], ["orders.offer_covered", "orders.offer_uncovered"])
    assert is_right()


def test_the_customers_own_rep_has_it_too_and_a_receipt_in_time_ends_it(order):
    owner = build.member()
    order.customer.owner = owner
    order.customer.save()
    one = offered(order, more(order))
    count(order, 10)
    count(order, 10)
    assert (uncovered_for(owner), told(order)) == ([one], ["orders.offer_uncovered"])
    product = row_of(order).line.product
    receipt = {"site": order.site, "quantity": Decimal(2), "due_on": build.workday(5)}
    plan_receipt(product, by=build.member(Role.SUPERVISOR), **receipt)
    assert not uncovered_for(owner)


def test_who_was_offered_first_keeps_the_goods_and_the_next_has_them_once_the_first_is_off(order):
    first = offered(order, more(order))
    count(order, 24)
    other = another(order, 20)
    second = offered(other, more(other))
    count(order, 22)
    assert set(Pledge.objects.filter(is_covered=False).values_list("change_id", flat=True)) == {second.pk}
    orders.withdraw_change(first, by=build.member())
    tick()
    assert not Pledge.objects.filter(is_covered=False).exists()
    assert told(other) == ["orders.offer_covered", "orders.offer_uncovered"]


def test_a_table_of_stock_does_not_take_it_either(order):
    offered(order, more(order))
    number = row_of(order).line.product.number
    found = plan(f"Part number;Site;On hand\n{number};{order.site.code};11\n", "", clock.today())
    assert "kept back for offers" in str(found)


def test_an_offer_whose_last_day_is_over_is_not_told_of_again(order):
    first = offered(order, more(order), valid_until=clock.today() + timedelta(days=1))
    count(order, 24)
    other = another(order, 20)
    offered(other, more(other), valid_until=clock.today() + timedelta(days=30))
    count(order, 20)
    with clock.at(clock.now() + timedelta(days=3)):
        count(order, 19)
    assert first.state == "offered"
    assert told(order) == ["orders.offer_uncovered"]


def test_goods_that_leave_cover_nobody_on_their_way_out(order):
    """Someone else lacks goods too, so that all who do are looked at again whenever something is given back."""
    count(order, 13)
    line = [NewLine(row_of(order).line.product, Decimal(1), build.workday(30))]
    orders.confirm(orders.place(order.customer, by=system(), site=order.site, lines=line), by=system())
    offered(order, more(order))
    count(order, 10)
    ship(order, by=build.member(), lines=[Shipped(row_of(order), Decimal(5))])
    assert told(order) == ["orders.offer_uncovered"]


DAYS, AMOUNTS = st.integers(0, 6).map(lambda n: date(2026, 3, 2 + n)), st.integers(1, 9).map(Decimal)
ROWS = st.lists(st.tuples(st.integers(1, 4), DAYS, AMOUNTS), max_size=5)


@given(on_hand=AMOUNTS, coming=st.lists(st.tuples(DAYS, AMOUNTS), max_size=4), held=ROWS, kept=ROWS)
def test_what_offers_lack_is_what_is_left_day_by_day(on_hand, coming, held, kept):
    """As by its definition: a sum over everything for every single day."""
    flow = Flow(on_hand, dict(enumerate(coming)), held, {}, kept)
    served: list[int] = []
    lacking = {}
    for change in sorted({one for one, _day, _quantity in flow.kept}):
        taken = [(day, n) for _line, day, n in flow.held] + [(d, n) for c, d, n in flow.kept if c in (*served, change)]
        begins = min(day for one, day, _quantity in flow.kept if one == change)
        left = [
            flow.on_hand + sum(n for d, n in coming if d <= day) - sum(n for d, n in taken if d <= day)
            for day in (date(2026, 3, 2 + n) for n in range(7)) if day >= begins
        ]  # fmt: skip
        if min(left) < 0:
            lacking[change] = min(-min(left), sum(n for one, _day, n in flow.kept if one == change))
        else:
            served.append(change)
    assert flow.uncovered() == lacking
