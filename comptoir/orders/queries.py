"""Reads about orders, and the orders a text speaks of."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Subquery, Sum, prefetch_related_objects

from comptoir.actions.models import LimitUse
from comptoir.catalog import queries as catalog
from comptoir.catalog.holders import names_holders, names_offers
from comptoir.catalog.models import AgreementLine, Pledge, Product, Reservation, Site, Stock
from comptoir.catalog.shelves import shelves_of
from comptoir.customers.models import Address, Customer
from comptoir.events.models import Event, EventSubject
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days, is_business_day
from comptoir.lib.invariants import Finding
from comptoir.lib.money import Money
from comptoir.lib.numbers import valid
from comptoir.lib.prepared import Prepared
from comptoir.lib.text import fold, key
from comptoir.orders.call_offs import CallOff, called_off
from comptoir.orders.models import ChangeStep, Line, Order, OrderChange, OrderVersion, ScheduleLine
from comptoir.orders.totals import Totals, totals
from comptoir.people.models import Member
from comptoir.promises.models import STANDING, Promise

NUMBER = re.compile(r"\bSO[- ]?(\d{4,12})\b", re.IGNORECASE)
TOKEN = re.compile(r"[0-9A-Za-zА-Яа-я][0-9A-Za-zА-Яа-я/._-]*\d[0-9A-Za-zА-Яа-я/._-]*")
SPACED = re.compile(r"\b([A-Z]{1,4})[ -](\d{3,10})\b")
POSITION = re.compile(
    r"\b(?:pos(?:ition|te|\.|icia|ition)?|ligne|linje|linie|line|item|riadok|polozka|pozicia|pozitsiya|red)"
    r"\s*(?:n[o°.]*|nr\.?|no\.?|#)?\s*(\d{1,4})\b"
)


@dataclass(frozen=True, slots=True)
class Found:
    """An order a text names, how it was recognised, and the positions named; `is_certain` when it is this customer's."""

    order: Order
    how: str
    positions: tuple[int, ...]
    is_certain: bool


def positions_in(text: str) -> tuple[int, ...]:
    """Positions of an order named in a text in any of our languages, in the order of their first mention."""
    return tuple(dict.fromkeys(int(n) for n in POSITION.findall(fold(text))))


def find_in_text(text: str, customer: Customer | None) -> list[Found]:
    """The orders a text names by our number (its check digit holds) or by the customer's purchase order number."""
    text = text[:20_000]
    positions = positions_in(text)
    found: dict[int, Found] = {}
    numbers = {f"SO-{n}" for n in NUMBER.findall(text) if valid(n)}
    for order in Order.objects.filter(number__in=numbers).select_related("customer") if numbers else []:
        mine = customer is None or order.customer_id == customer.pk
        found[order.pk] = Found(order, "number", positions, mine)
    keys = {key(t) for t in TOKEN.findall(text)} | {key(a + b) for a, b in SPACED.findall(text)}
    keys = {k for k in keys if len(k) >= 4 and any(c.isdigit() for c in k)}
    if customer is not None:
        theirs = Order.objects.filter(customer=customer).exclude(po_key="").values_list("pk", "po_key") if keys else []
        named = [pk for pk, po_key in theirs if po_key in keys or _digits_named(po_key, keys)]
        for order in Order.objects.filter(pk__in=named).select_related("customer").order_by("pk") if named else []:
            found.setdefault(order.pk, Found(order, "po", positions, True))
    else:
        for order in Order.objects.filter(po_key__in=keys).select_related("customer")[:5]:
            found.setdefault(order.pk, Found(order, "po", positions, False))
    return list(found.values())


def _digits_named(po_key: str, keys: set[str]) -> bool:
    """«n° 77341» for PO-77341: the digits alone, when there are five or more."""
    digits = re.sub(r"\D", "", po_key)
    return len(digits) >= 5 and digits in keys


def lines_of(orders: Iterable[Order]) -> dict[int, list[Line]]:
    """The lines of some orders, by the order's id, with products and schedule lines (two queries for all of them)."""
    found: dict[int, list[Line]] = {order.pk: [] for order in orders}
    rows = Line.objects.filter(order__in=found).order_by("order", "position") if found else Line.objects.none()
    for line in rows.select_related("product").prefetch_related("schedule_lines"):
        found[line.order_id].append(line)
    return found


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A schedule line and what has to be said about it: late or at risk, by how many days, what is set aside."""

    row: ScheduleLine
    mark: str
    days: int
    reserved: Decimal | None
    reserved_for: date | None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with its schedule lines and their sums."""

    line: Line
    rows: list[RowFacts]
    shipped: Decimal
    delivered: Decimal

    @property
    def to_ship(self) -> Decimal:
        return self.line.open_quantity - self.shipped

    @property
    def net(self) -> Money:
        return Money(self.line.net, self.line.order.currency)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An order's lines, its sums, and how many schedule lines are late or at risk."""

    lines: list[LineFacts]
    totals: Totals
    late: int
    at_risk: int


def sheet(order: Order) -> Sheet:
    """Everything about the order's lines (two queries)."""
    prefetch_related_objects(
        [order],
        Prefetch("lines", Line.objects.select_related("product", "agreement_line__agreement")),
        Prefetch("lines__schedule_lines", _rows()),
    )
    today = clock.today(order.ship_to.time_zone or None)
    lines = [_line_facts(order, line, today) for line in order.lines.all()]
    marks = [row.mark for line in lines for row in line.rows]
    return Sheet(lines, totals(order), marks.count("late"), marks.count("at_risk"))


def _rows() -> QuerySet[ScheduleLine]:
    """Schedule lines, each with what is set aside for it and whether its promise is at risk."""
    held = Reservation.objects.filter(schedule_line_id=OuterRef("pk"))
    risky = Promise.objects.filter(subject_noun="scheduleline", subject_id=OuterRef("pk"), state="at_risk")
    rows: QuerySet[ScheduleLine] = ScheduleLine.objects.select_related("delay_reason", "supplied_from").annotate(
        reserved=Subquery(held.values("quantity")[:1]),
        reserved_for=Subquery(held.values("needed_on")[:1]),
        promise_at_risk=Exists(risky),
    )
    return rows


def _line_facts(order: Order, line: Line, today: date) -> LineFacts:
    rows: list[Any] = list(line.schedule_lines.all())
    for row in rows:
        row.order = order
    facts = [RowFacts(row, *marked(row, today, row.promise_at_risk), row.reserved, row.reserved_for) for row in rows]
    shipped = sum((row.shipped_quantity for row in rows), Decimal(0))
    return LineFacts(line, facts, shipped, sum((row.delivered_quantity for row in rows), Decimal(0)))


def marked(row: ScheduleLine, today: date, promise_at_risk: bool = False) -> tuple[str, int]:
    """`late` with the days since the promised one, `at_risk` with the days it is expected later, or nothing."""
    if row.promised_on is None or row.state in ScheduleLine.DONE:
        return "", 0
    if row.promised_on < today:
        return "late", (today - row.promised_on).days
    behind = max((row.expected_on - row.promised_on).days, 0) if row.expected_on else 0
    return ("at_risk", behind) if behind or promise_at_risk else ("", 0)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A version, the change it came from, and who confirmed and approved it."""

    version: OrderVersion
    change: OrderChange | None
    by: Member | None
    approver: Member | None


def versions_of(order: Order) -> list[Confirmed]:
    """What was confirmed, the newest first (four queries)."""
    steps = Prefetch("steps", ChangeStep.objects.select_related("schedule_line__line"))
    changes = order.changes.select_related("reason", "by").prefetch_related(steps)
    by_version = {change.version_to: change for change in changes}
    subjects = EventSubject.objects.filter(noun="order", object_id=order.pk)
    told = Event.objects.filter(verb="orders.confirmed", pk__in=subjects.values("event_id"))
    events: dict[Any, Any] = {e.data.get("version"): e for e in told.select_related("actor", "approver")}
    result = []
    for version in order.versions.defer("snapshot").select_related("file").order_by("-version"):
        change, event = by_version.get(version.version), events.get(version.version)
        by = event.actor if event else change.by if change else None
        result.append(Confirmed(version, change, by, event.approver if event else None))
    return result


@dataclass(frozen=True, slots=True)
class Promised:
    """The promises of one schedule line, the first one first."""

    row: ScheduleLine
    promises: list[Promise]


def promises_of(order: Order) -> list[Promised]:
    """What was promised on each schedule line and what became of it (two queries)."""
    rows = list(order.schedule_lines.select_related("line"))
    made = Promise.objects.filter(subject_noun="scheduleline", subject_id__in=[row.pk for row in rows])
    found: dict[int, list[Promise]] = {}
    for promise in made.select_related("owner", "made_by").order_by("made_at", "pk"):
        found.setdefault(promise.subject_id, []).append(promise)
    return [Promised(row, found[row.pk]) for row in rows if row.pk in found]


def twin_of(customer: Customer, po_number: str) -> Order | None:
    """The standing order in which the customer used this purchase order number before, however it was spelled."""
    if not (wanted := key(po_number)):
        return None
    return TWINS.first(customer.pk, wanted)


TWINS = Prepared(
    lambda customer, po_key: (
        Order.objects.filter(customer_id=customer, po_key=po_key)
        .exclude(state=Order.State.CANCELLED)
        .order_by("pk")[:1]
    )
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a line would be: its price, what is free now, and the first day it can arrive (None: no supply planned).

    `others` are the agreements its price could be taken from as well, the next one first.
    """

    product: Product
    quoted: catalog.Quoted | None
    net: Money | None
    free: Decimal
    arrives_on: date | None
    others: list[CallOff] = field(default_factory=list)


def offer(
    customer: Customer,
    place: Address,
    site: Site,
    product: Product,
    quantity: Decimal,
    price: Decimal | None = None,
    agreed: AgreementLine | None = None,
) -> Offer:
    """What we can say about a line while it is being typed, by the price or the agreement that is named."""
    today = clock.today()
    lines = catalog.agreements_of(customer, product, quantity, today)
    taken = agreed or next(iter(lines), None)
    if price is not None:
        quoted: catalog.Quoted | None = catalog.Quoted(price, 1, "manual")
    else:
        quoted = catalog.by_agreement(taken) if taken else catalog.price_without(customer, product, quantity, today)
    return replace(_offered(customer, place, site, product, quantity, quoted), others=_others(lines, quoted))


def _others(lines: list[AgreementLine], quoted: catalog.Quoted | None) -> list[CallOff]:
    """The other agreements on the product, with what is left of them, in a ring after the one that is taken."""
    taken = quoted.reference if quoted else ""
    at = next((n for n, line in enumerate(lines, 1) if line.agreement.number == taken), 0)
    others = [line for line in lines[at:] + lines[:at] if line.agreement.number != taken]
    called = called_off([line.pk for line in others]) if others else {}
    return [CallOff(line, called.get(line.pk, Decimal(0))) for line in others]


def _offered(
    customer: Customer,
    place: Address,
    site: Site,
    product: Product,
    quantity: Decimal,
    quoted: catalog.Quoted | None,
) -> Offer:
    today = clock.today()
    net = Money(quantity * quoted.unit_price / quoted.per, customer.currency).quantized() if quoted else None
    stock = Stock.objects.filter(product=product, site=site).first()
    if stock is None:
        return Offer(product, quoted, net, Decimal(0), None)
    shelf = shelves_of([stock], today)[stock.pk]
    leaves = shelf.first(quantity)
    free = max(shelf.levels()[0].available, Decimal(0))
    return Offer(product, quoted, net, free, arrival(leaves, place, site) if leaves else None)


def arrival(leaves: date, place: Address, site: Site) -> date:
    """When goods that can leave on a day arrive: they leave and travel on working days of both sides."""
    while not (is_business_day(leaves, site.country) and is_business_day(leaves, place.country)):
        leaves += timedelta(days=1)
    return add_business_days(leaves, max(place.transit_days, 1), place.country)


def invariants() -> list[Finding]:
    """Quantities that do not add up, and dates that are not their promise's."""
    sums = Line.objects.annotate(planned=Sum("schedule_lines__quantity"))
    off = sums.exclude(planned=F("quantity") - F("cancelled_quantity"))
    rows = [str(line.pk) for line in off[:5]]
    due = Promise.objects.filter(
        subject_noun="scheduleline", kind="deliver", state__in=STANDING, subject_id=OuterRef("pk")
    )
    promised = ScheduleLine.objects.annotate(due_on=Subquery(due.values("due_on")[:1])).exclude(due_on=None)
    apart = promised.exclude(promised_on=F("due_on"))
    risky = Promise.objects.standing().filter(subject_noun="scheduleline", at_risk_at__isnull=False)
    unmarked = {line for _stock, line in catalog.short()} ^ set(risky.values_list("subject_id", flat=True))
    added = Order.objects.annotate(n=Count("lines"), total=Sum("lines__net"))
    summed = added.exclude(sum__lines=F("n"), sum__net=F("total"))
    ended = OrderChange.objects.filter(state__in=OrderChange.OFF)
    kept = LimitUse.objects.filter(subject_noun="orderchange", given_back_at=None)
    off_uses = kept.filter(subject_id__in=ended.values("pk")).values_list("subject_id", flat=True)
    asked = OrderChange.objects.filter(state__in=("offered", "accepted"))
    pledged = Pledge.objects.exclude(change_id__in=asked.values("pk")).values_list("change_id", flat=True)
    from comptoir.orders import demand

    return [
        *demand.invariants(),
        Finding("Schedule lines do not add up to their line", off.count(), rows),
        Finding("An order's sum is not its lines'", summed.count(), [order.number for order in summed[:5]]),
        Finding("At risk is not who lacks goods", len(unmarked), [str(pk) for pk in sorted(unmarked)[:5]]),
        Finding(
            "Freight of a change that is off still counts against a limit",
            off_uses.count(),
            [str(pk) for pk in off_uses[:5]],
        ),
        Finding("Goods are kept back for a change that is off", pledged.count(), [str(pk) for pk in pledged[:5]]),
        Finding("A promised date is not its promise's", apart.count(), [str(row.pk) for row in apart[:5]]),
    ]


@names_offers
def names_of_offers(change_ids: Collection[int]) -> list[str]:
    """The orders that offers are about, with their customers and who offered; those offered first first."""
    rows = OrderChange.objects.filter(pk__in=change_ids).order_by("pk")
    return [f"{n} ({c}, {who})" for n, c, who in rows.values_list("order__number", "order__customer__name", "by__name")]


@names_holders
def names_of(schedule_line_ids: Collection[int]) -> list[str]:
    """The orders that schedule lines belong to, with their customers and whose they are, the first promised first."""
    rows = ScheduleLine.objects.filter(pk__in=schedule_line_ids).order_by("promised_on", "pk")
    named = rows.values_list("order__number", "order__customer__name", "order__customer__owner__name")
    return list(
        dict.fromkeys(f"{n} ({customer}, {owner})" if owner else f"{n} ({customer})" for n, customer, owner in named)
    )
