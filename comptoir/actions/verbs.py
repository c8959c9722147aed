"""What approvals say in a story."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

REQUESTED = verb("actions.approval_requested", _("Approval request: {title} – {reason}"), title="text", reason="text")
APPROVED = verb("actions.approval_given", _("Approval: {title}"), title="text")
REJECTED = verb("actions.approval_refused", _("Refusal: {title} – {answer}"), title="text", answer="text")
RETURNED = verb("actions.approval_returned", _("Question back: {title} – {answer}"), title="text", answer="text")
WITHDRAWN = verb("actions.approval_withdrawn", _("Withdrawal of the request: {title}"), title="text")
STALE = verb("actions.approval_stale", _("Approval out of date: {title} – {why}"), title="text", why="text")
LIMIT_SET = verb("actions.limit_set", _("Limit: {limit} – {action}"), limit="text", action="text")
LIMIT_REMOVED = verb("actions.limit_removed", _("Limit removed: {limit} – {action}"), limit="text", action="text")
