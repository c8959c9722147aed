"""What entry keeps: lines typed and not placed yet, and the desk's rules for what is placed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import Product
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.roles import Role


class OrderDraftQuerySet(models.QuerySet[Any]):
    """Questions about drafts: each member sees their own."""

    def visible_to(self, member: Any) -> "OrderDraftQuerySet":
        return self.filter(member_id=member.pk) if member.is_active else self.none()

    def open(self) -> "OrderDraftQuerySet":
        """The orders begun and not put away."""
        return self.filter(order=None, discarded_at=None)

    def changing(self, order: Any) -> "OrderDraftQuerySet":
        """What is typed into the editor of a confirmed order."""
        return self.filter(order=order)


class OrderDraft(models.Model):
    """An order a member began to enter for a customer, or to change: the cells as they were typed, on the server."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="order_drafts")
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, null=True, related_name="+")
    case_id = models.BigIntegerField(null=True)
    fields = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=clock.now)
    discarded_at = models.DateTimeField(null=True)

    objects = OrderDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "customer"], condition=Q(order=None, discarded_at=None), name="order_draft_once"
            ),
            models.UniqueConstraint(fields=["member", "order"], name="change_draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}"

    def get_absolute_url(self) -> str:
        if self.order is not None:
            return f"{self.order.get_absolute_url()}change/"
        return f"/orders/new/?customer={self.customer.number}"

    @property
    def po_number(self) -> str:
        return str(self.fields.get("po_number", ""))


class EntryRuleQuerySet(models.QuerySet[Any]):
    """Questions about rules; every active member may read them."""

    def visible_to(self, member: Any) -> "EntryRuleQuerySet":
        return self if member.is_active else self.none()

    def standing(self) -> "EntryRuleQuerySet":
        return self.filter(ended_at=None)


class EntryRule(models.Model):
    """A rule that entry keeps to: how far a role may go below the price, the least an order comes to, what is held and why."""

    class Kind(models.TextChoices):
        DISCOUNT = "discount", _("Discount limit")
        MINIMUM = "minimum", _("Minimum order value")
        DOCUMENT = "document", _("Hold for a document")
        EXPORT = "export", _("Hold for export control")

    HOLDS: ClassVar[tuple[str, ...]] = ("document", "export")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    role = models.CharField(_("role"), max_length=15, choices=Role.choices, blank=True)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    objects = EntryRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gte=0, percent__lte=100), name="entry_rule_percent"
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="entry_rule_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.Kind(self.kind).label}: {self.said}"

    @property
    def money(self) -> Money | None:
        """The least an order comes to; None where the rule is of another kind."""
        return Money(self.amount, self.currency) if self.amount is not None else None

    @property
    def said(self) -> str:
        """What the rule asks for, in a few words."""
        if self.kind == self.Kind.DISCOUNT and self.percent is not None:
            return f"{Role(self.role).label} {self.percent.normalize():f} %"
        if self.amount is not None:
            return Money(self.amount, self.currency).format("en")
        return " · ".join(str(part) for part in (self.product, self.country, self.note) if part)
