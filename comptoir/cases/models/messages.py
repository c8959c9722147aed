"""Conversations and what is said in them."""

import re

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.cases.models.case import Case, CasePartQuerySet, Inbox
from comptoir.customers.models import Contact
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.orders.models import OrderVersion, Quote

MEMBER = settings.AUTH_USER_MODEL
# Fwd (en), WG (de), TR (fr), VS (da), doorst (nl), RV, I (it), Пр (bg): what mail programs put before a forwarded subject.
_FORWARD = re.compile(r"^\s*(fwd?|wg|tr|vs|doorst|rv|пр|пре|i)\s*:", re.IGNORECASE)


class Conversation(models.Model):
    """A thread on one channel."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Call")
        LETTER = "letter", _("Letter")
        FAX = "fax", _("Fax")
        VISIT = "visit", _("Visit")
        CHAT = "chat", _("Chat")
        WEB = "web", _("Web")
        NOTE = "note", _("Note")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="conversations")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=300, blank=True)

    objects = CasePartQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.case} {self.channel}"


class Message(models.Model):
    """Something said, by a customer, to a customer, or among ourselves."""

    class Direction(models.TextChoices):
        IN = "in", _("In")
        OUT = "out", _("Out")
        INTERNAL = "internal", _("Internal")

    class State(models.TextChoices):
        FILED = "filed", _("Filed")
        UNREADABLE = "unreadable", _("Unreadable")
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        UNDONE = "undone", _("Taken back")
        FAILED = "failed", _("Failed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.FILED)
    author = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)
    html_version = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8, blank=True)
    message_id = models.CharField(max_length=255, null=True, unique=True)
    in_reply_to = models.CharField(max_length=255, blank=True)
    references = models.TextField(blank=True)
    auto_reason = models.CharField(max_length=100, blank=True)
    raw_file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")
    duration_seconds = models.PositiveIntegerField(null=True)
    occurred_at = models.DateTimeField(default=clock.now)
    recorded_at = models.DateTimeField(default=clock.now)
    send_after = models.DateTimeField(null=True)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        ordering = ["occurred_at", "pk"]
        indexes = [models.Index(fields=["case", "occurred_at"], name="message_case")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(direction="out", state__in=("queued", "sending", "sent")) | Q(message_id__isnull=False),
                name="message_out_has_id",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.text[:60]

    @property
    def is_forwarded(self) -> bool:
        """True when somebody passed on what others wrote: then the quoted text is what the message is about."""
        return bool(_FORWARD.match(self.subject))

    def get_absolute_url(self) -> str:
        return self.case.get_absolute_url()


class Recipient(models.Model):
    """Whom a message goes or went to, and how that went."""

    class Role(models.TextChoices):
        TO = "to", _("To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")

    class State(models.TextChoices):
        READ = "read", _("As received")
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        BOUNCED = "bounced", _("Bounced")
        FAILED = "failed", _("Failed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    role = models.CharField(max_length=4, choices=Role.choices)
    name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READ)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address"], name="recipient_address")]

    def __str__(self) -> str:
        return self.address


class Attachment(models.Model):
    """A file of a message; an order confirmation or a quote is a reference to its version until the delivery renders it.

    A quote has that version only once it is sent: by this message, where it was a draft.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")
    order_version = models.ForeignKey(OrderVersion, on_delete=models.PROTECT, null=True, related_name="+")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, null=True, related_name="+")
    quote_version = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=150)
    content_id = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | Q(order_version__isnull=False) | Q(quote_version__isnull=False),
                name="attachment_has_bytes",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What a member has begun to write in a case; kept on the server, one of a kind."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    to = models.TextField(blank=True)
    cc = models.TextField(blank=True)
    text = models.TextField(blank=True)
    base_message_id = models.BigIntegerField(null=True)
    added = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=clock.now)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member", "kind"], name="draft_once")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def shown(self) -> str:
        """What a page names that shows the draft as it is, to learn later what was added."""
        return f"{self.pk}-{len(self.added)}"

    def added_since(self, shown: str) -> list[tuple[str, str]]:
        """What was put to the draft, not by its page, since it was `shown`; nothing said for a file alone.

        Each text is given with the greeting that goes before it where nothing else is written.
        """
        pk, _dash, count = shown.partition("-")
        known = int(count) if pk == str(self.pk) and count.isdecimal() else 0
        return [(one, "") if isinstance(one, str) else (one[0], one[1]) for one in self.added[known:]]


class DraftFile(models.Model):
    """A file put to a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")
    order_version = models.ForeignKey(OrderVersion, on_delete=models.PROTECT, null=True, related_name="+")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, null=True, related_name="+")
    quote_version = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Who is looking at a case, or writing in it, until a moment soon; an unlogged table."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    is_writing = models.BooleanField(default=False)
    until = models.DateTimeField()

    objects = CasePartQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.member} at {self.case}"
