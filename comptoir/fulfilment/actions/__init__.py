"""Every change to shipments."""

from comptoir.fulfilment.actions.delivering import deliver, expect, undo_delivery
from comptoir.fulfilment.actions.shipping import Shipped, edit_shipment, ship, withdraw

__all__ = ["Shipped", "deliver", "edit_shipment", "expect", "ship", "undo_delivery", "withdraw"]
