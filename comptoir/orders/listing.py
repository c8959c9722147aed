"""The list of orders: one page after a key, counts that stop at a thousand, sums of all that is filtered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.filters import TABS, Filters, in_tab, matching, undone
from comptoir.orders.models import Order, OrderHold, OrderSum, ScheduleLine
from comptoir.orders.queries import marked
from comptoir.people.models import Member

PAGE = 50
EXPORT_PAGE = 1_000
MOST_COUNTED = 1_000
NEVER = date.max
Orders = QuerySet[Order]
KEYS: dict[str, tuple[str, str, Any]] = {
    "newest": ("-placed_at", "-pk", datetime.fromisoformat),
    "oldest": ("placed_at", "pk", datetime.fromisoformat),
    "customer": ("customer__sort_key", "pk", str),
    "value": ("-sum__net", "-sum__pk", Decimal),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An order of the list with what stands on its row; dates are the earliest of what is still to arrive."""

    order: Order
    holds: list[OrderHold]
    requested_on: date | None
    first_promised_on: date | None
    promised_on: date | None
    expected_on: date | None
    ship_by_on: date | None
    mark: str
    days: int
    lines: int
    net: Money


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and the key after which the next begins."""

    rows: list[Row]
    after: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many orders are filtered in one currency, and what they come to."""

    orders: int
    net: Money


def shown(member: Member, filters: Filters, rows: Orders | None = None) -> Orders:
    """The orders of the tab which the filters let through; `rows` are those of any tab, where somebody has them already."""
    return in_tab(matching(member, filters) if rows is None else rows, filters.tab)


def counts(
    member: Member, filters: Filters, views: Mapping[str, Filters] | None = None, rows: Orders | None = None
) -> dict[str, int]:
    """How many orders each tab holds under the filters, and each view under its own, in one query.

    Nobody counts further than a thousand: 1,001 says there are more.
    """
    rows = matching(member, filters) if rows is None else rows
    asked = {tab: in_tab(rows, tab) for tab in TABS} | {
        name: shown(member, view) for name, view in (views or {}).items()
    }
    found, parts, inputs = dict.fromkeys(asked, 0), [], []
    for name, part in asked.items():
        try:
            sql, given = part.order_by().values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, count(*) FROM ({sql}) AS part")
        inputs += [name, *given]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), inputs)
        return found | dict(cursor.fetchall())


def totals(member: Member, filters: Filters, rows: Orders | None = None) -> list[Total]:
    """What all orders filtered come to, by currency, the cancelled ones left out; the largest first."""
    of = shown(member, filters, rows).exclude(state=Order.State.CANCELLED).order_by()
    sums = OrderSum.objects.filter(order__in=of.values("pk")).values("order__currency")
    found = sums.annotate(total=Sum("net"), n=Count("pk")).order_by("-total")
    return [Total(row["n"], Money(row["total"], row["order__currency"])) for row in found]


def page(member: Member, filters: Filters, after: str = "", size: int = PAGE, rows: Orders | None = None) -> Page:
    """The rows after a key (three queries; one more at the end of what is due)."""
    rows = shown(member, filters, rows)
    keys = (
        _by_due(rows, after, size + 1, filters) if filters.by == "due" else _by_key(rows, filters.by, after, size + 1)
    )
    last_pk, last = keys[size - 1] if len(keys) > size else (0, None)
    return Page(rows_of([pk for pk, _value in keys[:size]]), f"{_written(last)}_{last_pk}" if last_pk else "")


def rows_of(ids: list[int]) -> list[Row]:
    """The rows of some orders, in this order (two queries)."""
    full = Order.objects.with_holds().select_related("customer__owner", "sum", "site", "ship_to").in_bulk(ids)
    return _facts([full[pk] for pk in ids if pk in full])


def every_row(member: Member, filters: Filters, most: int) -> Iterator[Row]:
    """The rows of the filter read in pages, at most so many."""
    after: str | None = ""
    while after is not None and most > 0:
        part = page(member, filters, after, min(EXPORT_PAGE, most))
        yield from part.rows
        most -= len(part.rows)
        after = part.after or None


def newer(member: Member, filters: Filters, since: datetime) -> int:
    """How many orders the list would show that were placed since."""
    return shown(member, filters).filter(placed_at__gt=since).order_by().values("pk")[: MOST_COUNTED + 1].count()


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _by_due(rows: Orders, after: str, size: int, filters: Filters) -> list[tuple[int, Any]]:
    """Ids by the first day something is due: read along the index of days, so that a page costs the same in any crowd."""
    due = undone().annotate(day=Coalesce("promised_on", "requested_on"))
    day, pk = _key(after, date.fromisoformat)
    found: list[tuple[int, Any]] = []
    if day != NEVER:
        sooner = Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
        first = due.filter(~Exists(due.filter(order=OuterRef("order")).filter(sooner)), order__in=rows.order_by())
        if day:
            first = first.filter(Q(day__gt=day) | Q(order__gt=pk), day__gte=day)
        found = list(first.order_by("day", "order_id").values_list("order_id", "day")[:size])
    if len(found) < size and not {filters.tab, *filters.marks} & {"late", "risk"}:  # of those something is to come
        done = rows.filter(~Exists(undone().filter(order=OuterRef("pk"))), pk__gt=pk if day == NEVER else 0)
        ids = done.order_by("pk").values_list("pk", flat=True)
        found += [(one, NEVER) for one in ids[: size - len(found)]]
    return found


def _by_key(rows: Orders, sort: str, after: str, size: int) -> list[tuple[int, Any]]:
    field, unique, read = KEYS[sort]
    value, pk = _key(after, read)
    if value is not None:
        name, last, beyond = field.lstrip("-"), unique.lstrip("-"), "lt" if field.startswith("-") else "gt"
        rows = rows.filter(
            Q(**{f"{name}__{beyond}": value}) | Q(**{f"{last}__{beyond}": pk}), **{f"{name}__{beyond}e": value}
        )
    if sort == "value":
        rows = rows.filter(sum__net__isnull=False)  # an inner join, which can be read along the index
    return list(rows.order_by(field, unique).values_list("pk", field.lstrip("-"))[:size])


def _key(after: str, read: Any) -> tuple[Any, int]:
    value, _underscore, pk = after.rpartition("_")
    try:
        return (read(value), int(pk)) if _underscore else (None, 0)
    except (ValueError, InvalidOperation):
        return None, 0


def _facts(orders: list[Order]) -> list[Row]:
    schedule: dict[int, list[ScheduleLine]] = {}
    rows = ScheduleLine.objects.filter(order__in=[order.pk for order in orders])
    for row in rows.order_by("promised_on", "requested_on", "pk"):
        schedule.setdefault(row.order_id, []).append(row)
    return [_row(order, schedule.get(order.pk, [])) for order in orders]


def _row(order: Order, rows: list[ScheduleLine]) -> Row:
    """The row of the earliest part still to arrive; of a finished order, of its last one."""
    undone = [row for row in rows if row.state not in ScheduleLine.DONE]
    row = undone[0] if undone else rows[-1] if rows else None
    today, came_to = clock.today(), getattr(order, "sum", None)
    marks = [marked(part, today) for part in undone]
    mark, days = max(marks, key=lambda m: (m[0] == "late", m[0] == "at_risk", m[1]), default=("", 0))
    return Row(
        order=order, holds=order.standing_holds, mark=mark, days=days, lines=came_to.lines if came_to else 0,
        net=Money(came_to.net if came_to else Decimal(0), order.currency),
        requested_on=row.requested_on if row else None, promised_on=row.promised_on if row else None,
        first_promised_on=row.first_promised_on if row else None,
        expected_on=max((part.expected_on for part in undone if part.expected_on), default=None),
        ship_by_on=min((part.ship_by_on for part in undone if part.ship_by_on), default=None),
    )  # fmt: skip
