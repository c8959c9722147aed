"""Orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import Product, Site
from comptoir.customers.models import Address, Contact, Customer
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.money import Money

MEMBER = settings.AUTH_USER_MODEL


class OrderRowsQuerySet(models.QuerySet[Any]):
    """Orders and their parts: read by every active member."""

    def visible_to(self, member: Any) -> "OrderRowsQuerySet":
        return self if member.is_active else self.none()


class Reason(models.Model):
    """A coded reason, with its words by language."""

    class Kind(models.TextChoices):
        DATE = "date", _("Date moved")
        CANCEL = "cancel", _("Cancelled")
        SPLIT = "split", _("Split")
        DELAY = "delay", _("Delay")
        HOLD = "hold", _("Hold")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=30, unique=True)
    labels = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)

    objects = OrderRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.labels.get(get_language() or "en") or self.labels.get("en") or self.code)


class OrderQuerySet(OrderRowsQuerySet):
    """Questions about orders."""

    def open(self) -> "OrderQuerySet":
        return self.filter(state__in=("confirmed", "in_fulfilment"))

    def with_holds(self) -> "OrderQuerySet":
        """Each order with `held`: its standing holds, in the same query."""
        standing = OrderHold.objects.filter(order=OuterRef("pk"), lifted_at=None).order_by("since")
        row = JSONObject(id="pk", kind="kind", note="note", since="since")
        rows: OrderQuerySet = self.annotate(held=ArraySubquery(standing.values(row=row)))
        return rows

    def late(self, today: date) -> "OrderQuerySet":
        """Orders with something promised for a day that has passed and not delivered."""
        late = ScheduleLine.objects.filter(promised_on__lt=today).exclude(state__in=ScheduleLine.DONE)
        return self.open().filter(pk__in=late.values("order_id"))


class Order(models.Model):
    """A customer's order."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        READY = "ready", _("Ready")
        CONFIRMED = "confirmed", _("Confirmed")
        IN_FULFILMENT = "in_fulfilment", _("In fulfilment")
        FULFILLED = "fulfilled", _("Fulfilled")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    LOCK_RANK: ClassVar[int] = 30

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    po_number = models.CharField(_("customer PO"), max_length=60, blank=True)
    po_key = models.CharField(max_length=60, blank=True)
    po_date = models.DateField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    incoterm = models.CharField(max_length=40, blank=True)
    terms = models.CharField(max_length=80, blank=True)
    ship_to = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    bill_to = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, default="entry")
    placed_at = models.DateTimeField(default=clock.now)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["po_key"], name="order_po"),
            models.Index(fields=["customer", "-placed_at"], name="order_customer"),
            models.Index(fields=["state", "-placed_at"], name="order_state"),
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            GinIndex(fields=["number", "po_key"], name="order_near", opclasses=["gin_trgm_ops", "gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/orders/{self.number}/"

    def is_account_of(self, member: Any) -> bool:
        return self.customer.is_account_of(member)

    @property
    def standing_holds(self) -> "list[OrderHold]":
        """What stops the order now; no query when it was read `with_holds`."""
        held: list[dict[str, Any]] | None = getattr(self, "held", None)
        if held is None:
            return list(self.holds.filter(lifted_at=None).order_by("since"))
        return [OrderHold(**(row | {"since": datetime.fromisoformat(row["since"]), "order": self})) for row in held]

    @property
    def is_confirmed(self) -> bool:
        return self.state in (self.State.CONFIRMED, self.State.IN_FULFILMENT)


class OrderHold(models.Model):
    """A named reason that stops a step, orthogonal to the state."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Credit")
        PRICE = "price", _("Price")
        DOCUMENT = "document", _("Document")
        EXPORT = "export", _("Export")
        QUALITY = "quality", _("Quality")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True)

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind"], condition=Q(lifted_at=None), name="hold_once")]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)


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
    def open_quantity(self) -> Decimal:
        return self.quantity - self.cancelled_quantity

    def net_of(self, quantity: Decimal) -> Money:
        """The net amount of a quantity, rounded half up (EN 16931, BR-DEC)."""
        return Money(quantity * self.unit_price / self.per, self.order.currency).quantized()


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
    delay_reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OrderRowsQuerySet.as_manager()

    class Meta:
        ordering = ["line__position", "position"]
        indexes = [
            models.Index(
                fields=["promised_on"], condition=~Q(state__in=("delivered", "cancelled")), name="schedule_promised"
            ),
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
        return self.state in (self.State.PROMISED, self.State.ALLOCATED) and not self.shipped_quantity

    def is_late(self, today: date) -> bool:
        return self.promised_on is not None and self.promised_on < today and self.state not in self.DONE

    @property
    def zone(self) -> str:
        return self.order.ship_to.time_zone or settings.TIME_ZONE


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
