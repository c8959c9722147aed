"""What a member has to do today: promises, updates, approvals, cases coming back, deliveries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Q, QuerySet, Value, When

from comptoir.actions.models import Approval
from comptoir.cases.models import Case, HandOff
from comptoir.orders.filters import DISCREPANT, UNCONFIRMED, leaves_unanswered, unanswered
from comptoir.orders.models import Order, OrderHold, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise

SOON = timedelta(hours=24)
MOST_ORDERS = 60
WHY = ("discrepant", "unanswered", "unconfirmed", "held")


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order of which deliveries the member promised are broken or due: its lines, and the worst of their promises."""

    order: Order
    lines: list[ScheduleLine]
    promised_on: date
    worst: Promise

    @property
    def expected_on(self) -> date | None:
        """The latest day on which what is missing is expected."""
        return max((row.expected_on for row in self.lines if row.expected_on), default=None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order of the member's customers that waits for somebody: why (discrepant, unanswered, held, unconfirmed)."""

    order: Order
    why: str
    holds: list[OrderHold]


@dataclass(frozen=True, slots=True)
class Day:
    """What a member has to do today."""

    promises: list[Promise]
    updates: list[Case]
    asked_of_me: list[Approval]
    asked_by_me: list[Approval]
    returning: list[Case]
    deliveries: list[Delivery]
    orders: list[Waiting]

    @property
    def is_empty(self) -> bool:
        work = (
            self.promises,
            self.updates,
            self.asked_of_me,
            self.asked_by_me,
            self.returning,
            self.deliveries,
            self.orders,
        )
        return not any(work)


def my_day(member: Member, now: datetime) -> Day:
    """Promises broken or due within a day, updates due, approvals either way, cases coming back."""
    soon = now + SOON
    standing = Promise.objects.standing().filter(owner=member).filter(Q(state="broken") | Q(due_at__lte=soon))
    promises = list(standing.select_related("customer", "contact").order_by("due_at")[:200])
    mine = Case.objects.filter(owner=member).select_related("customer", "contact")
    moved = Q(pk__in=mine.worked_on().filter(next_update_at__lte=soon).values("pk"))
    due = list(mine.filter(moved | Q(state="waiting", waiting_until__lte=soon)).order_by("next_update_at")[:150])
    approvals = approvals_of(member, now)
    return Day(
        promises=[p for p in promises if p.subject_noun != "scheduleline"],
        updates=[case for case in due if case.is_worked_on and case.next_update_at and case.next_update_at <= soon],
        asked_of_me=[one for one in reversed(approvals) if one.requester_id != member.pk],
        asked_by_me=[one for one in approvals if one.requester_id == member.pk],
        returning=sorted((case for case in due if _returns(case, soon)), key=lambda case: case.waiting_until or now),
        deliveries=deliveries_of([p for p in promises if p.subject_noun == "scheduleline"]),
        orders=orders_of(member),
    )


def _returns(case: Case, soon: datetime) -> bool:
    return case.state == Case.State.WAITING and case.waiting_until is not None and case.waiting_until <= soon


def orders_of(member: Member) -> list[Waiting]:
    """The orders of the member's customers that are not confirmed, or of which somebody asked and got no answer."""
    asked = unanswered()
    rows = Order.objects.with_holds().visible_to(member).filter(customer__owner=member)
    rows = rows.filter(Q(state__in=UNCONFIRMED) | asked).select_related("customer")
    rows = rows.annotate(is_asked=Case_(When(asked, then=Value(True)), default=Value(False)))
    found = [Waiting(order, _why(order), order.standing_holds) for order in rows.order_by("placed_at")[:MOST_ORDERS]]
    return sorted(found, key=lambda one: WHY.index(one.why))


def _why(order: Any) -> str:
    if order.state in DISCREPANT:
        return "discrepant"
    if order.is_asked:
        return "unanswered"
    return "held" if order.held else "unconfirmed"


def approvals_of(member: Member, now: datetime) -> list[Approval]:
    """What waits for the member's answer, and the member's own requests that wait or were answered within a day."""
    mine = Approval.objects.asked_by(member).filter(Q(state="pending") | Q(decided_at__gte=now - timedelta(hours=24)))
    rows = (Approval.objects.asked_of(member) | mine).select_related("requester", "decided_by")
    return list(rows.order_by("-requested_at", "-pk")[:100])


def deliveries_of(promises: list[Promise]) -> list[Delivery]:
    """Delivery promises, gathered by order; the one due first comes first."""
    by_row = {p.subject_id: p for p in promises}
    rows = ScheduleLine.objects.filter(pk__in=by_row).select_related("line", "order__customer")
    gathered: dict[int, list[ScheduleLine]] = {}
    for row in rows.order_by("line__position", "position"):
        gathered.setdefault(row.order_id, []).append(row)
    found = [_delivery(lines, [by_row[row.pk] for row in lines]) for lines in gathered.values()]
    return sorted(found, key=lambda one: (one.worst.due_at, one.order.pk))


def _delivery(lines: list[ScheduleLine], promises: list[Promise]) -> Delivery:
    worst = min(promises, key=lambda p: p.due_at)
    return Delivery(lines[0].order, lines, worst.due_on or worst.due_at.date(), worst)


@leaves_unanswered
def _asked_departments() -> QuerySet[Any, Any]:
    """The orders, and those of the schedule lines, about which a department was asked and has not answered."""
    asked = HandOff.objects.with_department()
    rows = asked.filter(noun="scheduleline").values("object_id")
    of_rows = ScheduleLine.objects.filter(pk__in=rows).values("order_id")
    return asked.filter(noun="order").values("object_id").union(of_rows.order_by())
