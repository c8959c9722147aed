"""Products and what can be promised of them."""

from datetime import date, time
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Customer
from comptoir.lib import clock


class CatalogQuerySet(models.QuerySet[Any]):
    """The catalogue is read by every active member."""

    def visible_to(self, member: Any) -> "CatalogQuerySet":
        return self if member.is_active else self.none()


class Product(models.Model):
    """Something sold: goods or a service."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDING = "ending", _("Running out")
        ENDED = "ended", _("No longer sold")

    LOCK_RANK: ClassVar[int] = 35

    number = models.CharField(_("part number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    sort_key = models.CharField(max_length=200)
    description = models.TextField(_("description"), blank=True)
    unit = models.CharField(_("unit"), max_length=8, default="pcs")
    weight_kg = models.DecimalField(_("weight (kg)"), max_digits=10, decimal_places=3, null=True)
    tax_category = models.CharField(_("tax category"), max_length=4, default="S")
    lead_days = models.PositiveSmallIntegerField(_("lead time (days)"), default=14)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [GistIndex(fields=["sort_key"], name="product_name_near", opclasses=["gist_trgm_ops"])]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return f"/products/{quote(self.number)}/"


class ProductUnit(models.Model):
    """Another unit a product is ordered in, and how many of its own unit that is: one box = 12 pcs."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="units")
    unit = models.CharField(_("unit"), max_length=8)
    factor = models.DecimalField(_("how many of its own unit"), max_digits=14, decimal_places=3)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["factor"]
        constraints = [
            models.UniqueConstraint("product", Lower("unit"), name="product_unit_once"),
            models.CheckConstraint(condition=models.Q(factor__gt=0), name="product_unit_factor"),
        ]

    def __str__(self) -> str:
        return f"1 {self.unit} = {self.factor.normalize():f} {self.product.unit}"


class ProductLink(models.Model):
    """A product that can stand for another, goes with it, or follows it."""

    class Kind(models.TextChoices):
        SUBSTITUTE = "substitute", _("Substitute")
        ACCESSORY = "accessory", _("Accessory")
        SUCCESSOR = "successor", _("Successor")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_two_way = models.BooleanField(_("holds the other way round too"), default=False)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "other", "kind"], name="product_link_once"),
            models.CheckConstraint(condition=~models.Q(product=models.F("other")), name="product_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.product.number} → {self.other.number}"


class CustomerPart(models.Model):
    """A customer's own number for a product."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="parts")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="customer_parts")
    part_number = models.CharField(max_length=60)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "part_number"], name="customer_part_once")]

    def __str__(self) -> str:
        return self.part_number


class Price(models.Model):
    """A price of the list, of a customer class or of one customer, from a quantity on, while it is valid."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="prices")
    customer_class = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3)
    minimum_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=1)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    per = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["product", "currency", "valid_from"], name="price_of_product")]
        constraints = [models.CheckConstraint(condition=models.Q(per__in=(1, 100)), name="price_per_1_or_100")]

    def __str__(self) -> str:
        return f"{self.unit_price.normalize():f} {self.currency}" + (f" / {self.per}" if self.per != 1 else "")

    def holds_on(self, day: date) -> bool:
        """True while it is valid."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class TaxRate(models.Model):
    """The rate of a tax category in a country from a day on (EN 16931 categories: S, Z, E, K, G, …)."""

    country = models.CharField(max_length=2)
    category = models.CharField(max_length=4)
    rate = models.DecimalField(max_digits=6, decimal_places=3)
    valid_from = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "category", "valid_from"], name="tax_rate_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.category} {self.rate}"


class Site(models.Model):
    """A place that keeps stock; its legal name and address head the papers of orders from there.

    The opening hours of the first one are the desk's: on its working days, clocks run in them.
    """

    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=50)
    company = models.CharField(_("legal name"), max_length=120, blank=True)
    address = models.TextField(_("address"), blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    tax_id = models.CharField(_("VAT number"), max_length=30, blank=True)
    opens_at = models.TimeField(_("opens at"), default=time(8), db_default=time(8))
    closes_at = models.TimeField(_("closes at"), default=time(17), db_default=time(17))

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(opens_at__lt=models.F("closes_at")), name="site_hours")
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """What lies at a site of a product; the row acts contend for."""

    LOCK_RANK: ClassVar[int] = 40

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="stock")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stock")
    on_hand = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    is_short = models.BooleanField(default=False)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "site"], name="stock_once"),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="stock_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} @ {self.site}"


class Supply(models.Model):
    """A receipt that is planned."""

    stock = models.ForeignKey(Stock, on_delete=models.CASCADE, related_name="supplies")
    due_on = models.DateField(_("due"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    reference = models.CharField(_("reference"), max_length=40, blank=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["stock", "due_on"], name="supply_due")]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.due_on}"


class Reservation(models.Model):
    """Stock or supply set aside for a schedule line, needed on the day it has to leave."""

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="reservations")
    schedule_line_id = models.BigIntegerField(unique=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    needed_on = models.DateField()

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["stock", "needed_on"], include=["quantity"], name="reservation_needed")]
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="reservation_positive")]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.schedule_line_id}"


class Pledge(models.Model):
    """Goods kept back, from the day they would leave, for what is offered to a customer until a day.

    A later row of the same offer below zero gives back what the order has set aside from then on anyway. `is_covered` is what was
    said of it last: false from when the goods are found not to lie there until they do again.
    """

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="pledges")
    change_id = models.BigIntegerField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    needed_on = models.DateField()
    until = models.DateField()
    is_covered = models.BooleanField(default=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["change_id"], name="pledge_of_change")]

    def __str__(self) -> str:
        return f"{self.quantity} for change {self.change_id} until {self.until}"


class Batch(models.Model):
    """A table somebody sent: looked at first, then applied as one act, and undone as one."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", _("Looked at")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    LOCK_RANK: ClassVar[int] = 34

    name = models.CharField(max_length=150)
    text = models.TextField()
    decimal_sign = models.CharField(max_length=1, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKED_AT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True)
    done = models.JSONField(default=list)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="batch_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/product-tables/{self.pk}/"
