"""What can happen to a promise."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

MADE = verb("promises.made", _("Promise: {text} – due {due}"), public=True, text="text", due="due")
REVISED = verb(
    "promises.revised",
    _("Promise moved: {text} – {before} → {after}"),
    public=True,
    text="text",
    before="due",
    after="due",
)
KEPT = verb("promises.kept", _("Promise kept: {text}"), public=True, text="text")
KEPT_LATE = verb("promises.kept_late", _("Promise kept late: {text}"), public=True, text="text")
STANDS_AGAIN = verb("promises.stands_again", _("Promise stands again: {text} – due {due}"), text="text", due="due")
BROKEN = verb("promises.broken", _("Promise broken: {text} – was due {due}"), text="text", due="due")
AT_RISK = verb("promises.at_risk", _("Promise at risk: {text} – due {due}"), text="text", due="due")
SAFE = verb("promises.safe", _("Promise no longer at risk: {text} – due {due}"), text="text", due="due")
TOLD = verb("promises.told", _("Told about {text}: {channel}"), text="text", channel="text")
WITHDRAWN = verb("promises.withdrawn", _("Promise withdrawn: {text}"), text="text")
TAKEN_OVER = verb("promises.taken_over", _("Promise taken over: {text}"), text="text")
HANDED_OVER = verb(
    "promises.handed_over", _("Promise: {text} – {before} → {after}"), text="text", before="member", after="member"
)
