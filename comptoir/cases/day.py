"""What a member has to do today: promises, updates, approvals, cases coming back, deliveries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from comptoir.actions.models import Approval
from comptoir.cases.models import Case
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise

SOON = timedelta(hours=24)


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
class Day:
    """What a member has to do today."""

    promises: list[Promise]
    updates: list[Case]
    asked_of_me: list[Approval]
    asked_by_me: list[Approval]
    returning: list[Case]
    deliveries: list[Delivery]

    @property
    def is_empty(self) -> bool:
        work = (self.promises, self.updates, self.asked_of_me, self.asked_by_me, self.returning, self.deliveries)
        return not any(work)


def my_day(member: Member, now: datetime) -> Day:
    """Promises broken or due within a day, updates due, approvals either way, cases coming back."""
    soon = now + SOON
    standing = Promise.objects.standing().filter(owner=member).filter(Q(state="broken") | Q(due_at__lte=soon))
    promises = list(standing.select_related("customer", "contact").order_by("due_at")[:200])
    mine = Case.objects.filter(owner=member).select_related("customer", "contact")
    waiting = Approval.objects.asked_by(member).filter(
        Q(state="pending") | Q(decided_at__gte=now - timedelta(hours=24))
    )
    return Day(
        promises=[p for p in promises if p.subject_noun != "scheduleline"],
        updates=list(mine.worked_on().filter(next_update_at__lte=soon).order_by("next_update_at")[:100]),
        asked_of_me=list(Approval.objects.asked_of(member).select_related("requester").order_by("requested_at")[:50]),
        asked_by_me=list(waiting.select_related("requester", "decided_by").order_by("-requested_at")[:50]),
        returning=list(mine.filter(state="waiting", waiting_until__lte=soon).order_by("waiting_until")[:50]),
        deliveries=deliveries_of([p for p in promises if p.subject_noun == "scheduleline"]),
    )


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
