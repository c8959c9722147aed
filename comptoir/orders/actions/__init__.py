"""Every change to an order."""

from comptoir.orders.actions.dates import pull_in, push_out, set_expected
from comptoir.orders.actions.entry import NewLine, confirm, place
from comptoir.orders.actions.holds import hold, lift_hold
from comptoir.orders.actions.lending import lend
from comptoir.orders.actions.negotiating import (
    accept_change,
    apply_change,
    change,
    counter_change,
    decline_change,
    offer_change,
    request_change,
    withdraw_change,
)
from comptoir.orders.actions.quantities import cancel_quantity, split
from comptoir.orders.actions.replacing import replace
from comptoir.orders.actions.steps import Step
from comptoir.orders.actions.supplying import supply_from

__all__ = [
    "NewLine",
    "Step",
    "accept_change",
    "apply_change",
    "cancel_quantity",
    "change",
    "confirm",
    "counter_change",
    "decline_change",
    "hold",
    "lend",
    "lift_hold",
    "offer_change",
    "place",
    "pull_in",
    "push_out",
    "replace",
    "request_change",
    "set_expected",
    "split",
    "supply_from",
    "withdraw_change",
]
