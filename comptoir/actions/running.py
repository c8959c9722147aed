"""The outermost act under way: what it has asked already, what it draws on limits, and what is given back to them."""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from django.db import models

from comptoir.actions import limits
from comptoir.events.actor import Actor

T = TypeVar("T")


@dataclass(slots=True)
class Running:
    """The outermost action under way."""

    budget_of: Actor
    approver: Actor | None = None
    uses: list[limits.Booking] = field(default_factory=list)
    returned: list[models.Model] = field(default_factory=list)
    answers: dict[Hashable, Any] = field(default_factory=dict)


RUNNING: ContextVar[Running | None] = ContextVar("running_action", default=None)


def once(key: Hashable, ask: Callable[[], T]) -> T:
    """What is asked by authority and act alike, answered once in a transaction; outside of one it is asked each time."""
    running = RUNNING.get()
    if running is None:
        return ask()
    if key not in running.answers:
        running.answers[key] = ask()
    return cast(T, running.answers[key])


def book_on(row: models.Model) -> None:
    """What the act draws on limits stands in the ledger as drawn for a row it has made, and can be given back by it."""
    running = RUNNING.get()
    if running is not None and running.uses:
        running.uses[-1] = replace(running.uses[-1], subject=row)


def give_back(row: models.Model) -> None:
    """What was drawn on limits for a row is not given after all; with the act that says so, or at once outside of one."""
    running = RUNNING.get()
    if running is None:
        limits.give_back([row])
    else:
        running.returned.append(row)
