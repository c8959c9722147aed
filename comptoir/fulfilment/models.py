"""Shipments and what is in them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import ScheduleLine

MEMBER = settings.AUTH_USER_MODEL


class ShipmentQuerySet(models.QuerySet[Any]):
    """Shipments are read by every active member."""

    def visible_to(self, member: Any) -> "ShipmentQuerySet":
        return self if member.is_active else self.none()

    def under_way(self) -> "ShipmentQuerySet":
        return self.filter(withdrawn_at=None, delivered_on=None)


class Shipment(models.Model):
    """Goods handed to a carrier: of one order, or of several of a customer that travel together."""

    class Source(models.TextChoices):
        HAND = "hand", _("by hand")
        TABLE = "table", _("from a table")
        API = "api", _("by the API")

    LOCK_RANK: ClassVar[int] = 32

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="shipments")
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    tracking_key = models.CharField(max_length=60, blank=True)
    handed_over_on = models.DateField(_("handed over"))
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.HAND)
    made_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tracking_key"], name="shipment_tracking"),
            models.Index(
                fields=["expected_on"], condition=Q(delivered_on=None, withdrawn_at=None), name="shipment_under_way"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "tracking_key"],
                condition=Q(withdrawn_at=None) & ~Q(tracking_key=""),
                name="shipment_tracking_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def is_account_of(self, member: Any) -> bool:
        return self.customer.is_account_of(member)

    @property
    def state(self) -> str:
        """under_way, delivered or withdrawn."""
        return "withdrawn" if self.withdrawn_at else "delivered" if self.delivered_on else "under_way"


class ShipmentLine(models.Model):
    """What of a schedule line is in a shipment."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    schedule_line = models.ForeignKey(ScheduleLine, on_delete=models.PROTECT, related_name="shipment_lines")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "schedule_line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment}: {self.quantity.normalize():f} × {self.schedule_line}"


class ShipmentTable(models.Model):
    """A table of shipments somebody sent: looked at, applied as one act, and undone as one."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", _("Looked at")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    LOCK_RANK: ClassVar[int] = 28

    name = models.CharField(max_length=150)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKED_AT)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True)
    done = models.JSONField(default=list)

    objects = ShipmentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/shipment-tables/{self.pk}/"
