"""Every change to an order."""

from comptoir.orders.actions.dates import pull_in, push_out, set_expected
from comptoir.orders.actions.entry import NewLine, confirm, place
from comptoir.orders.actions.holds import hold, lift_hold
from comptoir.orders.actions.lending import lend
from comptoir.orders.actions.quantities import cancel_quantity, split

__all__ = [
    "NewLine",
    "cancel_quantity",
    "confirm",
    "hold",
    "lend",
    "lift_hold",
    "place",
    "pull_in",
    "push_out",
    "set_expected",
    "split",
]
