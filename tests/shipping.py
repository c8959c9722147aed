"""Shipments to play with."""

from typing import TYPE_CHECKING, Any

from tests import build

if TYPE_CHECKING:
    from tests.world import World


def shipped(world: "World") -> Any:
    from comptoir.fulfilment.actions import Shipped, ship

    row = build.schedule_line(world.order)
    return ship(world.order, by=world.rep, lines=[Shipped(row, row.quantity)], carrier="DHL", tracking="JD 1")


def table(world: "World") -> Any:
    from comptoir.fulfilment.actions.tables import keep_table

    text = f"order;quantity;carrier;tracking\n{world.order.number};1;DHL;JD 7"
    return keep_table(text.encode(), "shipments.csv", by=world.rep)


def applied_table(world: "World") -> Any:
    from comptoir.fulfilment.actions.tables import apply_table

    kept = table(world)
    return apply_table(kept, by=world.rep, shown=seen(kept))


def seen(kept: Any) -> str:
    from comptoir.fulfilment import tables

    return tables.plan(kept.text).digest


def delivered(world: "World") -> Any:
    from comptoir.fulfilment.actions import deliver

    return deliver(shipped(world), by=world.rep)
