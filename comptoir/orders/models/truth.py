"""The truth diff: the customer's document, our order and the agreement, value by value."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models.documents import InboundDocument
from comptoir.orders.models.lines import Line
from comptoir.orders.models.order import Order
from comptoir.orders.models.reasons import OrderRowsQuerySet

MEMBER = settings.AUTH_USER_MODEL


class ToleranceRule(models.Model):
    """From how much on a difference is amber, and red: per cent, or days of a date; without a customer, everybody's."""

    class Field(models.TextChoices):
        QUANTITY = "quantity", _("Quantity (%)")
        PRICE = "unit_price", _("Price (%)")
        DATE = "requested_on", _("Requested day (days)")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="tolerances")
    field = models.CharField(max_length=20, choices=Field.choices)
    amber = models.DecimalField(max_digits=8, decimal_places=3, default=0)
    red = models.DecimalField(max_digits=8, decimal_places=3, default=0)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "field"], nulls_distinct=False, name="tolerance_once"),
            models.CheckConstraint(
                condition=models.Q(amber__gte=0, red__gte=models.F("amber")), name="tolerance_in_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.Field(self.field).label)


class Verification(models.Model):
    """One comparison of an order with what the customer sent; the last one of an order holds."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ASKED = "asked", _("Customer asked")
        SETTLED = "settled", _("Settled")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="verifications")
    document = models.ForeignKey(InboundDocument, on_delete=models.PROTECT, related_name="verifications")
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    lines_sent = models.PositiveIntegerField(default=0)
    lines_exact = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="verification_newest")]

    def __str__(self) -> str:
        return f"{self.order} ⇄ {self.document}"


class Difference(models.Model):
    """One value three times: theirs, ours and the agreement's; with its colour and, where they differ, the verdict."""

    class Colour(models.TextChoices):
        GREEN = "green", _("Alike")
        AMBER = "amber", _("Within tolerance")
        RED = "red", _("Differs")

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        ASKED = "asked", _("Customer asked")
        CORRECTED = "corrected", _("Corrected")

    class Field(models.TextChoices):
        PART = "part", _("Part")
        QUANTITY = "quantity", _("Quantity")
        UNIT = "unit", _("Unit")
        PRICE = "unit_price", _("Price")
        DATE = "requested_on", _("Requested")
        SHIP_TO = "ship_to", _("Ship-to")
        TERMS = "terms", _("Terms")
        CURRENCY = "currency", _("Currency")
        LINE = "line", _("Line")

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="differences")
    line = models.ForeignKey(Line, on_delete=models.CASCADE, null=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    source_line = models.PositiveSmallIntegerField(null=True)
    field = models.CharField(max_length=20, choices=Field.choices)
    theirs = models.CharField(max_length=300, blank=True)
    ours = models.CharField(max_length=300, blank=True)
    agreement = models.CharField(max_length=300, blank=True)
    colour = models.CharField(max_length=6, choices=Colour.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position or ''} {self.get_field_display()}".strip()

    @property
    def is_open(self) -> bool:
        return self.colour != self.Colour.GREEN and self.verdict in ("", self.Verdict.ASKED)
