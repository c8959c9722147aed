"""A schedule line that another site supplies: in the panel, by one act, under the lock of both stocks, and until it ships."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from comptoir.actions import ActionError
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import correct_stock, stock, stock_of
from comptoir.catalog.models import Product, Reservation, Site, Stock, Supply
from comptoir.fulfilment.actions import Shipped, ship, withdraw
from comptoir.fulfilment.queries import to_ship
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, confirm, place, split, supply_from
from comptoir.orders.models import OrderChange, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.orders.whatif import Option, what_if
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from tests import build
from tests.actions.test_races import AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db


def pump() -> Product:
    """Ten lie there, and fifty come in thirty days."""
    made = build.product(on_hand=10)
    build.supply(made, 50, 30)
    return made


def kept_at(of: Product, quantity: int, country: str = "BE", name: str = "East") -> Site:
    """Another site that keeps so many."""
    made = Site.objects.create(code=name.upper(), name=name, country=country, time_zone="Europe/Brussels")
    row = stock_of(of, made)
    row.on_hand = Decimal(quantity)
    row.save()
    return made


def sold(of: Product, quantity: int, days: int) -> ScheduleLine:
    line = NewLine(of, Decimal(quantity), build.workday(days))
    placed = place(build.customer(), by=build.member(), lines=[line], site=build.site())
    return build.schedule_line(confirm(placed, by=build.member()))


def way(row: ScheduleLine, days: int, by: Member) -> Option:
    return {one.kind: one for one in what_if(row, build.workday(days), by).options}["site"]


def is_right() -> bool:
    return not [f for f in (*invariants(), *catalog.invariants()) if f.count]


def free_at(of: Product, site: Site, days: int) -> Decimal:
    return catalog.available(stock_of(of, site), build.workday(days), clock.today())


def test_all_of_it_comes_from_a_site_that_has_it() -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 14, 40), kept_at(product, 30)
    found = way(row, 8, rep)
    assert (found.action, found.inputs) == (
        "orders.supply_from", {"site": east.pk, "to": build.workday(8).isoformat()},
    )  # fmt: skip
    assert "16 pcs stay free there" in found.told
    supply_from(row, by=rep, site=east, to=build.workday(8), reason=build.reason())
    row.refresh_from_db()
    held = Reservation.objects.get(schedule_line_id=row.pk)
    assert (row.promised_on, row.site, held.stock.site, held.quantity) == (build.workday(8), east, east, 14)
    assert (free_at(product, build.site(), 8), free_at(product, east, 8)) == (10, 16)
    assert (row.order.version, OrderChange.objects.get().steps.get().type) == (2, "date")
    promise = Promise.objects.standing().get(subject_id=row.pk, subject_noun="scheduleline")
    assert (promise.due_on, Promise.objects.get(revised_to=promise).reason) == (build.workday(8), str(build.reason()))
    assert is_right()


def test_what_lacks_comes_from_there_and_the_rest_from_here_on_the_same_day() -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 14, 40), kept_at(product, 5)
    found = way(row, 8, rep)
    assert found.inputs["quantity"] == "4"
    assert "10 pcs from Main on the same day" in found.told
    supply_from(row, by=rep, site=east, to=build.workday(8), quantity=Decimal(4), reason=build.reason())
    rows = ScheduleLine.objects.order_by("position")
    assert [(one.quantity, one.site.name, one.promised_on) for one in rows] == [
        (10, "Main", build.workday(8)), (4, "East", build.workday(8)),
    ]  # fmt: skip
    assert is_right()


def test_a_promise_at_risk_is_safe_when_another_site_supplies_it() -> None:
    product, rep = build.product(on_hand=10), build.member()
    row, east = sold(product, 10, 12), kept_at(product, 10)
    correct_stock(
        product, by=build.member(Role.ADMINISTRATOR), site=build.site(), on_hand=Decimal(2), reason="Broken"
    )  # fmt: skip
    assert Promise.objects.get().at_risk_at
    supply_from(row, by=rep, site=east, to=row.promised_on, reason=build.reason())
    standing = Promise.objects.standing().get()
    assert (standing.at_risk_at, standing.due_on, row.order.version) == (None, build.workday(12), 1)
    assert is_right()
    correct_stock(product, by=build.member(Role.ADMINISTRATOR), site=east, on_hand=Decimal(2), reason="Broken")
    assert Promise.objects.get().at_risk_at
    assert is_right()


def test_a_site_that_is_sooner_than_here_is_offered_for_its_first_day() -> None:
    product, rep = build.product(on_hand=0), build.member()
    build.supply(product, 50, 60)
    row, east = sold(product, 14, 60), kept_at(product, 0)
    Supply.objects.create(stock=stock_of(product, east), due_on=build.workday(10), quantity=Decimal(20))
    day = date.fromisoformat(way(row, 8, rep).inputs["to"])
    assert build.workday(8) < day < row.promised_on
    supply_from(row, by=rep, site=east, to=day, reason=build.reason())
    row.refresh_from_db()
    assert row.promised_on == day
    assert is_right()


def test_goods_from_another_country_are_asked_for() -> None:
    product, rep = pump(), build.member()
    row, far = sold(product, 14, 40), kept_at(product, 30, "SK")
    assert way(row, 8, rep).action == "cases.hand_off_line"
    with pytest.raises(ActionError, match="taxed otherwise"):
        supply_from(row, by=rep, site=far, to=build.workday(8), reason=build.reason())
    assert Reservation.objects.get().stock.site == build.site()


def test_goods_that_are_gone_are_refused_and_nothing_is_changed() -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 14, 40), kept_at(product, 20)
    stood, first = row.promised_on, sold(product, 14, 40)
    supply_from(first, by=rep, site=east, to=build.workday(8), reason=build.reason())
    with pytest.raises(ActionError, match=r"No planned supply|at the earliest"):
        supply_from(row, by=rep, site=east, to=build.workday(8), reason=build.reason())
    row.refresh_from_db()
    assert (row.promised_on, row.supplied_from, row.order.version) == (stood, None, 1)
    assert is_right()


def test_it_ships_from_where_it_lies_and_comes_back_there() -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 10, 20), kept_at(product, 12)
    supply_from(row, by=rep, site=east, to=row.promised_on, reason=build.reason())
    order = row.order
    assert [(one.left, one.there) for one in to_ship(order)] == [(10, 12)]
    left = ship(order, by=rep, lines=[Shipped(row, Decimal(10))])
    assert (stock_of(product, east).on_hand, stock_of(product, build.site()).on_hand) == (2, 10)
    withdraw(left, by=rep, reason="Not left")
    assert (stock_of(product, east).on_hand, Reservation.objects.get().stock.site) == (12, east)
    assert is_right()


def test_a_part_split_off_comes_from_the_same_site() -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 10, 20), kept_at(product, 10)
    supply_from(row, by=rep, site=east, to=row.promised_on, reason=build.reason())
    split(row, by=rep, quantity=Decimal(4), to=build.workday(25), reason=build.reason("split"))
    assert {one.stock.site for one in Reservation.objects.all()} == {east}
    assert is_right()


def test_the_order_says_where_it_comes_from(client: Client) -> None:
    product, rep = pump(), build.member()
    row, east = sold(product, 10, 20), kept_at(product, 10)
    client.force_login(rep)
    asked = client.get(f"/do/orders.supply_from/{row.pk}/?site={east.pk}&to={row.promised_on}").content.decode()
    assert "East" in asked
    posted = {"site": east.pk, "to": row.promised_on.isoformat(), "reason": build.reason().pk, "initiator": "rep"}
    told = client.post(f"/do/orders.supply_from/{row.pk}/", posted | {"_preview": "1"}).content.decode()
    assert "10 pcs supplied from" in told
    client.post(f"/do/orders.supply_from/{row.pk}/", posted)
    assert "from East" in client.get(row.order.get_absolute_url()).content.decode()


def race(at_once: AtOnce, seed: int) -> list[Any]:
    """What two reps bring about who both take the ten that lie in the east."""
    product, rep, to, why = pump(), build.member(), build.workday(8), build.reason()
    east = kept_at(product, 10, name=f"E{seed}")
    rows = [sold(product, 10, 40) for _ in range(2)]
    return at_once(*[lambda row=row: supply_from(row, by=rep, site=east, to=to, reason=why) for row in rows])


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_stocks_lock_promises_it_twice(at_once: AtOnce, monkeypatch: Any) -> None:
    kept = stock.lock
    monkeypatch.setattr(stock, "lock", lambda *rows: kept(*(r for r in rows if not isinstance(r, Stock))))
    if not any(all(isinstance(one, ScheduleLine) for one in race(at_once, seed)) for seed in range(40)):
        pytest.fail("the race was never lost")


@pytest.mark.django_db(transaction=True)
def test_the_last_goods_of_another_site_go_to_one_of_two(at_once: AtOnce) -> None:
    for seed in range(12):
        told = race(at_once, seed)
        assert sorted(isinstance(one, ScheduleLine) for one in told) == [False, True], told
        assert [one for one in told if isinstance(one, Exception) and not isinstance(one, ActionError)] == []
    assert Reservation.objects.exclude(stock__site=build.site()).count() == 12
    assert is_right()
