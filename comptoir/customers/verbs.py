"""What can happen to a customer."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

ADDED = verb("customers.added", _("New customer: {name}"), name="text")
EDITED = verb("customers.edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
OWNER_SET = verb("customers.owner_set", _("Owner: {before} → {after}"), before="member", after="member")
SPONSOR_SET = verb("customers.sponsor_set", _("Sponsor: {before} → {after}"), before="member", after="member")
PARENT_SET = verb("customers.parent_set", _("Belongs to: {before} → {after}"), before="ref", after="ref")
PROMOTED = verb("customers.promoted", _("A customer now, a prospect before: {name}"), name="text")
CONTACT_ADDED = verb("customers.contact_added", _("New contact: {name}"), name="text")
CONTACT_EDITED = verb(
    "customers.contact_edited",
    _("{contact} – {field}: {before} → {after}"),
    contact="text",
    field="text",
    before="text",
    after="text",
)
CONTACT_LEFT = verb("customers.contact_left", _("No longer there: {name}"), name="text")
CONTACT_BACK = verb("customers.contact_back", _("There again: {name}"), name="text")
IDENTITY_ADDED = verb("customers.identity_added", _("New address: {value}"), value="text")
IDENTITY_REMOVED = verb("customers.identity_removed", _("Address removed: {value}"), value="text")
IDENTITY_PREFERRED = verb("customers.identity_preferred", _("Preferred address: {value}"), value="text")
IDENTITY_VERIFIED = verb("customers.identity_verified", _("Verified: {value}"), value="text")
IDENTITY_WORKS = verb("customers.identity_works", _("Reachable again: {value}"), value="text")
ALERT_RAISED = verb("customers.alert_raised", _("Alert: {text}"), text="text")
ALERT_CLEARED = verb("customers.alert_cleared", _("Alert cleared: {text}"), text="text")
ADDRESS_ADDED = verb("customers.address_added", _("New place: {address}"), address="text")
ADDRESS_EDITED = verb(
    "customers.address_edited",
    _("{address} – {field}: {before} → {after}"),
    address="text",
    field="text",
    before="text",
    after="text",
)
LINK_ISSUED = verb("customers.link_issued", _("Link for {whom}, valid until {until}"), whom="text", until="moment")
LINK_REVOKED = verb("customers.link_revoked", _("Link revoked: {whom}"), whom="text")
