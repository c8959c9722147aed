"""What a customer and we agreed on: prices for a while, or a quantity called off bit by bit."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models.goods import CatalogQuerySet, Product
from comptoir.customers.models import Customer
from comptoir.files.models import File
from comptoir.lib import clock

PICTURE = "image/webp"


class Agreement(models.Model):
    """Prices agreed with a customer for a while; a blanket agreement names the quantities to be called off too."""

    class Kind(models.TextChoices):
        PRICES = "prices", _("Prices")
        BLANKET = "blanket", _("Blanket order")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OFFERED = "offered", _("Offered")
        COUNTERED = "countered", _("Countered")
        SIGNED = "signed", _("Signed")
        REVIEW_DUE = "review_due", _("Review due")
        RENEWED = "renewed", _("Renewed")
        ENDED = "ended", _("Ended")

    LOCK_RANK: ClassVar[int] = 33
    OPEN: ClassVar[tuple[str, ...]] = ("draft", "offered", "countered")
    BINDING: ClassVar[tuple[str, ...]] = ("signed", "review_due", "renewed")

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PRICES)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    review_on = models.DateField(_("review due"))
    minimum_order = models.DecimalField(_("minimum order value"), max_digits=18, decimal_places=4, null=True)
    lead_days = models.PositiveSmallIntegerField(_("lead time (days)"), null=True)
    terms = models.TextField(_("terms"), blank=True)
    signed_on = models.DateField(_("signed"), null=True)
    signed_by = models.CharField(_("signed by"), max_length=120, blank=True)
    renews = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="renewal")
    paper = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "valid_until"], name="agreement_of_customer"),
            models.Index(fields=["review_on"], condition=Q(state="signed"), name="agreement_review"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__lte=F("valid_until"), review_on__lte=F("valid_until")), name="agreement_days"
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/agreements/{self.number}/"

    def is_account_of(self, member: Any) -> bool:
        return self.customer.is_account_of(member)

    @property
    def is_open(self) -> bool:
        """True while its terms may change."""
        return self.state in self.OPEN

    @property
    def paper_name(self) -> str:
        """The name of its paper's file."""
        return f"{self.number}.pdf"

    def holds_on(self, day: date) -> bool:
        """True when it binds on a day."""
        return self.state in self.BINDING and self.valid_from <= day <= self.valid_until


class AgreementLine(models.Model):
    """A product of an agreement: its price, from which quantity on, and how much is to be called off in all."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="agreement_lines")
    unit_price = models.DecimalField(_("price"), max_digits=18, decimal_places=6)
    per = models.PositiveSmallIntegerField(default=1)
    minimum_quantity = models.DecimalField(_("least in a call-off"), max_digits=14, decimal_places=3, default=1)
    blanket_quantity = models.DecimalField(_("quantity in all"), max_digits=14, decimal_places=3, null=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["product__number", "minimum_quantity"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "product", "minimum_quantity"], name="agreement_line_once"),
            models.CheckConstraint(
                condition=Q(per__in=(1, 100), unit_price__gte=0, minimum_quantity__gt=0)
                & (Q(blanket_quantity=None) | Q(blanket_quantity__gt=Decimal(0))),
                name="agreement_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement.number}: {self.product.number}"


class AgreementFile(models.Model):
    """The agreement as it was signed, or what else was sent about it: a PDF, or a picture of the paper."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=150)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "file"], name="agreement_file_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreement-file", args=[self.pk])

    @property
    def is_picture(self) -> bool:
        """True for one that can be shown in a page."""
        return self.file.content_type == PICTURE
