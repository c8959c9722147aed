"""What taking goods set aside for another order would do to it. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.catalog.queries import Flow
from comptoir.catalog.shelves import Shelf
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.orders.actions.dates import leaving
from comptoir.orders.actions.versions import ship_by
from comptoir.orders.models import OrderHold, ScheduleLine
from comptoir.orders.models.lines import supplied_by
from comptoir.orders.models.reasons import OrderRowsQuerySet
from comptoir.orders.queries import arrival

MOST = 60
Lacks = tuple[Mapping[int, Decimal], Mapping[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Loan:
    """Another order's line whose goods would be taken: when it would leave and arrive instead, and by how many days later."""

    other: ScheduleLine
    leaves_on: date
    arrives_on: date
    days_late: int

    @property
    def is_kept(self) -> bool:
        """True when what is promised to the other customer stays kept."""
        return self.days_late == 0


def free(shelf: Shelf, on: date) -> Decimal:
    """What can leave on a day without taking it from anybody."""
    reached = [level for level in shelf.levels() if level.on <= on]
    return max(reached[-1].available, Decimal(0)) if reached else Decimal(0)


def loan(row: ScheduleLine, other: ScheduleLine, to: date, flow: Flow, before: Lacks | None = None) -> Loan | None:
    """What giving another line's goods to this one, to arrive on a day, does to the other; None when it does not help."""
    assert other.promised_on is not None
    assert other.ship_by_on is not None
    mine, before = {row.pk: leaving(row, to)}, before or lacks(flow)
    if not _serves(flow, before, {**mine, other.pk: date.max}, row.pk):
        return None
    latest = max(ship_by(other, other.promised_on), other.ship_by_on, clock.today())
    days = {due for due, _quantity in flow.receipts.values() if due > latest}
    if latest > other.promised_on:  # its day is over: it is served late, today at best
        days.add(latest)
    elif _serves(flow, before, {**mine, other.pk: latest}, row.pk, other.pk):
        return Loan(other, latest, other.promised_on, 0)
    for day in sorted(days):
        arrives = arrival(day, other.order.ship_to, other.site)
        while ship_by(other, arrives) < day:
            arrives = add_business_days(arrives, 1, other.order.ship_to.country)
        leaves = ship_by(other, arrives)
        if _serves(flow, before, {**mine, other.pk: leaves}, row.pk, other.pk):
            return Loan(other, leaves, arrives, max((arrives - other.promised_on).days, 1))
    return None


def lacks(flow: Flow) -> Lacks:
    """What each schedule line and each offer lacks."""
    return flow.shortages(), flow.uncovered()


def _serves(flow: Flow, before: Lacks, days: Mapping[int, date], *served: int) -> bool:
    """True when those named lack nothing then, and nobody else lacks more than before, nor does an offer."""
    moved = flow.with_days(days)
    after = moved.shortages()
    others = {line: quantity for line, quantity in after.items() if line not in days}
    if set(after) & set(served) or not _is_no_more(others, before[0]):
        return False
    return not flow.kept or _is_no_more(moved.uncovered(), before[1])


def _is_no_more(after: Mapping[int, Decimal], before: Mapping[int, Decimal]) -> bool:
    return all(quantity <= before.get(one, 0) for one, quantity in after.items())


def lenders(row: ScheduleLine) -> OrderRowsQuerySet:
    """The moveable lines of other orders that hold goods of the same product at the same site, those needed last first."""
    waiting = ScheduleLine.objects.filter(
        supplied_by(row.site), line__product=row.line.product_id,
        state__in=(ScheduleLine.State.PROMISED, ScheduleLine.State.ALLOCATED), order__state__in=("confirmed", "in_fulfilment"),
    ).exclude(order=row.order_id).exclude(promised_on=None).exclude(ship_by_on=None)  # fmt: skip
    named = waiting.exclude(order__holds__in=OrderHold.objects.filter(lifted_at=None)).select_related(
        "line__product",
        "line__order",
        "order__customer__owner",
        "order__ship_to",
        "order__site",
        "supplied_from",
    )
    return named.order_by("-ship_by_on", "pk")


def loans(row: ScheduleLine, to: date, flow: Flow, most: int = 3) -> list[Loan]:
    """The lines of other orders whose goods would help, those who are hurt least first (one query)."""
    before = lacks(flow)
    found = [loan(row, other, to, flow, before) for other in lenders(row)[:MOST]]
    return sorted((one for one in found if one), key=lambda one: (one.days_late, one.other.unshipped_quantity))[:most]
