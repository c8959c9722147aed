"""A customer's accept, a planner's date and a rep's quantity at the same moment lose nothing; with the guard off something is lost."""

import os
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from comptoir.actions import door
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation
from comptoir.orders.actions import Step, accept_change, change, offer_change, push_out
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.models import ChangeStep, Order, OrderChange, OrderVersion, ScheduleLine
from comptoir.orders.queries import invariants
from comptoir.people import Role, system
from tests import build
from tests.actions.test_races import AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("COMPTOIR_ROUNDS", "12"))
Type = ChangeStep.Type


def race(at_once: AtOnce, seed: int) -> tuple[Order, list[Any]]:
    """Three who change one order at the same moment, and what each was told."""
    order, rep, planner = build.order(build.customer(), products=2), build.member(), build.member()
    first, second, reason = build.schedule_line(order), build.schedule_line(order, 20), build.reason()
    wanted = [
        Step(Type.DATE, schedule_line=first, day=build.workday(12)),
        Step(Type.PRICE, line=first.line, unit_price=Decimal(12)),
    ]
    offer = offer_change(order, by=build.member(Role.MANAGER), steps=wanted)
    counted = [Step(Type.QUANTITY, schedule_line=first, quantity=Decimal(14))]
    later = build.workday(20)
    acts: list[Callable[[], Any]] = [
        lambda: accept_change(OrderChange.objects.get(pk=offer.pk), by=system(), said_by="Claire"),
        lambda: push_out(
            ScheduleLine.objects.get(pk=second.pk), by=planner, to=later, reason=reason, initiator="planner"
        ),
        lambda: change(Order.objects.get(pk=order.pk), by=rep, steps=counted),
    ]
    random.Random(seed).shuffle(acts)
    return order, at_once(*acts)


def lost(order: Order) -> list[str]:
    """What is not there of the three changes, their versions and what each version says."""
    rows = [(r.quantity, r.promised_on, r.line.unit_price) for r in order.schedule_lines.order_by("pk")]
    wanted = [(14, build.workday(12), 12), (10, build.workday(20), Decimal("12.5"))]
    versions = list(OrderVersion.objects.filter(order=order).order_by("version"))
    fresh = Order.objects.get(pk=order.pk)
    said = [] if rows == wanted else [f"{rows} instead of {wanted}"]
    if [one.version for one in versions] != [1, 2, 3, 4] or fresh.version != 4:
        said.append(f"versions {[one.version for one in versions]}, the order's {fresh.version}")
    if snapshot(fresh) != versions[-1].snapshot:
        said.append("what was confirmed last is not what stands")
    said += [f"version {one.version} is made of two" for one in versions[1:] if not is_one_more(order, one)]
    asked = {row.pk: row.quantity for row in order.schedule_lines.all()}
    held = dict(Reservation.objects.filter(schedule_line_id__in=asked).values_list("schedule_line_id", "quantity"))
    if held != asked:
        said.append(f"{held} are set aside")
    return said + [finding.name for finding in (*invariants(), *catalog.invariants()) if finding.count]


def is_one_more(order: Order, version: OrderVersion) -> bool:
    """What a version says is what the one before said with just what its change did."""
    before = OrderVersion.objects.get(order=order, version=version.version - 1)
    steps = ChangeStep.objects.filter(change__order=order, change__version_to=version.version)
    changed = {"date": 0, "price": 0, "quantity": 0, "later": 0}
    was, now = before.snapshot["lines"], version.snapshot["lines"]
    changed["date"] = was[0]["schedule"][0]["promised_on"] != now[0]["schedule"][0]["promised_on"]
    changed["later"] = was[1] != now[1]
    changed["price"] = was[0]["unit_price"] != now[0]["unit_price"]
    changed["quantity"] = was[0]["quantity"] != now[0]["quantity"]
    done = {"later" if step.schedule_line and step.schedule_line.line.position == 20 else step.type for step in steps}
    return {name for name, is_other in changed.items() if is_other} == done


def test_an_accept_a_date_and_a_quantity_at_the_same_moment_lose_nothing(at_once: AtOnce) -> None:
    for seed in range(ROUNDS):
        order, told = race(at_once, seed)
        assert [one for one in told if isinstance(one, Exception)] == [], f"round {seed}"
        assert lost(order) == [], f"round {seed}"
        assert set(OrderChange.objects.filter(order=order).values_list("state", flat=True)) == {"applied"}


def is_same_version(error: Exception) -> bool:
    """True where two acts made the same version of one order, and the database kept one from it."""
    return isinstance(error.__cause__, IntegrityError) and "version_once" in str(error.__cause__)


def test_the_control_without_the_orders_lock_loses_something(at_once: AtOnce, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = door.lock
    monkeypatch.setattr(door, "lock", lambda *rows: kept(*(row for row in rows if not isinstance(row, Order))))
    for seed in range(40):
        order, told = race(at_once, seed)
        refused = [one for one in told if isinstance(one, Exception)]
        assert [repr(one) for one in refused if not is_same_version(one)] == []
        if refused or lost(order):
            return
    pytest.fail("the race was never lost")
