"""Everything an order consists of, to show that a refused act changed nothing."""

from typing import Any

from comptoir.catalog.models import Reservation
from comptoir.events.models import Event
from comptoir.orders.models import ChangeStep, Line, Order, OrderChange, OrderHold, OrderVersion, ScheduleLine
from comptoir.promises.models import Promise


def facts() -> dict[str, list[dict[str, Any]]]:
    """All rows of all orders, their promises, reservations and events."""
    models = (Order, OrderHold, Line, ScheduleLine, OrderChange, ChangeStep, OrderVersion, Promise, Reservation, Event)
    return {m.__name__: list(m.objects.order_by("pk").values()) for m in models}
