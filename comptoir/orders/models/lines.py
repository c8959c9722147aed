"""What is ordered, and what of it is due when."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import AgreementLine, Product, Site
from comptoir.lib.money import Money
from comptoir.orders.models.order import Order
from comptoir.orders.models.reasons import OrderRowsQuerySet, Reason


class Line(models.Model):
    """One position of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    customer_part = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    cancelled_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    unit = models.CharField(max_length=8)
    ordered_quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    ordered_unit = models.CharField(max_length=8, blank=True)
    agreement_line = models.ForeignKey(AgreementLine, on_delete=models.PROTECT, null=True, related_name="call_offs")
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    per = models.PositiveSmallIntegerField(default=1)
    price_source = models.CharField(max_length=20)
    tax_category = models.CharField(max_length=4)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    net = models.DecimalField(max_digits=18, decimal_places=4)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="line_position_once"),
            models.CheckConstraint(
                condition=Q(cancelled_quantity__gte=0, cancelled_quantity__lte=models.F("quantity"), quantity__gt=0),
                name="line_quantities",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.position}"

    @property
    def is_said_otherwise(self) -> bool:
        """True when the customer ordered in another unit than the product's own."""
        return bool(self.ordered_unit) and self.ordered_unit != self.unit

    @property
    def factor(self) -> Decimal:
        """How many of the product's own unit one is of the unit it was ordered in."""
        return self.quantity / self.ordered_quantity if self.is_said_otherwise and self.ordered_quantity else Decimal(1)

    def said(self, quantity: Decimal) -> tuple[Decimal, str]:
        """A quantity in the unit the customer ordered in, where it comes out even in it, else in the product's own."""
        if self.is_said_otherwise and self.ordered_quantity:
            theirs = quantity * self.ordered_quantity / self.quantity
            if theirs == round(theirs, 3):
                return theirs, self.ordered_unit
        return quantity, self.unit

    @property
    def open_quantity(self) -> Decimal:
        return self.quantity - self.cancelled_quantity

    def net_of(self, quantity: Decimal) -> Money:
        """The net amount of a quantity, rounded half up (EN 16931, BR-DEC)."""
        return Money(quantity * self.unit_price / self.per, self.order.currency).quantized()


def supplied_by(site: Site) -> Q:
    """Schedule lines whose goods lie at a site and leave from there."""
    return Q(supplied_from=site) | Q(supplied_from=None, order__site=site)


class ScheduleLine(models.Model):
    """Part of a line: a quantity due at one place on one day. Its dates are separate facts."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        PROMISED = "promised", _("Promised")
        ALLOCATED = "allocated", _("Allocated")
        PICKED = "picked", _("Picked")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")

    DONE: ClassVar[tuple[str, ...]] = ("delivered", "cancelled")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="schedule_lines")
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="schedule_lines")
    position = models.PositiveIntegerField(default=1)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    requested_on = models.DateField(_("requested"))
    first_promised_on = models.DateField(_("first promised"), null=True)
    promised_on = models.DateField(_("promised"), null=True)
    expected_on = models.DateField(_("expected"), null=True)
    ship_by_on = models.DateField(_("ship by"), null=True)
    shipped_on = models.DateField(_("shipped"), null=True)
    delivered_on = models.DateField(_("delivered"), null=True)
    shipped_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    delivered_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    supplied_from = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")
    delay_reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        ordering = ["line__position", "position"]
        indexes = [
            models.Index(
                fields=["promised_on"], condition=~Q(state__in=("delivered", "cancelled")), name="schedule_promised"
            ),
            models.Index(
                Coalesce("promised_on", "requested_on"),
                "order",
                "id",
                condition=~Q(state__in=("delivered", "cancelled")),
                name="schedule_due",
            ),
            models.Index(
                fields=["order", "promised_on", "expected_on", "id"],
                condition=~Q(state__in=("delivered", "cancelled")),
                name="schedule_undone",
            ),
            models.Index(fields=["ship_by_on"], name="schedule_ship_by"),
            models.Index(fields=["requested_on"], name="schedule_requested"),
            models.Index(fields=["promised_on"], name="schedule_any_promised"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line", "position"], name="schedule_position_once"),
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=0,
                    shipped_quantity__lte=models.F("quantity"),
                    delivered_quantity__lte=models.F("shipped_quantity"),
                ),
                name="schedule_quantities",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} ({self.quantity.normalize():f} {self.line.unit})"

    def is_account_of(self, member: Any) -> bool:
        return self.order.is_account_of(member)

    @property
    def is_moveable(self) -> bool:
        """True while something of it can be changed: all of it, or what has not left."""
        return self.state in (self.State.PROMISED, self.State.ALLOCATED)

    @property
    def is_partly_shipped(self) -> bool:
        return 0 < self.shipped_quantity < self.quantity

    @property
    def unshipped_quantity(self) -> Decimal:
        return self.quantity - self.shipped_quantity

    @property
    def site(self) -> Site:
        """Where its goods lie and leave from: the order's site, unless another one supplies it."""
        return self.supplied_from or self.order.site

    def is_late(self, today: date) -> bool:
        return self.promised_on is not None and self.promised_on < today and self.state not in self.DONE

    @property
    def zone(self) -> str:
        return self.order.ship_to.time_zone or settings.TIME_ZONE
