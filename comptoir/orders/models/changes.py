"""Changes of a confirmed order, and the versions they lead to."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models.lines import Line, ScheduleLine
from comptoir.orders.models.order import Order
from comptoir.orders.models.reasons import OrderRowsQuerySet, Reason

MEMBER = settings.AUTH_USER_MODEL


class OrderChangeQuerySet(OrderRowsQuerySet):
    """Questions about changes."""

    def negotiated(self) -> "OrderChangeQuerySet":
        return self.filter(state__in=OrderChange.OPEN)


class OrderChange(models.Model):
    """A change of a confirmed order: asked for, offered, answered, and once applied from one version to the next.

    One that is agreed at once is applied at once. One the customer has accepted and that could not be carried out any more
    stays accepted until somebody settles what it conflicts with.
    """

    class Initiator(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        REP = "rep", _("Rep")
        PLANNER = "planner", _("Planner")
        CARRIER = "carrier", _("Carrier")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        COUNTERED = "countered", _("Countered")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        APPLIED = "applied", _("Applied")

    OPEN: ClassVar[tuple[str, ...]] = ("requested", "offered", "accepted")
    OFF: ClassVar[tuple[str, ...]] = ("countered", "declined", "expired", "withdrawn")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="changes")
    version_from = models.PositiveIntegerField()
    version_to = models.PositiveIntegerField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.APPLIED)
    initiator = models.CharField(max_length=10, choices=Initiator.choices)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    counters = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="countered_by")
    valid_until = models.DateField(_("valid until"), null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    freight_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    freight_currency = models.CharField(max_length=3, blank=True)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects = OrderChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "version_to"], name="change_version_once"),
            models.CheckConstraint(
                condition=Q(state="applied") | Q(version_to=None),
                name="change_version_when_applied",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order"], condition=Q(state__in=("requested", "offered", "accepted")), name="change_open"
            )
        ]

    def __str__(self) -> str:
        if self.version_to:
            return f"{self.order} v{self.version_from} → v{self.version_to}"
        return f"{self.order} v{self.version_from}: {self.get_state_display()}"

    def is_account_of(self, member: Any) -> bool:
        return self.order.is_account_of(member)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def freight(self) -> Money | None:
        """What the change cost in extra freight."""
        return Money(self.freight_cost, self.freight_currency) if self.freight_cost is not None else None


class ChangeStep(models.Model):
    """One typed step of an order change, with what was before and after.

    By type, `before` → `after` (quantities and prices as text, days as ISO 8601, None where there is nothing):
    add: None → {product, quantity, requested_on, unit_price, name, promised_on where it is another day};
    remove: open quantity → "0"; quantity, cancel: quantity → quantity of the schedule line; date: promised day → day;
    split: quantity → [rest, part, day of the part]; price: [price, per] → [price, per]; ship_to: address → address, by id.
    """

    class Type(models.TextChoices):
        ADD = "add", _("Add")
        REMOVE = "remove", _("Remove")
        QUANTITY = "quantity", _("Quantity")
        PRICE = "price", _("Price")
        DATE = "date", _("Date")
        SPLIT = "split", _("Split")
        SHIP_TO = "ship_to", _("Ship-to")
        CANCEL = "cancel", _("Cancel")

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        DONE = "done", _("done")
        ALREADY = "already", _("stood so already")
        KEPT = "kept", _("left as it stood")

    change = models.ForeignKey(OrderChange, on_delete=models.CASCADE, related_name="steps")
    type = models.CharField(max_length=10, choices=Type.choices)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+")
    schedule_line = models.ForeignKey(ScheduleLine, on_delete=models.PROTECT, null=True, related_name="+")
    before: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    after: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default=Outcome.DONE)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

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
