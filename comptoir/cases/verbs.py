"""What can happen to a case."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

OPENED = verb("cases.opened", _("New case: {subject}"), public=True, subject="text")
RECEIVED = verb("cases.received", _("{channel} from {sender}"), public=True, channel="word", sender="text")
REPLIED = verb("cases.replied", _("Reply to {to}"), public=True, to="text")
SEND_UNDONE = verb("cases.send_undone", _("Reply taken back before it left"))
SENT = verb("cases.sent", _("Delivered to the mail server of {to}"), to="text")
SEND_FAILED = verb("cases.send_failed", _("Not delivered to {to}: {error}"), to="text", error="text")
NOTED = verb("cases.noted", _("Internal note"))
LOGGED = verb("cases.logged", _("{channel} with {contact}"), public=True, channel="word", contact="text")
ASSIGNED = verb("cases.assigned", _("Owner: {before} → {after}"), before="member", after="member")
MOVED = verb("cases.moved", _("Team: {before} → {after}"), before="text", after="text")
RENAMED = verb("cases.renamed", _("Subject: {before} → {after}"), before="text", after="text")
CHANGED = verb("cases.changed", _("{field}: {before} → {after}"), field="word", before="word", after="word")
TAGGED = verb("cases.tagged", _("Tag: {tag}"), tag="text")
UNTAGGED = verb("cases.untagged", _("Tag removed: {tag}"), tag="text")
WAITING = verb("cases.waiting", _("Waiting on {for_what}"), for_what="word")
SNOOZED = verb("cases.snoozed", _("Snoozed until {until}"), until="moment")
WOKEN = verb("cases.woken", _("Back from waiting"))
UPDATE_SET = verb("cases.update_set", _("Next update: {at}"), at="moment")
RESOLVED = verb("cases.resolved", _("Resolved: {resolution}"), public=True, resolution="text")
REOPENED = verb("cases.reopened", _("Opened again"), public=True)
CLOSED = verb("cases.closed", _("Closed"))
MERGED = verb("cases.merged", _("Merged: {source} → {target}"), source="text", target="text")
UNMERGED = verb("cases.unmerged", _("Merge undone: {source}"), source="text")
LINKED = verb("cases.linked", _("Link: {to} – {how}"), to="text", how="word")
UNLINKED = verb("cases.unlinked", _("Link removed: {to}"), to="text")
CUSTOMER_SET = verb("cases.customer_set", _("Customer: {customer}"), customer="text")
ASK_ADDED = verb("cases.ask_added", _("Ask: {text}"), text="text")
ASK_ANSWERED = verb("cases.ask_answered", _("Answered: {text}"), text="text")
ASK_REFUSED = verb("cases.ask_refused", _("Refused: {text} – {reason}"), text="text", reason="text")
ASK_PROMISED = verb("cases.ask_promised", _("Answer promised: {text} – {due}"), text="text", due="moment")
SPAM = verb("cases.spam", _("Marked as spam"))
FLAGGED = verb("cases.flagged", _("Flag: {flag}"), flag="text")
INBOX_ADDED = verb("cases.inbox_added", _("New inbox: {name} ({address})"), name="text", address="text")
INBOX_EDITED = verb("cases.inbox_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
INBOX_CLOSED = verb("cases.inbox_closed", _("Inbox deactivated: {name}"), name="text")
INBOX_OPENED = verb("cases.inbox_opened", _("Inbox active again: {name}"), name="text")
RULE_SET = verb("cases.rule_set", _("Next update – {rule}: {hours} h"), rule="text", hours="int")
RULE_REMOVED = verb("cases.rule_removed", _("Update rule removed – {rule}"), rule="text")
TAG_ADDED = verb("cases.tag_added", _("New tag: {tag}"), tag="text")
TAG_RENAMED = verb("cases.tag_renamed", _("Tag: {before} → {after}"), before="text", after="text")
TAG_REMOVED = verb("cases.tag_removed", _("Tag removed: {tag} ({cases} cases)"), tag="text", cases="int")
FOLLOWED = verb("cases.followed", _("Follower: {member}"), member="member")
UNFOLLOWED = verb("cases.unfollowed", _("No longer a follower: {member}"), member="member")
HANDED_OFF = verb(
    "cases.handed_off",
    _("Hand-off to {department} by {due}: {question}"),
    department="text",
    due="moment",
    question="text",
)
HAND_OFF_ACCEPTED = verb("cases.hand_off_accepted", _("{department}: accepted"), department="text")
HAND_OFF_DECLINED = verb(
    "cases.hand_off_declined", _("{department}: declined – {reason}"), department="text", reason="text"
)
HAND_OFF_ANSWERED = verb(
    "cases.hand_off_answered", _("{department}: {answer} – {told}"), department="text", answer="word", told="text"
)
HAND_OFF_ASKED_AGAIN = verb("cases.hand_off_asked_again", _("To {department}: {text}"), department="text", text="text")
HAND_OFF_LATE = verb("cases.hand_off_late", _("{department}: no answer by {due}"), department="text", due="moment")
HAND_OFF_CLOSED = verb("cases.hand_off_closed", _("Hand-off closed: {department}"), department="text")
ESCALATED = verb("cases.escalated", _("Escalation to {level}: {reason}"), level="word", reason="text")
ESCALATION_ACCEPTED = verb("cases.escalation_accepted", _("Escalation taken by {member}"), member="member")
ESCALATION_LATE = verb("cases.escalation_late", _("{level}: no decision by {due}"), level="word", due="moment")
ESCALATION_RETURNED = verb("cases.escalation_returned", _("Escalation returned: {reason}"), reason="text")
ESCALATION_RESOLVED = verb("cases.escalation_resolved", _("Escalation resolved: {answer}"), answer="text")
REPORT_SCHEDULED = verb("cases.report_scheduled", _("Open-order report: {every}, to {to}"), every="text", to="text")
REPORT_ENDED = verb("cases.report_ended", _("Open-order report no more: {every}"), every="text")
REPORT_SENT = verb("cases.report_sent", _("Open-order report to {to}"), public=True, to="text")
REPORT_FAILED = verb("cases.report_failed", _("Open-order report not sent: {why}"), why="text")
