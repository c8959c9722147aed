"""Who holds what is set aside: a reservation knows a schedule line's id, and the orders say how it is called."""

from collections.abc import Callable, Collection

Names = Callable[[Collection[int]], list[str]]
_NAMED: list[Names] = []


def names_holders(names: Names) -> Names:
    """Register how the holders of reservations are called, from their schedule lines' ids, each once."""
    _NAMED.append(names)
    return names


def holders(schedule_line_ids: Collection[int]) -> list[str]:
    """The names of the orders that hold reservations."""
    return [name for names in _NAMED for name in names(schedule_line_ids)] if schedule_line_ids else []
