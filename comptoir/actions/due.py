"""Time passes: each package declares what falls due; one tick calls them all."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from django.db import OperationalError, models

from comptoir.actions.authority import ActionError
from comptoir.events import journal
from comptoir.lib import clock

log = logging.getLogger(__name__)
Due = Callable[[datetime], int]
DUE: dict[str, Due] = {}
Row = TypeVar("Row", bound=models.Model)


def due(name: str) -> Callable[[Due], Due]:
    """Declare a function that takes what is due at a moment and returns how many rows it took."""

    def register(function: Due) -> Due:
        DUE[name] = function
        return function

    return register


def take(rows: models.QuerySet[Row], each: Callable[[Row], object], most: int = 500) -> int:
    """Hand each due row, locked and skipping those another tick has, to a function in a transaction of its own."""
    taken = 0
    for pk in list(rows.values_list("pk", flat=True)[:most]):
        try:
            with journal():
                row = rows.filter(pk=pk).select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
                if row is not None:
                    each(row)
                    taken += 1
        except (ActionError, OperationalError):
            log.exception("%s %s could not be taken; the next tick tries again", rows.model.__name__, pk)
    return taken


def tick(now: datetime | None = None) -> dict[str, int]:
    """Play the clock at a moment: how many rows each declared function took."""
    moment = now or clock.now()
    return dict(_played(moment))


def _played(moment: datetime) -> Iterator[tuple[str, int]]:
    with clock.at(moment):
        for name, function in DUE.items():
            try:
                yield name, function(moment)
            except Exception:
                log.exception("%s failed; the next tick tries again", name)
                yield name, 0
