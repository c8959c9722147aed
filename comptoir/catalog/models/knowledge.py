"""What a rep has to know of a product besides its numbers: pictures and sheets, known problems, what freight costs."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models.goods import CatalogQuerySet, Product
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.money import Money


class ProductFile(models.Model):
    """A picture of a product, or a sheet about it."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        SHEET = "sheet", _("Data sheet")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=150)
    added_at = models.DateTimeField(default=clock.now)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["product", "file"], name="product_file_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product-file", args=[self.pk])


class ProductNote(models.Model):
    """A problem known of a product, or anything else to say before it is promised, while it holds."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("text"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="product_note_days"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def holds_on(self, day: date) -> bool:
        """True while it is valid."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class FreightZone(models.Model):
    """What freight to some countries costs about: a fixed part and one by weight, those of a faster one where known, by whom."""

    LOCK_RANK: ClassVar[int] = 34

    name = models.CharField(_("zone"), max_length=60, unique=True)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"))
    fixed = models.DecimalField(_("fixed part"), max_digits=12, decimal_places=2)
    per_kg = models.DecimalField(_("for each kg"), max_digits=12, decimal_places=2)
    fast_fixed = models.DecimalField(_("fixed part of a faster one"), max_digits=12, decimal_places=2, null=True)
    fast_per_kg = models.DecimalField(_("for each kg of a faster one"), max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    source = models.CharField(_("source"), max_length=120)
    valid_from = models.DateField(_("valid from"))

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(fixed__gte=0, per_kg__gte=0), name="freight_zone_amounts"),
            models.CheckConstraint(
                condition=Q(fast_fixed=None, fast_per_kg=None) | Q(fast_fixed__gte=0, fast_per_kg__gte=0),
                name="freight_zone_fast_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def cost_of(self, weight_kg: Decimal) -> Money:
        """About what so many kilograms cost."""
        return Money(self.fixed + self.per_kg * weight_kg, self.currency).quantized()

    def extra_of(self, weight_kg: Decimal) -> Money | None:
        """About what so many kilograms cost more by a faster transport; None where no tariff of one is known."""
        if self.fast_fixed is None or self.fast_per_kg is None:
            return None
        fast = Money(self.fast_fixed + self.fast_per_kg * weight_kg, self.currency).quantized()
        return max(fast - self.cost_of(weight_kg), Money(Decimal(0), self.currency))
