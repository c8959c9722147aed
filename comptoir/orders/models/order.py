"""Orders and what holds them."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import Site
from comptoir.catalog.taxes import Reason
from comptoir.customers.models import Address, Contact, Customer
from comptoir.lib import clock
from comptoir.orders.models.reasons import OrderRowsQuerySet


class OrderQuerySet(OrderRowsQuerySet):
    """Questions about orders."""

    def open(self) -> "OrderQuerySet":
        return self.filter(state__in=("confirmed", "in_fulfilment"))

    def with_holds(self) -> "OrderQuerySet":
        """Each order with `held`: its standing holds, in the same query."""
        standing = OrderHold.objects.filter(order=OuterRef("pk"), lifted_at=None).order_by("since")
        row = JSONObject(id="pk", kind="kind", note="note", since="since")
        rows: OrderQuerySet = self.annotate(held=ArraySubquery(standing.values(row=row)))
        return rows


class Order(models.Model):
    """A customer's order."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        VERIFYING = "verifying", _("Being verified")
        DISCREPANT = "discrepant", _("Differs from the document")
        CLARIFYING = "clarifying", _("Customer asked")
        READY = "ready", _("Ready")
        CONFIRMED = "confirmed", _("Confirmed")
        IN_FULFILMENT = "in_fulfilment", _("In fulfilment")
        FULFILLED = "fulfilled", _("Fulfilled")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    LOCK_RANK: ClassVar[int] = 30

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    po_number = models.CharField(_("customer PO"), max_length=60, blank=True)
    po_key = models.CharField(max_length=60, blank=True)
    po_date = models.DateField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    incoterm = models.CharField(max_length=40, blank=True)
    terms = models.CharField(max_length=80, blank=True)
    ship_to = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    bill_to = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    tax_reason = models.CharField(_("VAT"), max_length=10, choices=Reason.choices, blank=True)
    source = models.CharField(max_length=20, default="entry")
    placed_at = models.DateTimeField(default=clock.now)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["po_key"], name="order_po"),
            models.Index(fields=["customer", "-placed_at"], name="order_customer"),
            models.Index(fields=["state", "-placed_at"], name="order_state"),
            models.Index(
                fields=["id"], condition=models.Q(state__in=("confirmed", "in_fulfilment")), name="order_under_way"
            ),
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            GinIndex(fields=["number", "po_key"], name="order_near", opclasses=["gin_trgm_ops", "gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/orders/{self.number}/"

    def is_account_of(self, member: Any) -> bool:
        return self.customer.is_account_of(member)

    @property
    def standing_holds(self) -> "list[OrderHold]":
        """What stops the order now; no query when it was read `with_holds`."""
        held: list[dict[str, Any]] | None = getattr(self, "held", None)
        if held is None:
            return list(self.holds.filter(lifted_at=None).order_by("since"))
        return [OrderHold(**(row | {"since": datetime.fromisoformat(row["since"]), "order": self})) for row in held]

    @property
    def is_confirmed(self) -> bool:
        return self.state in (self.State.CONFIRMED, self.State.IN_FULFILMENT)


class OrderHold(models.Model):
    """A named reason that stops a step, orthogonal to the state."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Credit")
        PRICE = "price", _("Price")
        DOCUMENT = "document", _("Document")
        EXPORT = "export", _("Export")
        QUALITY = "quality", _("Quality")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind"], condition=Q(lifted_at=None), name="hold_once")]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)


class OrderSum(models.Model):
    """What an order's lines come to, for lists that filter, sort and add up; the database keeps it, nobody writes it."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="sum")
    net = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    lines = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-net", "-order"], name="order_sum_net")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.net}"
