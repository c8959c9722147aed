"""Promises."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Contact, Customer
from comptoir.lib import clock

MEMBER = settings.AUTH_USER_MODEL
STANDING = ("open", "at_risk", "broken")


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Questions about promises."""

    def visible_to(self, member: Any) -> "PromiseQuerySet":
        """Promises about orders, and those of cases the member sees or that they answer for."""
        if not member.is_active:
            return self.none()
        if member.team_ids is None:
            return self
        cases = apps.get_model("cases.Case")._default_manager.visible_to(member)
        own = models.Q(owner_id=member.pk) | models.Q(case_id__in=cases.values("pk"))
        return self.filter(own | models.Q(case_id=None))

    def standing(self) -> "PromiseQuerySet":
        """Neither kept nor replaced nor withdrawn: someone still waits."""
        return self.filter(state__in=STANDING)

    def on(self, row: models.Model) -> "PromiseQuerySet":
        return self.filter(subject_noun=row._meta.model_name, subject_id=row.pk)


class Promise(models.Model):
    """Something promised to a customer, due at a moment."""

    class Kind(models.TextChoices):
        SHIP = "ship", _("Shipment")
        DELIVER = "deliver", _("Delivery")
        CALLBACK = "callback", _("Call back")
        ANSWER = "answer", _("Answer")
        CREDIT = "credit", _("Credit")
        DOCUMENT = "document", _("Document")
        PICKUP = "pickup", _("Pickup")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        AT_RISK = "at_risk", _("At risk")
        BROKEN = "broken", _("Broken")
        KEPT = "kept", _("Kept")
        KEPT_LATE = "kept_late", _("Kept late")
        REVISED = "revised", _("Revised")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephone")
        CHAT = "chat", _("Chat")
        LETTER = "letter", _("Letter")
        FAX = "fax", _("Fax")
        PERSON = "person", _("In person")

    class Strength(models.TextChoices):
        FIRM = "firm", _("Firm")
        ESTIMATE = "estimate", _("Estimate")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=300)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="promises")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    subject_noun = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True, db_index=True)
    made_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="promises")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    zone = models.CharField(max_length=50)
    original_due_at = models.DateTimeField()
    grace_minutes = models.PositiveIntegerField(default=0)
    strength = models.CharField(max_length=10, choices=Strength.choices, default=Strength.FIRM)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    source_message_id = models.BigIntegerField(null=True)
    evidence_noun = models.CharField(max_length=40, blank=True)
    evidence_id = models.BigIntegerField(null=True)
    revised_to = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="revised_from")
    reason = models.CharField(max_length=300, blank=True)
    at_risk_at = models.DateTimeField(null=True)
    cause = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    told_message_id = models.BigIntegerField(null=True, db_index=True)
    told_change = models.JSONField(default=dict)  # the expected day before and after it was told, where that changed
    closed_at = models.DateTimeField(null=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=STANDING), name="promise_due"),
            models.Index(fields=["owner", "due_at"], condition=models.Q(state__in=STANDING), name="promise_owner_due"),
            models.Index(fields=["subject_noun", "subject_id"], name="promise_subject"),
            models.Index(
                fields=["subject_noun", "subject_id"],
                condition=models.Q(state__in=("at_risk", "broken")),
                name="promise_in_danger",
            ),
            models.Index(
                fields=["at_risk_at"],
                condition=models.Q(at_risk_at__isnull=False, state__in=STANDING),
                name="promise_at_risk",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=("kept", "kept_late")) | models.Q(evidence_id__isnull=False),
                name="promise_kept_by_evidence",
            ),
            models.UniqueConstraint(
                fields=["subject_noun", "subject_id", "kind"],
                condition=models.Q(state__in=STANDING),
                name="promise_one_standing",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def due(self) -> date | datetime:
        """What was promised: a day, or a moment of it."""
        return self.due_on or self.due_at

    @property
    def first_due_on(self) -> date | None:
        """The day first promised, when a day was promised and another one before it; the moment is that day's end."""
        if self.due_on is None or self.original_due_at == self.due_at:
            return None
        return (self.original_due_at.astimezone(ZoneInfo(self.zone)) - timedelta(seconds=1)).date()

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    def is_late(self, now: datetime | None = None) -> bool:
        return self.is_standing and self.due_at < (now or clock.now())
