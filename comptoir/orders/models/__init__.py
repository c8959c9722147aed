"""What an order is made of."""

from comptoir.orders.models.changes import ChangeStep, OrderChange, OrderVersion
from comptoir.orders.models.entry import EntryRule, OrderDraft
from comptoir.orders.models.lines import Line, ScheduleLine
from comptoir.orders.models.order import Order, OrderHold, OrderSum
from comptoir.orders.models.reasons import Reason

__all__ = [
    "ChangeStep",
    "EntryRule",
    "Line",
    "Order",
    "OrderChange",
    "OrderDraft",
    "OrderHold",
    "OrderSum",
    "OrderVersion",
    "Reason",
    "ScheduleLine",
]
