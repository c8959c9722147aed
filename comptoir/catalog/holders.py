"""Who holds what is set aside: a reservation knows a schedule line's id, and the orders say what that means."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from comptoir.catalog.models import Stock
from comptoir.people.models import Member

Names = Callable[[Collection[int]], list[str]]
Follow = Callable[[Stock, Mapping[int, Decimal], Member | None, Mapping[str, Any]], None]
_NAMED: list[Names] = []
_FOLLOWING: list[Follow] = []


def names_holders(names: Names) -> Names:
    """Register how the holders of reservations are called, from their schedule lines' ids, each once."""
    _NAMED.append(names)
    return names


def holders(schedule_line_ids: Collection[int]) -> list[str]:
    """The names of the orders that hold reservations, with their customers and whose they are."""
    return [name for names in _NAMED for name in names(schedule_line_ids)] if schedule_line_ids else []


def follows_shortages(follow: Follow) -> Follow:
    """Register what follows when schedule lines lack goods of a stock row, or lack them no longer."""
    _FOLLOWING.append(follow)
    return follow


def tell_shortages(stock: Stock, lacking: Mapping[int, Decimal], by: Member | None, cause: Mapping[str, Any]) -> None:
    """Tell what each schedule line lacks of a stock row now; whoever is not named lacks nothing."""
    for follow in _FOLLOWING:
        follow(stock, lacking, by, cause)
