"""What can happen in the catalogue."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

SITE_ADDED = verb("catalog.site_added", _("New site: {name}"), name="text")
SITE_EDITED = verb("catalog.site_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
RATE_SET = verb(
    "catalog.rate_set", _("VAT in {country} ({category}): {rate} % from {day}"),
    country="text", category="text", rate="number", day="date",
)  # fmt: skip
