"""Changes of orders to play with: what they are played on, and the steps they name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from comptoir.orders.actions import Step, offer_change, request_change
from comptoir.orders.models import ChangeStep, OrderChange
from tests import build

if TYPE_CHECKING:
    from tests.world import World


def _later(world: "World") -> list[Step]:
    row = build.schedule_line(world.order)
    return [Step(ChangeStep.Type.DATE, schedule_line=row, day=build.workday(18))]


def _asked(world: "World") -> OrderChange:
    return request_change(world.order, by=world.rep, steps=_later(world))


def _offered(world: "World") -> OrderChange:
    return offer_change(world.order, by=world.rep, steps=_later(world))


def _fewer(world: "World") -> dict[str, Any]:
    row = build.schedule_line(world.order)
    return {"steps": [{"type": "quantity", "schedule_line": str(row.pk), "quantity": "9"}], "counters": ""}


SUBJECTS: dict[str, Callable[["World"], Any]] = {"orders.OrderChange": _offered}
OTHER_SUBJECTS: dict[str, Callable[["World"], Any]] = {"orders.apply_change": _asked}
WORDS: dict[str, Callable[["World"], dict[str, Any]]] = {
    f"orders.{name}": _fewer for name in ("change", "request_change", "offer_change", "counter_change")
}
