"""What we offered: a quote, its versions as they were sent, and its lines."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import AgreementLine, Product
from comptoir.customers.models import Address, Contact, Customer
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models.order import Order


class QuoteQuerySet(models.QuerySet[Any]):
    """Questions about quotes and their parts; every active member may read them."""

    def visible_to(self, member: Any) -> "QuoteQuerySet":
        return self if member.is_active else self.none()

    def sent(self) -> "QuoteQuerySet":
        return self.filter(state="sent")


class Quote(models.Model):
    """What we offer a customer or a prospect, at which prices and until when."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")

    LOCK_RANK: ClassVar[int] = 25

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="quotes")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ship_to = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    currency = models.CharField(max_length=3)
    terms = models.CharField(max_length=80, blank=True)
    incoterm = models.CharField(max_length=40, blank=True)
    reference = models.CharField(_("their reference"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    prices_approved = models.BooleanField(default=False)
    valid_until = models.DateField(_("valid until"))
    decline_reason = models.CharField(_("reason"), max_length=300, blank=True)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="quote")
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "valid_until"], name="quote_validity"),
            models.Index(fields=["-created_at", "-id"], name="quote_newest"),
            models.Index(fields=["customer", "-created_at"], name="quote_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(order=None) | Q(state="accepted"), name="quote_ordered_once_accepted")
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/quotes/{self.number}/"

    def is_account_of(self, member: Any) -> bool:
        return self.customer.is_account_of(member)

    @property
    def language(self) -> str:
        """The language its reader reads: the contact's, else the customer's."""
        return (self.contact and self.contact.language) or self.customer.language

    @property
    def is_approved(self) -> bool:
        """True for a draft whose prices somebody with authority has agreed to: whoever writes the mail may send it."""
        return self.state == self.State.DRAFT and self.prices_approved

    @property
    def state_label(self) -> str:
        """Its state as people read it."""
        return str(_("Approved, to be sent") if self.is_approved else self.get_state_display())

    @property
    def priced(self) -> str:
        """What was asked of whoever approves it: its lines with their quantities and prices."""
        rows = self.lines.order_by("position").values_list("product_id", "quantity", "unit_price", "per")
        return " ".join("/".join(map(str, row)) for row in rows)

    @property
    def paper_name(self) -> str:
        """The name of its paper's file, as the version it is now."""
        return f"{self.number}-v{self.version}.pdf"

    def is_over(self, today: date) -> bool:
        return self.valid_until < today


class QuoteLine(models.Model):
    """One position of a quote, with the day the customer wishes it for where one was named."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    customer_part = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit = models.CharField(max_length=8)
    ordered_quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    ordered_unit = models.CharField(max_length=8, blank=True)
    agreement_line = models.ForeignKey(AgreementLine, on_delete=models.PROTECT, null=True, related_name="+")
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    per = models.PositiveSmallIntegerField(default=1)
    price_source = models.CharField(max_length=20)
    requested_on = models.DateField(null=True)
    net = models.DecimalField(max_digits=18, decimal_places=4)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "position"], name="quote_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_price__gte=0), name="quote_line_amounts"),
        ]

    def __str__(self) -> str:
        return f"{self.quote} / {self.position}"

    @property
    def is_said_otherwise(self) -> bool:
        """True when it is asked for in another unit than the product's own."""
        return bool(self.ordered_unit) and self.ordered_unit != self.unit

    @property
    def money(self) -> Money:
        return Money(self.net, self.quote.currency)

    @property
    def price(self) -> Decimal:
        """The price of one."""
        return self.unit_price / self.per


class QuoteVersion(models.Model):
    """What a quote said when it was sent, and its paper once it has been set."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    snapshot = models.JSONField()
    sent_at = models.DateTimeField(default=clock.now)
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["quote", "version"], name="quote_version_once")]

    def __str__(self) -> str:
        return f"{self.quote} v{self.version}"

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.quote.number}-v{self.version}.pdf"
