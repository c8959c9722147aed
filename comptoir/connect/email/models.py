"""Mailboxes, what came in through them, and the demo's outgoing mail."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.cases.models import Inbox, Message
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.people import Role


class AdministeredQuerySet(models.QuerySet[Any]):
    """Rows that administrators care for."""

    def visible_to(self, member: Any) -> "AdministeredQuerySet":
        return self if member.is_active and member.at_least(Role.ADMINISTRATOR) else self.none()


class DemoQuerySet(models.QuerySet[Any]):
    """What a demo desk would have sent: every member may look."""

    def visible_to(self, member: Any) -> "DemoQuerySet":
        return self if member.is_active else self.none()


class Mailbox(models.Model):
    """How an inbox is read (IMAP) and sent from (SMTP)."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("No encryption")

    class Fetching(models.TextChoices):
        IDLE = "idle", _("At once (IDLE)")
        POLL = "poll", _("Every now and then")
        OFF = "off", _("Not by IMAP")

    class Sending(models.TextChoices):
        SMTP = "smtp", _("By SMTP")
        SINK = "sink", _("Kept in the demo's outbox")

    inbox = models.OneToOneField(Inbox, on_delete=models.CASCADE, related_name="mailbox", verbose_name=_("inbox"))
    fetching = models.CharField(_("fetching"), max_length=6, choices=Fetching.choices, default=Fetching.OFF)
    poll_seconds = models.PositiveIntegerField(_("seconds between looks"), default=60)
    imap_host = models.CharField(_("IMAP server"), max_length=200, blank=True)
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(_("IMAP encryption"), max_length=8, choices=Security.choices, default=Security.TLS)
    imap_user = models.CharField(_("IMAP user"), max_length=200, blank=True)
    imap_password = models.CharField(_("IMAP password"), max_length=200, blank=True)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    sending = models.CharField(_("sending"), max_length=6, choices=Sending.choices, default=Sending.SMTP)
    smtp_host = models.CharField(_("SMTP server"), max_length=200, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_security = models.CharField(
        _("SMTP encryption"), max_length=8, choices=Security.choices, default=Security.STARTTLS
    )
    smtp_user = models.CharField(_("SMTP user"), max_length=200, blank=True)
    smtp_password = models.CharField(_("SMTP password"), max_length=200, blank=True)
    uidvalidity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    last_looked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    tested_at = models.DateTimeField(null=True)
    imap_result = models.CharField(max_length=300, blank=True)
    smtp_result = models.CharField(max_length=300, blank=True)

    objects = AdministeredQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fetching="off") | (~Q(imap_host="") & ~Q(imap_user="")),
                name="mailbox_fetches_from_a_server",
            )
        ]

    def __str__(self) -> str:
        return self.inbox.address


class RawMail(models.Model):
    """A mail as it came in, kept before anything else is done with it."""

    class Source(models.TextChoices):
        IMAP = "imap", "IMAP"
        SMTP = "smtp", "SMTP"
        PIPE = "pipe", _("Pipe")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        FILED = "filed", _("Filed")
        QUARANTINED = "quarantined", _("Unreadable")

    LOCK_RANK: ClassVar[int] = 3

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="raw_mails")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.SET_NULL, null=True, related_name="raw_mails")
    source = models.CharField(max_length=4, choices=Source.choices)
    uidvalidity = models.BigIntegerField(null=True)
    uid = models.BigIntegerField(null=True)
    key = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    envelope_from = models.CharField(max_length=254, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    error = models.CharField(max_length=300, blank=True)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, related_name="raw_mail")

    objects = AdministeredQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inbox", "key"], name="raw_mail_once"),
            models.UniqueConstraint(
                fields=["mailbox", "uidvalidity", "uid"], condition=Q(uid__isnull=False), name="raw_mail_uid_once"
            ),
            models.CheckConstraint(
                condition=Q(state="received") | Q(message__isnull=False), name="raw_mail_has_message"
            ),
        ]
        indexes = [models.Index(fields=["received_at"], condition=Q(state="received"), name="raw_mail_waiting")]

    def __str__(self) -> str:
        return f"{self.source} {self.sha256[:12]}"


class SinkMail(models.Model):
    """A mail that a demo desk would have sent."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=254)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(default=clock.now)

    objects = DemoQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject
