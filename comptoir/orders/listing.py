"""The list of orders: filters, counts of its tabs, one page after a key, sums."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.text import fold, key
from comptoir.orders.models import Line, Order, OrderHold, ScheduleLine
from comptoir.orders.queries import marked
from comptoir.people.models import Member
from comptoir.promises.models import Promise

TABS = ("open", "unconfirmed", "late", "risk", "held", "all")
SORTS = ("due", "newest")
PAGE = 50
EXPORT_PAGE = 1_000
NEVER = date.max


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the orders is shown; `customer` is a number, `dates` says which of the dates `start` and `end` are about."""

    tab: str = "open"
    state: str = ""
    customer: str = ""
    owner: int | None = None
    text: str = ""
    dates: str = "promised"
    start: date | None = None
    end: date | None = None
    sort: str = "due"

    @property
    def by_due(self) -> bool:
        """All orders there ever were have no due day to go by: they come newest first."""
        return self.sort == "due" and self.tab != "all"


@dataclass(frozen=True, slots=True)
class Row:
    """An order of the list with what stands on its row; dates are the earliest of what is still to arrive."""

    order: Order
    holds: list[OrderHold]
    requested_on: date | None
    first_promised_on: date | None
    promised_on: date | None
    expected_on: date | None
    mark: str
    days: int
    lines: int
    net: Money


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and the key after which the next begins."""

    rows: list[Row]
    after: str


def matching(member: Member, filters: Filters) -> QuerySet[Order]:
    """The orders all filters but the tab let through."""
    rows: QuerySet[Order] = Order.objects.visible_to(member)
    if filters.state in Order.State.values:
        rows = rows.filter(state=filters.state)
    if filters.customer:
        rows = rows.filter(customer__in=Customer.objects.filter(number=filters.customer).values("pk"))
    if filters.owner:
        rows = rows.filter(customer__in=Customer.objects.filter(owner_id=filters.owner).values("pk"))
    if filters.start or filters.end:
        rows = rows.filter(pk__in=_dated(filters).values("order_id"))
    return rows.filter(_named(filters.text)) if filters.text.strip() else rows


def _dated(filters: Filters) -> QuerySet[ScheduleLine]:
    field = "requested_on" if filters.dates == "requested" else "promised_on"
    rows: QuerySet[ScheduleLine] = ScheduleLine.objects.exclude(quantity=0)
    if filters.start:
        rows = rows.filter(**{f"{field}__gte": filters.start})
    return rows.filter(**{f"{field}__lte": filters.end}) if filters.end else rows


def _named(text: str) -> Q:
    """Part of our number, of the customer's purchase order however it is spelled, or of the customer's name."""
    wanted, named = key(text), Q(number__contains=text.strip().upper())
    if wanted:
        named |= Q(po_key__contains=wanted)
    if len(wanted) > 2 and not wanted.isdigit():
        named |= Q(
            customer__in=list(Customer.objects.filter(sort_key__contains=fold(text)).values_list("pk", flat=True))
        )
    return named


def in_tab(rows: QuerySet[Order], tab: str) -> QuerySet[Order]:
    """The orders of one tab."""
    today = clock.today()
    if tab == "unconfirmed":
        return rows.filter(state__in=("draft", "ready"))
    if tab == "held":
        return rows.filter(pk__in=OrderHold.objects.filter(lifted_at=None).values("order_id"))
    if tab == "all":
        return rows
    rows = rows.filter(state__in=("confirmed", "in_fulfilment"))
    if tab == "late":
        return rows.filter(pk__in=_undone().filter(promised_on__lt=today).values("order_id"))
    if tab == "risk":
        return rows.filter(pk__in=_in_danger().values("order_id"))
    return rows


def _undone() -> QuerySet[ScheduleLine]:
    rows: QuerySet[ScheduleLine] = ScheduleLine.objects.exclude(state__in=ScheduleLine.DONE)
    return rows


def _in_danger() -> QuerySet[ScheduleLine]:
    """Undelivered with a promise at risk or broken, or expected later than promised."""
    bad = Promise.objects.filter(subject_noun="scheduleline", state__in=("at_risk", "broken"))
    return _undone().filter(Q(pk__in=bad.values("subject_id")) | Q(expected_on__gt=F("promised_on")))


def counts(member: Member, filters: Filters) -> dict[str, int]:
    """How many orders each tab holds, in one query that counts every tab by its own index."""
    rows = matching(member, filters)
    parts = [in_tab(rows, tab).order_by().values(name=Value(tab)).annotate(n=Count("pk")) for tab in TABS]
    found = {part["name"]: part["n"] for part in parts[0].union(*parts[1:], all=True)}
    return {tab: found.get(tab, 0) for tab in TABS}


def sums(member: Member, filters: Filters) -> list[Money]:
    """The net of the open orders among those shown, by currency."""
    shown = in_tab(matching(member, filters), filters.tab).filter(state__in=("confirmed", "in_fulfilment"))
    by_currency = Line.objects.filter(order__in=shown.order_by().values("pk")).values("order__currency")
    found = by_currency.annotate(total=Sum("net")).order_by("-total")
    return [Money(row["total"], row["order__currency"]) for row in found]


def page(member: Member, filters: Filters, after: str = "", size: int = PAGE) -> Page:
    """The rows after a key: by the day something is due, or the newest first (four queries)."""
    rows = in_tab(matching(member, filters), filters.tab)
    keyed = _by_due(rows, after) if filters.by_due else _by_age(rows, after)
    keys = list(keyed[: size + 1])
    shown = [pk for pk, _value in keys[:size]]
    full = Order.objects.with_holds().select_related("customer__owner").in_bulk(shown)
    last_pk, last_value = keys[size - 1] if len(keys) > size else (0, None)
    next_key = f"{last_value.isoformat()}_{last_pk}" if last_value else ""
    return Page(_facts([full[pk] for pk in shown if pk in full]), next_key)


def every_row(member: Member, filters: Filters) -> Iterator[Row]:
    """All rows of the filter, read in pages."""
    after: str | None = ""
    while after is not None:
        part = page(member, filters, after, EXPORT_PAGE)
        yield from part.rows
        after = part.after or None


def _by_due(rows: QuerySet[Order], after: str) -> QuerySet[Any, tuple[int, Any]]:
    due = _undone().filter(order=OuterRef("pk")).annotate(day=Coalesce("promised_on", "requested_on"))
    dated = rows.annotate(due=Coalesce(Subquery(due.order_by("day").values("day")[:1]), Value(NEVER)))
    day, pk = _key(after, date.fromisoformat)
    if day:
        dated = dated.filter(Q(due__gt=day) | Q(due=day, pk__gt=pk))
    return dated.order_by("due", "pk").values_list("pk", "due")


def _by_age(rows: QuerySet[Order], after: str) -> QuerySet[Any, tuple[int, Any]]:
    moment, pk = _key(after, datetime.fromisoformat)
    if moment:
        rows = rows.filter(Q(placed_at__lt=moment) | Q(placed_at=moment, pk__lt=pk))
    return rows.order_by("-placed_at", "-pk").values_list("pk", "placed_at")


def _key(after: str, read: Any) -> tuple[Any, int]:
    value, _underscore, pk = after.rpartition("_")
    try:
        return read(value), int(pk)
    except ValueError:
        return None, 0


def _facts(orders: list[Order]) -> list[Row]:
    ids = [order.pk for order in orders]
    schedule: dict[int, list[ScheduleLine]] = {}
    for row in ScheduleLine.objects.filter(order__in=ids).order_by("promised_on", "requested_on", "pk"):
        schedule.setdefault(row.order_id, []).append(row)
    totals = Line.objects.filter(order__in=ids).values("order_id").annotate(total=Sum("net"), n=Count("pk"))
    nets = {row["order_id"]: (row["total"], row["n"]) for row in totals}
    return [_row(order, schedule.get(order.pk, []), *nets.get(order.pk, (Decimal(0), 0))) for order in orders]


def _row(order: Order, rows: list[ScheduleLine], net: Decimal, lines: int) -> Row:
    """The row of the earliest part still to arrive; of a finished order, of its last one."""
    undone = [row for row in rows if row.state not in ScheduleLine.DONE]
    row = undone[0] if undone else rows[-1] if rows else None
    today = clock.today()
    marks = [marked(part, today) for part in undone]
    mark, days = max(marks, key=lambda m: (m[0] == "late", m[0] == "at_risk", m[1]), default=("", 0))
    expected = max((part.expected_on for part in undone if part.expected_on), default=None)
    return Row(
        order=order, holds=order.standing_holds, mark=mark, days=days, lines=lines, net=Money(net, order.currency),
        requested_on=row.requested_on if row else None, promised_on=row.promised_on if row else None,
        first_promised_on=row.first_promised_on if row else None, expected_on=expected,
    )  # fmt: skip
