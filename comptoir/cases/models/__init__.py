"""What a case is made of."""

from comptoir.cases.models.case import Ask, Case, CaseLink, CaseQuerySet, CaseTag, Follow, Inbox, Tag, UpdateRule
from comptoir.cases.models.handoffs import Escalation, HandOff, HandOffTurn
from comptoir.cases.models.messages import Attachment, Conversation, Draft, DraftFile, Message, Presence, Recipient
from comptoir.cases.models.reports import ReportRun, ReportSchedule

__all__ = [
    "Ask",
    "Attachment",
    "Case",
    "CaseLink",
    "CaseQuerySet",
    "CaseTag",
    "Conversation",
    "Draft",
    "DraftFile",
    "Escalation",
    "Follow",
    "HandOff",
    "HandOffTurn",
    "Inbox",
    "Message",
    "Presence",
    "Recipient",
    "ReportRun",
    "ReportSchedule",
    "Tag",
    "UpdateRule",
]
