"""Any sequence of acts on orders keeps what must hold; COMPTOIR_RUNS=2000 plays it at length, and faults made on purpose are found."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from comptoir.orders.actions import dates, quantities, versions
from tests.conftest import Lasting
from tests.orders import machine
from tests.orders.machine import OrderMachine

pytestmark = pytest.mark.django_db
RUNS = int(os.environ.get("COMPTOIR_RUNS", "6"))
LONG = 2_000
ODD = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def desk(lasting: Lasting) -> Iterator[None]:
    with lasting():
        OrderMachine.world = machine.world()
        yield


@pytest.fixture
def rules(desk: None) -> Callable[..., None]:
    """Play runs of thirty steps, always the same ones unless there are many."""

    def play(runs: int, **more: Any) -> None:
        plan = settings(
            max_examples=runs, stateful_step_count=30, deadline=None, database=None, derandomize=runs < LONG,
            suppress_health_check=ODD, print_blob=False, **({"phases": [Phase.generate]} | more),
        )  # fmt: skip
        run_state_machine_as_test(OrderMachine, settings=plan)  # type: ignore[no-untyped-call]

    return play


def test_whatever_is_done_in_whatever_order_everything_holds(rules: Callable[..., None]) -> None:
    for count in (OrderMachine.done, OrderMachine.refused, OrderMachine.sent):
        count.clear()
    rules(RUNS)
    if RUNS >= LONG:
        print(
            "\ndone",
            dict(OrderMachine.done),
            "\nrefused",
            dict(OrderMachine.refused),
            "\nsent",
            dict(OrderMachine.sent),
        )
        assert min(OrderMachine.done.values()) >= 100


BUGS = {
    "a cancelled quantity stays set aside": (quantities, "shrink", lambda stock, pk, quantity: None),
    "a moved date keeps its old reservation": (dates, "reserve", lambda stock, pk, quantity, day: None),
    "a change does not say what was confirmed": (versions, "snapshot", lambda order: {"number": order.number}),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_fault_made_on_purpose_is_found(
    bug: str, rules: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, broken = BUGS[bug]
    monkeypatch.setattr(module, name, broken)
    with pytest.raises(AssertionError):
        rules(60, phases=[Phase.generate], report_multiple_bugs=False)


def test_a_first_promise_that_is_rewritten_is_found(
    rules: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = versions.set_promised

    def forgetful(row: Any, day: Any, **more: Any) -> None:
        row.first_promised_on = None
        kept(row, day, **more)

    for module in (dates, quantities):
        monkeypatch.setattr(module, "set_promised", forgetful)
    with pytest.raises(AssertionError):
        rules(60, phases=[Phase.generate], report_multiple_bugs=False)
