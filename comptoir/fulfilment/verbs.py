"""What can happen to a shipment; what it does to the lines of orders is told in the orders' own verbs."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

HANDED_OVER = verb(
    "fulfilment.handed_over", _("Shipment {number}: {carrier} {tracking}"), public=True, number="text", carrier="text",
    tracking="text",
)  # fmt: skip
ARRIVED = verb("fulfilment.arrived", _("Shipment {number}: delivery on {day}"), public=True, number="text", day="date")
EXPECTED = verb(
    "fulfilment.expected", _("Shipment {number}, expected: {before} → {after}"), public=True, number="text", before="date",
    after="date",
)  # fmt: skip
WITHDRAWN = verb("fulfilment.withdrawn", _("Shipment {number} withdrawn: {reason}"), number="text", reason="text")
NOT_ARRIVED = verb("fulfilment.not_arrived", _("Shipment {number}: not delivered after all"), number="text")
CHANGED = verb(
    "fulfilment.changed", _("Shipment – {field}: {before} → {after}"), field="text", before="text", after="text"
)
TABLE_APPLIED = verb("fulfilment.table_applied", _("Table {name}: {n} shipments"), name="text", n="int")
TABLE_UNDONE = verb("fulfilment.table_undone", _("Table {name} undone"), name="text")
