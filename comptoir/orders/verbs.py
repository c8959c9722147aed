"""What can happen to an order."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

PLACED = verb("orders.placed", _("Order {number} – customer PO {po}"), public=True, number="text", po="text")
CONFIRMED = verb("orders.confirmed", _("Confirmation: version {version}"), public=True, version="int")
DATE_MOVED = verb(
    "orders.date_moved",
    _("Delivery date of {line}: {before} → {after}"),
    public=True,
    line="text",
    before="date",
    after="date",
)
SPLIT = verb(
    "orders.split", _("Split of {line}: {quantity} on {day}"), public=True, line="text", quantity="number", day="date"
)
CANCELLED = verb(
    "orders.cancelled", _("Cancellation of {line}: {quantity}"), public=True, line="text", quantity="number"
)
EXPECTED = verb(
    "orders.expected", _("Expected date of {line}: {before} → {after}"), line="text", before="date", after="date"
)
HELD = verb("orders.held", _("Hold: {kind}"), kind="word")
HOLD_LIFTED = verb("orders.hold_lifted", _("Hold lifted: {kind}"), kind="word")
FREIGHT = verb("orders.freight", _("Extra freight cost: {cost}"), cost="money")
SHIPPED = verb("orders.shipped", _("Dispatch of {line}: {quantity}"), public=True, line="text", quantity="number")
DELIVERED = verb("orders.delivered", _("Arrival of {line}: {quantity}"), public=True, line="text", quantity="number")
CLOSED = verb("orders.closed", _("Order closed"))
REASON_ADDED = verb("orders.reason_added", _("New reason – {kind}: {words}"), kind="text", words="text")
REASON_EDITED = verb(
    "orders.reason_edited", _("Reason ({language}): {before} → {after}"), language="text", before="text", after="text"
)
REASON_CLOSED = verb("orders.reason_closed", _("Reason deactivated: {words}"), words="text")
REASON_OPENED = verb("orders.reason_opened", _("Reason active again: {words}"), words="text")
RULE_SET = verb("orders.rule_set", _("Rule of entry: {rule}"), rule="text")
RULE_ENDED = verb("orders.rule_ended", _("Rule of entry ended: {rule}"), rule="text")
PLACED_ALL_THE_SAME = verb("orders.placed_all_the_same", _("Placed all the same: {why}"), why="text")
