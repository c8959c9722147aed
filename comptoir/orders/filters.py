"""Which orders a list shows: a tab, filters, and what leaves an order without an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.text import fold, key
from comptoir.orders.models import Line, Order, OrderChange, OrderHold, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise

TABS = ("open", "unconfirmed", "discrepant", "unanswered", "late", "risk", "held", "all")
MARKS = ("late", "risk", "unconfirmed", "discrepant", "unanswered", "held")
DATES = ("promised", "requested", "ship_by", "placed")
WITHIN = ("past", "today", "7", "14", "30")
SORTS = ("due", "newest", "oldest", "customer", "value")
DISCREPANT = ("discrepant", "clarifying")
UNCONFIRMED = ("draft", "ready", "verifying", *DISCREPANT)
UNDER_WAY = ("confirmed", "in_fulfilment")

Rows = QuerySet[Any, Any]
_UNANSWERED: list[Callable[[], Rows]] = []


def leaves_unanswered(ids: Callable[[], Rows]) -> Callable[[], Rows]:
    """Register a query of the ids of orders about which somebody was asked and has not answered yet."""
    _UNANSWERED.append(ids)
    return ids


@leaves_unanswered
def _negotiated() -> Rows:
    """Orders of which a change is asked for, offered, or accepted and not carried out."""
    return OrderChange.objects.negotiated().values("order_id")


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the orders is shown; `customer` and `product` are numbers, `dates` says which dates the days are about.

    `within` counts from today and stays true tomorrow: past, today, or so many days ahead; it goes before `start` and `end`.
    `said_start` and `said_end` are their words where these count from today too, or could not be read: fri, +2w.
    `said_least` and `said_most` are the words of an amount that could not be read.
    """

    tab: str = "open"
    states: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    customer: str = ""
    owner: int | None = None
    site: int | None = None
    country: str = ""
    product: str = ""
    text: str = ""
    dates: str = "promised"
    within: str = ""
    start: date | None = None
    end: date | None = None
    said_start: str = ""
    said_end: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    said_least: str = ""
    said_most: str = ""
    currency: str = ""
    sort: str = "due"

    @property
    def by(self) -> str:
        """How the rows are sorted: all orders there ever were have no due day to go by, they come newest first."""
        return "newest" if self.sort == "due" and self.tab == "all" else self.sort

    @property
    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day asked for."""
        today = clock.today()
        if self.within == "past":
            return None, today - timedelta(days=1)
        if self.within:
            return today, today + timedelta(days=int(self.within) if self.within.isdigit() else 0)
        return self.start, self.end

    @property
    def narrowed(self) -> int:
        """How many filters are set, the text left out."""
        given = (
            self.states, self.marks, self.holds, self.customer, self.owner, self.site, self.country, self.product,
            self.within or self.start or self.end, self.least is not None or self.most is not None, self.currency,
        )  # fmt: skip
        return sum(bool(value) for value in given)


def matching(member: Member, filters: Filters) -> QuerySet[Order]:
    """The orders all filters but the tab let through."""
    rows: QuerySet[Order] = Order.objects.visible_to(member)
    given: dict[str, Any] = {
        "state__in": filters.states, "site": filters.site, "currency": filters.currency,
        "ship_to__country": filters.country, "sum__net__gte": filters.least, "sum__net__lte": filters.most,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in given.items() if value or value == 0})
    if filters.customer:
        rows = rows.filter(customer__in=Customer.objects.filter(number=filters.customer).values("pk"))
    if filters.owner:
        rows = rows.filter(customer__in=Customer.objects.filter(owner_id=filters.owner).values("pk"))
    if filters.product:
        rows = rows.filter(pk__in=Line.objects.filter(product__number=filters.product).values("order_id"))
    if filters.holds:
        rows = rows.filter(pk__in=held(filters.holds).values("order_id"))
    for mark in filters.marks:
        rows = marked_as(rows, mark)
    rows = _dated(rows, filters)
    return rows.filter(_named(filters.text)) if filters.text.strip() else rows


def held(kinds: tuple[str, ...] = ()) -> QuerySet[OrderHold]:
    """The standing holds, of these kinds or of any."""
    rows: QuerySet[OrderHold] = OrderHold.objects.filter(lifted_at=None)
    return rows.filter(kind__in=kinds) if kinds else rows


def _dated(rows: QuerySet[Order], filters: Filters) -> QuerySet[Order]:
    start, end = filters.span
    if not (start or end):
        return rows
    if filters.dates == "placed":
        return rows.filter(**_between("placed_at__date", start, end))
    due: QuerySet[ScheduleLine] = undone() if filters.tab != "all" else ScheduleLine.objects.exclude(quantity=0)
    return rows.filter(pk__in=due.filter(**_between(f"{filters.dates}_on", start, end)).values("order_id"))


def _between(field: str, start: date | None, end: date | None) -> dict[str, date]:
    return {f"{field}__{how}": day for how, day in (("gte", start), ("lte", end)) if day}


def _named(text: str) -> Q:
    """Part of our number, of the customer's purchase order however it is spelled, or of the customer's name."""
    wanted, named = key(text), Q(number__contains=text.strip().upper())
    if wanted:
        named |= Q(po_key__contains=wanted)
    if len(wanted) > 2 and not wanted.isdigit():
        called = Customer.objects.filter(sort_key__contains=fold(text))
        named |= Q(customer__in=list(called.values_list("pk", flat=True)))
    return named


def in_tab(rows: QuerySet[Order], tab: str) -> QuerySet[Order]:
    """The orders of one tab."""
    if tab == "all":
        return rows
    return rows.filter(state__in=UNDER_WAY) if tab == "open" else marked_as(rows, tab)


def marked_as(rows: QuerySet[Order], mark: str) -> QuerySet[Order]:
    """The orders of which one thing is true: late, at risk, not confirmed, discrepant, without an answer, on hold."""
    if mark == "unconfirmed":
        return rows.filter(state__in=UNCONFIRMED)
    if mark == "discrepant":
        return rows.filter(state__in=DISCREPANT)
    if mark == "held":
        return rows.filter(pk__in=held().values("order_id"))
    if mark == "unanswered":
        return rows.filter(unanswered())
    rows = rows.filter(state__in=UNDER_WAY)
    if mark == "late":
        return rows.filter(pk__in=undone().filter(promised_on__lt=clock.today()).values("order_id"))
    return rows.filter(pk__in=in_danger().values("order_id"))


def unanswered() -> Q:
    """An order of which somebody was asked something and has not answered."""
    if not _UNANSWERED:
        return Q(pk__in=())
    first, *others = (ids() for ids in _UNANSWERED)
    return Q(
        pk__in=first.union(*others) if others else first
    )  # one set is looked up; an OR of several reads every order


def undone() -> QuerySet[ScheduleLine]:
    """The schedule lines of which something is still to come."""
    rows: QuerySet[ScheduleLine] = ScheduleLine.objects.exclude(state__in=ScheduleLine.DONE)
    return rows


def in_danger() -> QuerySet[ScheduleLine]:
    """Undelivered with a promise at risk or broken, or expected later than promised."""
    bad = Promise.objects.filter(subject_noun="scheduleline", state__in=("at_risk", "broken"))
    return undone().filter(Q(pk__in=bad.values("subject_id")) | Q(expected_on__gt=F("promised_on")))
