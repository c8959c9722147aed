"""Changes of a confirmed order, and the versions they lead to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models.lines import ScheduleLine
from comptoir.orders.models.order import Order
from comptoir.orders.models.reasons import OrderRowsQuerySet, Reason

MEMBER = settings.AUTH_USER_MODEL


class OrderChange(models.Model):
    """A change of a confirmed order, from one version to the next."""

    class Initiator(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        REP = "rep", _("Rep")
        PLANNER = "planner", _("Planner")
        CARRIER = "carrier", _("Carrier")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="changes")
    version_from = models.PositiveIntegerField()
    version_to = models.PositiveIntegerField()
    initiator = models.CharField(max_length=10, choices=Initiator.choices)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    freight_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    freight_currency = models.CharField(max_length=3, blank=True)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "version_to"], name="change_version_once")]

    def __str__(self) -> str:
        return f"{self.order} v{self.version_from} → v{self.version_to}"

    @property
    def freight(self) -> Money | None:
        """What the change cost in extra freight."""
        return Money(self.freight_cost, self.freight_currency) if self.freight_cost is not None else None


class ChangeStep(models.Model):
    """One typed step of an order change, with what was before and after."""

    class Type(models.TextChoices):
        DATE = "date", _("Date")
        SPLIT = "split", _("Split")
        CANCEL = "cancel", _("Cancel")

    change = models.ForeignKey(OrderChange, on_delete=models.CASCADE, related_name="steps")
    type = models.CharField(max_length=10, choices=Type.choices)
    schedule_line = models.ForeignKey(ScheduleLine, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()

    objects = OrderRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.type}: {self.before} → {self.after}"


class OrderVersion(models.Model):
    """What was confirmed: a frozen snapshot, and its document once it has been made."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    snapshot = models.JSONField()
    confirmed_at = models.DateTimeField(default=clock.now)
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "version"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.order} v{self.version}"
