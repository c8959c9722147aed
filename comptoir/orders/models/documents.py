"""What customers sent as an order, and how their layouts are read."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Customer
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.orders.inbound import Inbound, from_json
from comptoir.orders.models.order import Order
from comptoir.orders.models.reasons import OrderRowsQuerySet

MEMBER = settings.AUTH_USER_MODEL
WHY = {
    "encrypted": _("It is locked with a password."),
    "broken": _("The file is damaged, or is not what its name says."),
    "empty": _("It holds no text: a scan, or a picture."),
    "pages": _("It has too many pages."),
    "words": _("It is too long."),
    "size": _("It is too large to be opened safely."),
    "time": _("Reading it takes longer than a file may."),
    "lines": _("No order lines were found in it."),
    "other": _("It does not look like an order."),
}


class LayoutTemplate(models.Model):
    """How a customer's documents of one layout are read; learned from a confirmed one (orders/layout.py says its fields)."""

    LOCK_RANK: ClassVar[int] = 65

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="layouts")
    kind = models.CharField(max_length=8)
    rules = models.JSONField(default=dict)
    learned_at = models.DateTimeField(default=clock.now)
    uses = models.PositiveIntegerField(default=0)

    objects = OrderRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.customer} · {self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("layouts", args=[self.customer.number])


class DocumentQuerySet(OrderRowsQuerySet):
    """Questions about inbound documents."""

    def visible_to(self, member: Any) -> "DocumentQuerySet":
        """Those of no case, and those of the cases that the member sees."""
        if not member.is_active:
            return self.none()
        if member.team_ids is None:
            return self
        cases: Any = apps.get_model("cases", "Case")._default_manager
        return self.filter(Q(case_id=None) | Q(case_id__in=cases.visible_to(member).values("pk")))

    def told(self) -> "DocumentQuerySet":
        """Without those that nobody called an order and that were none when they were read."""
        return self.exclude(state="rejected", problem="other", is_awaited=False)

    def waiting(self) -> "DocumentQuerySet":
        """Those a person has to look at."""
        return self.filter(state__in=("parsed", "matched", "error"))


class InboundDocument(models.Model):
    """A document that says what a customer orders, whatever wrote it."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        CSV = "csv", _("Table (CSV)")
        XLSX = "xlsx", _("Table (XLSX)")
        MAIL = "mail", _("Mail text")

    class Source(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        ATTACHMENT = "attachment", _("Attachment")
        BODY = "body", _("Mail text")
        EDI = "edi", _("EDI")

    class State(models.TextChoices):
        RECEIVED = "received", _("Being read")
        PARSED = "parsed", _("To confirm")
        MATCHED = "matched", _("Ready to place")
        PROCESSED = "processed", _("Entered")
        ERROR = "error", _("Unreadable")
        REJECTED = "rejected", _("Rejected")
        DUPLICATE = "duplicate", _("Duplicate")

    LOCK_RANK: ClassVar[int] = 8

    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    source_noun = models.CharField(max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True, db_index=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="documents")
    name = models.CharField(max_length=200)
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    problem = models.CharField(max_length=300, blank=True)
    neutral = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    template = models.ForeignKey(LayoutTemplate, on_delete=models.SET_NULL, null=True, related_name="documents")
    twin = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="documents")
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(default=clock.now)
    is_awaited = models.BooleanField(default=True)  # somebody, or the words around it, said that it is an order

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-received_at"], name="document_state"),
            models.Index(fields=["source_noun", "source_id"], name="document_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_noun", "source_id"], condition=Q(source_id__isnull=False), name="document_source_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    def is_account_of(self, member: Any) -> bool:
        return self.customer is not None and self.customer.is_account_of(member)

    @property
    def read(self) -> Inbound:
        """What the document says."""
        return from_json(self.neutral)

    @property
    def why(self) -> str:
        """Why it waits or was set aside, in a sentence; a person's reason as they wrote it."""
        return str(WHY.get(self.problem, self.problem))

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.PARSED, self.State.MATCHED, self.State.ERROR)


class DocumentPage(models.Model):
    """The picture of a page of a document, drawn once."""

    document = models.ForeignKey(InboundDocument, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="document_page_once")]

    def __str__(self) -> str:
        return f"{self.document} / {self.number}"
