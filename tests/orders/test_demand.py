"""Demand goes to planning once, comes back with a day, and every difference is seen."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError
from comptoir.orders import demand
from comptoir.orders.actions import cancel_quantity, push_out
from comptoir.orders.actions.demand import acknowledge_demand, refuse_demand, release_demand, take_answers
from comptoir.orders.models import DemandRelease, Order
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return build.order(build.customer(), products=2)


def test_what_is_promised_is_released_once(order):
    assert [one.change for one in demand.unreleased()] == ["new", "new"]
    made = release_demand(by=build.member())
    assert [(one.revision, one.quantity, one.needed_on) for one in made] == [
        (1, row.quantity, row.ship_by_on) for row in order.schedule_lines.order_by("ship_by_on", "pk")
    ]
    with pytest.raises(ActionError, match="knows everything"):
        release_demand(by=build.member())
    assert DemandRelease.objects.count() == 2


def test_another_day_or_quantity_is_a_revision_and_what_is_gone_is_withdrawn(order):
    release_demand(by=build.member())
    first, second = build.schedule_line(order), build.schedule_line(order, 20)
    push_out(first, by=build.member(), to=build.workday(25), reason=build.reason())
    cancel_quantity(second, by=build.member(), reason=build.reason("cancel"))
    assert {one.change for one in demand.unreleased()} == {"changed", "gone"}
    release_demand(by=build.member())
    states = list(DemandRelease.objects.order_by("schedule_line", "revision").values_list("revision", "state"))
    assert states == [(1, "superseded"), (2, "released"), (1, "withdrawn")]
    assert demand.unreleased() == []
    with pytest.raises(ActionError, match="replaced"):
        acknowledge_demand(DemandRelease.objects.get(state="superseded"), by=build.member(), day=build.workday(3))


def test_planning_answers_with_a_day_or_a_reason_and_a_later_day_is_a_difference(order):
    early, late = release_demand(by=build.member())
    acknowledge_demand(early, by=build.member(), day=early.needed_on)
    acknowledge_demand(late, by=build.member(), day=late.needed_on + timedelta(days=4), reason="Castings")
    assert list(demand.differing(demand.released())) == [late]
    refuse_demand(early, by=build.member(), reason="Not made any more")
    assert set(demand.differing(demand.released())) == {early, late}


def test_a_file_from_planning_is_looked_at_first_and_nothing_of_it_is_lost(order):
    one, other = release_demand(by=build.member())
    day = one.needed_on.isoformat()
    rows = [
        {"release": one.number, "answer": "yes", "day": day},
        {"release": one.number, "answer": "yes", "day": day},
        {"release": other.number, "answer": "no"},
        {"release": "D999-1", "answer": "yes", "day": day},
        {"release": "odd", "answer": "yes"},
    ]
    read = demand.answers(json.dumps(rows).encode())
    assert [one.fate for one in read] == ["acknowledges", "refused", "refused", "refused", "refused"]
    assert all(one.refused for one in read[1:])
    assert DemandRelease.objects.filter(state="released").count() == 2
    assert take_answers(read, by=build.member()) == {}
    one.refresh_from_db()
    assert (one.state, one.day) == ("acknowledged", one.needed_on)
    text = f"release;status;date;note\n{one.number};ok;{day};\n{other.number};refused;;No capacity\n"
    assert [one.fate for one in demand.answers(text.encode())] == ["unchanged", "refuses"]
    with pytest.raises(ActionError):
        demand.answers(b'{"acknowledgements": 3}')
    with pytest.raises(ActionError):
        demand.answers(b"[" * 100_000)


def test_the_file_for_planning_says_what_was_released(order):
    made = release_demand(by=build.member())
    rows = demand.table(demand.released())
    assert [row["release"] for row in rows] == [one.number for one in made]
    assert Decimal(rows[0]["quantity"]) == 10
