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
