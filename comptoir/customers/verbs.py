"""What can happen to a customer."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

ADDED = verb("customers.added", _("New customer: {name}"), name="text")
EDITED = verb("customers.edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
CONTACT_ADDED = verb("customers.contact_added", _("New contact: {name}"), name="text")
IDENTITY_ADDED = verb("customers.identity_added", _("New address: {value}"), value="text")
IDENTITY_REMOVED = verb("customers.identity_removed", _("Address removed: {value}"), value="text")
ALERT_RAISED = verb("customers.alert_raised", _("Alert: {text}"), text="text")
ALERT_CLEARED = verb("customers.alert_cleared", _("Alert cleared: {text}"), text="text")
ADDRESS_ADDED = verb("customers.address_added", _("New place: {address}"), address="text")
