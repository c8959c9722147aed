"""What can happen in the catalogue."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

SITE_ADDED = verb("catalog.site_added", _("New site: {name}"), name="text")
SITE_EDITED = verb("catalog.site_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
RATE_SET = verb(
    "catalog.rate_set", _("VAT in {country} ({category}): {rate} % from {day}"),
    country="text", category="text", rate="number", day="date",
)  # fmt: skip
PRODUCT_ADDED = verb("catalog.product_added", _("New product: {product}"), product="text")
PRODUCT_EDITED = verb(
    "catalog.product_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text"
)
PRICE_SET = verb(
    "catalog.price_set", _("Price of {product} for {whom} from {quantity}: {price}, valid from {start} until {end}"),
    product="text", whom="word", quantity="number", price="text", start="date", end="date",
)  # fmt: skip
PRICE_ENDED = verb(
    "catalog.price_ended", _("Price of {product} for {whom}: {price} until {day}"),
    product="text", whom="word", price="text", day="date",
)  # fmt: skip
PRICE_WITHDRAWN = verb(
    "catalog.price_withdrawn", _("Price of {product} for {whom} withdrawn before it began: {price} from {day}"),
    product="text", whom="word", price="text", day="date",
)  # fmt: skip
STOCK_CORRECTED = verb(
    "catalog.stock_corrected", _("Stock of {product} in {site}: {before} → {after} ({reason})"),
    product="text", site="text", before="number", after="number", reason="text",
)  # fmt: skip
RECEIPT_PLANNED = verb(
    "catalog.receipt_planned", _("Receipt of {quantity} {product} planned in {site} for {day}"),
    quantity="number", product="text", site="text", day="date",
)  # fmt: skip
RECEIPT_CHANGED = verb(
    "catalog.receipt_changed", _("Planned receipt, {field}: {before} → {after}"),
    field="text", before="text", after="text",
)  # fmt: skip
RECEIPT_DROPPED = verb(
    "catalog.receipt_dropped", _("Receipt of {quantity} {product} on {day} will not come ({reason})"),
    quantity="number", product="text", day="date", reason="text",
)  # fmt: skip
RECEIVED = verb(
    "catalog.received", _("Receipt of {quantity} {product} in {site}, planned for {day}"),
    quantity="number", product="text", site="text", day="date",
)  # fmt: skip
PART_ADDED = verb(
    "catalog.part_added", _("{customer} calls {product} {part}"), customer="text", product="text", part="text"
)
PART_REMOVED = verb(
    "catalog.part_removed", _("{part} of {customer} is no longer a number of {product}"),
    part="text", customer="text", product="text",
)  # fmt: skip
BATCH_APPLIED = verb(
    "catalog.batch_applied", _("Table {name}: {new} new, {changed} changed"), name="text", new="int", changed="int"
)
BATCH_UNDONE = verb("catalog.batch_undone", _("Table {name} undone: {n} changes"), name="text", n="int")
UNIT_SET = verb(
    "catalog.unit_set", _("{product}: 1 {unit} = {factor} {own}"),
    product="text", unit="text", factor="number", own="text",
)  # fmt: skip
UNIT_REMOVED = verb("catalog.unit_removed", _("{product} is no longer ordered in {unit}"), product="text", unit="text")
PRODUCT_LINKED = verb(
    "catalog.product_linked", _("{other} named for {product}: {kind}"), other="text", product="text", kind="word"
)
PRODUCT_UNLINKED = verb(
    "catalog.product_unlinked", _("{other} no longer named for {product}: {kind}"),
    other="text", product="text", kind="word",
)  # fmt: skip
AGREEMENT_DRAFTED = verb(
    "catalog.agreement_drafted", _("Agreement {number} drafted: {start} to {end}"),
    number="text", start="date", end="date",
)  # fmt: skip
AGREEMENT_EDITED = verb(
    "catalog.agreement_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text"
)
AGREEMENT_LINE_SET = verb(
    "catalog.agreement_line_set", _("Agreement {number}: {product} at {price} from {quantity}"),
    number="text", product="text", price="text", quantity="number",
)  # fmt: skip
AGREEMENT_LINE_REMOVED = verb(
    "catalog.agreement_line_removed", _("Agreement {number}: {product} taken out"), number="text", product="text"
)
AGREEMENT_OFFERED = verb("catalog.agreement_offered", _("Agreement {number} offered"), number="text")
AGREEMENT_COUNTERED = verb(
    "catalog.agreement_countered", _("Agreement {number} countered: {text}"), number="text", text="text"
)
AGREEMENT_SIGNED = verb(
    "catalog.agreement_signed",
    _("Agreement {number} signed on {day} by {name}"),
    number="text",
    day="date",
    name="text",
)
AGREEMENT_REVIEW_DUE = verb(
    "catalog.agreement_review_due", _("Agreement {number} has to be reviewed: it ends on {day}"),
    number="text", day="date",
)  # fmt: skip
AGREEMENT_RENEWED = verb(
    "catalog.agreement_renewed", _("Agreement {number} renewed by {other}"), number="text", other="text"
)
AGREEMENT_ENDED = verb("catalog.agreement_ended", _("Agreement {number} ends on {day}"), number="text", day="date")
AGREEMENT_FILED = verb(
    "catalog.agreement_filed", _("Agreement {number}: file added: {name}"), number="text", name="text"
)
AGREEMENT_FILE_REMOVED = verb(
    "catalog.agreement_file_removed", _("Agreement {number}: file removed: {name}"), number="text", name="text"
)
FILE_ADDED = verb(
    "catalog.file_added", _("{kind} of {product} added: {name}"), kind="word", product="text", name="text"
)
FILE_REMOVED = verb(
    "catalog.file_removed", _("{kind} of {product} removed: {name}"), kind="word", product="text", name="text"
)
NOTE_ADDED = verb(
    "catalog.note_added", _("Known about {product} from {start} until {end}: {text}"),
    product="text", start="date", end="date", text="text",
)  # fmt: skip
NOTE_EDITED = verb("catalog.note_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
NOTE_ENDED = verb(
    "catalog.note_ended", _("Known about {product} until {day}: {text}"), product="text", day="date", text="text"
)
FREIGHT_SET = verb(
    "catalog.freight_set", _("Freight {zone} ({countries}): {fixed} and {per_kg} for each kg, by {source}"),
    zone="text", countries="text", fixed="text", per_kg="text", source="text",
)  # fmt: skip
FREIGHT_FASTER = verb(
    "catalog.freight_faster", _("Faster freight {zone}: {fixed} and {per_kg} for each kg"),
    zone="text", fixed="text", per_kg="text",
)  # fmt: skip
FREIGHT_REMOVED = verb("catalog.freight_removed", _("Freight {zone} removed"), zone="text")
