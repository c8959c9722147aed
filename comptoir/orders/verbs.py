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
LENT = verb(
    "orders.lent",
    _("Goods of {line} given to {to}: {before} → {after}"),
    line="text",
    to="text",
    before="date",
    after="date",
)
SPLIT = verb(
    "orders.split", _("Split of {line}: {quantity} on {day}"), public=True, line="text", quantity="number", day="date"
)
CANCELLED = verb(
    "orders.cancelled", _("Cancellation of {line}: {quantity}"), public=True, line="text", quantity="number"
)
SUPPLIED = verb(
    "orders.supplied",
    _("{quantity} of {line} from {after} instead of {before}"),
    line="text",
    quantity="number",
    before="text",
    after="text",
)
PARTED = verb(
    "orders.parted", _("Rest of {line} apart: {rest}, after {shipped} shipped"),
    line="text", shipped="number", rest="number",
)  # fmt: skip
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
DOCUMENT_RECEIVED = verb("orders.document_received", _("Document {name}"), name="text")
DOCUMENT_READ = verb("orders.document_read", _("{name} read: {count} lines"), name="text", count="int")
DOCUMENT_UNREADABLE = verb("orders.document_unreadable", _("{name} cannot be read"), name="text")
DOCUMENT_REJECTED = verb("orders.document_rejected", _("{name} rejected: {why}"), name="text", why="text")
DOCUMENT_OF = verb("orders.document_of", _("{name} comes from {customer}"), name="text", customer="text")
DOCUMENT_ENTERED = verb("orders.document_entered", _("Entered from {name} as {order}"), name="text", order="text")
LAYOUT_LEARNED = verb("orders.layout_learned", _("Layout learned from {name}"), name="text")
LAYOUT_FORGOTTEN = verb("orders.layout_forgotten", _("Layout forgotten: {kind}"), kind="text")
VERIFIED = verb(
    "orders.verified", _("Compared with {name}: {red} red, {amber} amber"), name="text", red="int", amber="int"
)
DIFFERENCE_ACCEPTED = verb(
    "orders.difference_accepted", _("Accepted – {what}: theirs {theirs}, ours {ours}"),
    what="text", theirs="text", ours="text",
)  # fmt: skip
DIFFERENCE_CORRECTED = verb(
    "orders.difference_corrected", _("Corrected – {what}: {before} → {after}"), what="text", before="text", after="text"
)
DIFFERENCE_REOPENED = verb("orders.difference_reopened", _("Verdict taken back: {what}"), what="text")
DIFFERENCES_ASKED = verb("orders.differences_asked", _("Differences to ask the customer about: {count}"), count="int")
TOLERANCE_SET = verb(
    "orders.tolerance_set", _("Tolerance – {field}: amber above {amber}, red above {red}"),
    field="text", amber="number", red="number",
)  # fmt: skip
QUOTED = verb("orders.quoted", _("New quote {number}"), number="text")
QUOTE_CHANGED = verb("orders.quote_changed", _("Quote {number} changed"), number="text")
QUOTE_REPRICED = verb("orders.quote_repriced", _("Other prices in quote {number}: {what}"), number="text", what="text")
QUOTE_APPROVED = verb("orders.quote_approved", _("Prices of quote {number} approved: to be sent"), number="text")
QUOTE_SENT = verb(
    "orders.quote_sent", _("Quote {number}, version {version}, valid until {until}"),
    public=True, number="text", version="int", until="date",
)  # fmt: skip
QUOTE_REVISED = verb(
    "orders.quote_revised", _("Revision of quote {number}: version {version}"), number="text", version="int"
)
QUOTE_ACCEPTED = verb(
    "orders.quote_accepted", _("Quote {number} accepted: order {order}"), public=True, number="text", order="text"
)
QUOTE_DECLINED = verb(
    "orders.quote_declined", _("Quote {number} declined: {reason}"), public=True, number="text", reason="text"
)
QUOTE_EXPIRED = verb("orders.quote_expired", _("End of validity of quote {number}"), public=True, number="text")
DEMAND_RELEASED = verb(
    "orders.demand_released", _("To planning – {line}: {quantity} by {day}"), line="text", quantity="number", day="date"
)
DEMAND_ACKNOWLEDGED = verb(
    "orders.demand_acknowledged", _("Planning – {line}: {needed} → {day}"), line="text", needed="date", day="date"
)
DEMAND_REFUSED = verb("orders.demand_refused", _("Planning refuses {line}: {reason}"), line="text", reason="text")
QUOTE_ANSWERED = verb("orders.quote_answered", _("Answer to the quote by {who}"), public=True, who="text")
QUANTITY_CHANGED = verb(
    "orders.quantity_changed", _("Quantity of {line}: {before} → {after}"),
    public=True, line="text", before="number", after="number",
)  # fmt: skip
PRICE_CHANGED = verb(
    "orders.price_changed", _("Price of {line}: {before} → {after}"), public=True, line="text", before="money", after="money"
)  # fmt: skip
LINE_ADDED = verb(
    "orders.line_added", _("New line {line}: {quantity} on {day}"), public=True, line="text", quantity="number", day="date"
)  # fmt: skip
SHIP_TO_CHANGED = verb(
    "orders.ship_to_changed", _("Ship-to: {before} → {after}"), public=True, before="text", after="text"
)
CHANGE_REQUESTED = verb("orders.change_requested", _("Change asked for by {who}: {what}"), who="text", what="text")
CHANGE_OFFERED = verb("orders.change_offered", _("Change offered until {until}: {what}"), until="date", what="text")
OFFER_UNCOVERED = verb(
    "orders.offer_uncovered", _("The offer is not covered any more: {lacks} of {product} lack"), lacks="number", product="text"
)  # fmt: skip
OFFER_COVERED = verb("orders.offer_covered", _("The offer is covered again: {product}"), product="text")
CHANGE_ACCEPTED = verb("orders.change_accepted", _("Change accepted by {who}"), who="text")
CHANGE_STUCK = verb("orders.change_stuck", _("The accepted change waits for us: {why}"), why="text")
CHANGE_COUNTERED = verb("orders.change_countered", _("Counter-offer by {who}: {what}"), who="text", what="text")
CHANGE_DECLINED = verb("orders.change_declined", _("Change declined by {who}: {answer}"), who="text", answer="text")
CHANGE_WITHDRAWN = verb("orders.change_withdrawn", _("Change withdrawn: {why}"), why="text")
CHANGE_EXPIRED = verb("orders.change_expired", _("End of validity of the offered change"))
