"""Customers, contacts, identities, addresses and alerts."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.customers.identities import shown_phone
from comptoir.customers.tax import Checked, check
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.places import country_name, language_name, zone_of


class CustomerRowsQuerySet(models.QuerySet[Any]):
    """Customers and what belongs to them: read by every active member."""

    def visible_to(self, member: Any) -> "CustomerRowsQuerySet":
        return self if member.is_active else self.none()


class Customer(models.Model):
    """A company or person we sell to, or may sell to."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Person")

    class Stage(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        CUSTOMER = "customer", _("Customer")

    class Class(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    LOCK_RANK: ClassVar[int] = 10

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    sort_key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.COMPANY)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.CUSTOMER)
    customer_class = models.CharField(_("class"), max_length=2, choices=Class.choices, default=Class.B)
    language = models.CharField(_("language"), max_length=8, default="en")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    country = models.CharField(_("country"), max_length=2)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    tax_id = models.CharField(_("VAT number"), max_length=30, blank=True)
    terms = models.CharField(_("payment terms"), max_length=80, blank=True)
    incoterm = models.CharField(_("delivery terms"), max_length=40, blank=True)
    credit_limit = models.DecimalField(_("credit limit"), max_digits=18, decimal_places=4, null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    staff_member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    source = models.CharField(_("source"), max_length=80, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = CustomerRowsQuerySet.as_manager()

    class Meta:
        indexes = [
            GistIndex(fields=["sort_key"], name="customer_name_near", opclasses=["gist_trgm_ops"]),
            models.Index(fields=["sort_key"], name="customer_sort"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/customers/{self.number}/"

    @property
    def country_name(self) -> str:
        return country_name(self.country, get_language() or "en")

    @property
    def language_name(self) -> str:
        return language_name(self.language, get_language() or "en")

    @property
    def zone(self) -> str:
        """The time zone the customer lives in: its own, else its country's, else ours."""
        return self.time_zone or zone_of(self.country) or settings.TIME_ZONE

    @property
    def tax_check(self) -> Checked:
        """What can be said of the VAT number."""
        return check(self.tax_id, self.country)

    @property
    def credit(self) -> Money | None:
        """The credit limit; None when none is set."""
        return Money(self.credit_limit, self.currency) if self.credit_limit is not None else None

    def is_account_of(self, member: Any) -> bool:
        """True when the account is the member's own."""
        return bool(self.staff_member_id == member.pk)


class Contact(models.Model):
    """A person at a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    sort_key = models.CharField(max_length=150)
    position = models.CharField(_("position"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CustomerRowsQuerySet.as_manager()

    class Meta:
        indexes = [GistIndex(fields=["sort_key"], name="contact_name_near", opclasses=["gist_trgm_ops"])]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """A value by which a customer, or a person there, is recognised on a channel."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        FAX = "fax", _("Fax")
        POSTAL = "postal", _("Post")
        CHAT = "chat", _("Chat")
        EDI = "edi", _("EDI")
        PORTAL = "portal", _("Portal")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="identities")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=254)
    normal = models.CharField(max_length=254)
    is_preferred = models.BooleanField(_("preferred"), default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerRowsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "contact", "kind", "normal"], name="identity_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["kind", "normal"], name="identity_normal")]

    def __str__(self) -> str:
        return self.value

    @property
    def shown(self) -> str:
        """The value as people read it: a phone number in groups."""
        return shown_phone(self.normal) if self.kind in ("phone", "fax") else self.value


class Address(models.Model):
    """A place of a customer and the roles it has."""

    class Role(models.TextChoices):
        SHIP_TO = "ship_to", _("Ship-to")
        BILL_TO = "bill_to", _("Bill-to")
        SOLD_TO = "sold_to", _("Sold-to")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    roles = ArrayField(models.CharField(max_length=10, choices=Role.choices), default=list)
    name = models.CharField(_("name"), max_length=200)
    street = models.CharField(_("street"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100)
    city_key = models.CharField(max_length=100, default="")
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    transit_days = models.PositiveSmallIntegerField(_("transit days"), default=2)

    objects = CustomerRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.name, self.street, f"{self.postcode} {self.city}".strip(), self.country) if line]

    @property
    def role_labels(self) -> list[str]:
        """What it is used as; empty when it is used no longer."""
        return [str(role.label) for role in self.Role if role in self.roles]

    @property
    def country_name(self) -> str:
        return country_name(self.country, get_language() or "en")


class Alert(models.Model):
    """What everybody who deals with the customer has to know now."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="alerts")
    text = models.CharField(_("text"), max_length=300)
    until_on = models.DateField(_("until"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text


class Link(models.Model):
    """A way in without signing in: whoever holds its token sees one row, for one purpose, until it ends.

    Only the token's hash is kept; `token` is there for whoever issued it, this once.
    """

    token = ""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    subject_noun = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    language = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    objects = CustomerRowsQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_noun", "subject_id", "-id"], name="link_subject")]

    def __str__(self) -> str:
        return str(self.contact or self.customer)

    def is_open(self, now: datetime) -> bool:
        """True while it leads in."""
        return self.revoked_at is None and now < self.expires_at and (self.contact is None or self.contact.is_active)
