"""What pages read of hand-offs: a department's queue, those of a case, those about an order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from comptoir.cases.models import Case, Escalation, HandOff, HandOffTurn
from comptoir.cases.models.handoffs import EscalationQuerySet, HandOffQuerySet
from comptoir.lib.invariants import Finding
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Department, Member

VIEWS = ("open", "answered", "mine")
MOST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A hand-off as a page shows it: with the line it is about, what is late, and what its answer lets one do."""

    row: HandOff
    turns: list[HandOffTurn]
    line: ScheduleLine | None
    is_late: bool
    may_answer: bool

    @property
    def move(self) -> str:
        """The action that makes the answered day the promised one; nothing where there is no other day."""
        line, day = self.line, self.row.day
        if line is None or day is None or line.promised_on in (None, day) or not line.is_moveable:
            return ""
        return "orders.pull_in" if day < line.promised_on else "orders.push_out"


@dataclass(frozen=True, slots=True)
class Desk:
    """A view of a department's hand-offs, and how many wait in each of the departments shown."""

    departments: list[tuple[Department, int]]
    chosen: Department | None
    view: str
    asked: list[Asked]


def read(rows: QuerySet[Any], member: Member, now: datetime) -> list[Asked]:
    """Hand-offs with everything a card shows (three queries)."""
    turns = Prefetch("turns", HandOffTurn.objects.select_related("by"))
    named = rows.select_related("department", "asked_by", "taken_by", "case__customer", "case__owner")
    found = list(named.prefetch_related(turns)[:MOST])
    ids = {one.object_id for one in found if one.noun == "scheduleline"}
    lines = ScheduleLine.objects.select_related("line__product", "order").in_bulk(ids) if ids else {}
    mine, is_boss = member.department_ids, member.team_ids is None
    return [
        Asked(one, list(one.turns.all()), lines.get(one.object_id), one.is_overdue(now),
              one.is_with_department and (is_boss or one.department_id in mine))
        for one in found
    ]  # fmt: skip


def desk(member: Member, department: Department | None, view: str, now: datetime) -> Desk:
    """The hand-offs of a department, or of the member's own; `mine` are those the member asked."""
    visible = _visible(member)
    chosen = Q(department=department) if department else Q(department__in=member.department_ids)
    if view == "mine":
        rows = visible.filter(asked_by=member).standing().order_by("due_at")
    elif view == "answered":
        rows = visible.filter(chosen, state__in=("answered", "declined", "closed")).order_by("-answered_at", "-pk")
    else:
        rows = visible.filter(chosen).with_department().order_by("due_at")
    return Desk(_counted(visible), department, view, read(rows, member, now))


def _visible(member: Member) -> HandOffQuerySet:
    return cast(HandOffQuerySet, HandOff.objects.visible_to(member))


def _counted(visible: HandOffQuerySet) -> list[tuple[Department, int]]:
    """The departments with how many hand-offs wait there."""
    waiting: dict[int, int] = {}
    for pk in visible.with_department().values_list("department", flat=True):
        waiting[pk] = waiting.get(pk, 0) + 1
    return [(one, waiting.get(one.pk, 0)) for one in Department.objects.active().order_by("name")]


def of_case(case: Case, member: Member, now: datetime) -> list[Asked]:
    """The hand-offs of a case that are not closed."""
    return read(case.hand_offs.exclude(state="closed").order_by("pk"), member, now)


def about_order(order: Order, member: Member, now: datetime) -> list[Asked]:
    """What departments were asked about an order's lines, as far as the member sees the cases."""
    ids: Iterable[int] = order.schedule_lines.values_list("pk", flat=True)
    rows = _visible(member).filter(noun="scheduleline", object_id__in=ids).exclude(state="closed")
    return read(rows.order_by("-pk"), member, now)


def escalation_of(case: Case) -> Escalation | None:
    """The escalation of a case that stands."""
    found: Escalation | None = case.escalations.standing().select_related("raised_by", "to").first()
    return found


def waiting_for(member: Member) -> list[HandOff]:
    """What the member's departments have to answer, and the answers to the member's own questions, by their clock."""
    theirs = Q(department_id__in=member.department_ids, state__in=HandOff.WITH_DEPARTMENT)
    mine = Q(asked_by=member, state__in=("answered", "declined"))
    rows = _visible(member).filter(theirs | mine).select_related("department", "case__customer")
    return list(rows.order_by("due_at")[:30])


def raised_to(member: Member) -> list[Escalation]:
    """Escalations that wait for the member or for anyone of their role, and all of customers whose sponsor the member is."""
    theirs = Q(to=member) | Q(to=None, level=member.role, state="raised")
    rows = cast(EscalationQuerySet, Escalation.objects.visible_to(member)).standing()
    wanted = rows.filter(theirs | Q(case__customer__sponsor=member)).exclude(raised_by=member)
    return list(wanted.select_related("case__customer", "raised_by", "to").order_by("due_at")[:20])


def invariants() -> list[Finding]:
    """Questions and escalations that wait where nobody works, and answers that are not what was said last."""
    ended = ~Q(case__in=Case.objects.worked_on())
    asked = HandOff.objects.with_department().filter(ended)
    raised = Escalation.objects.standing().filter(ended)
    said = HandOffTurn.objects.filter(hand_off=OuterRef("pk"), kind="answer").order_by("-pk")
    answered = HandOff.objects.filter(state="answered").annotate(said=Subquery(said.values("answer")[:1]))
    other = answered.filter(Q(said=None) | ~Q(said=F("answer")))
    return [
        Finding("Hand-offs that wait in cases nobody works on", asked.count(), [str(one.pk) for one in asked[:5]]),
        Finding("Escalations that wait in cases nobody works on", raised.count(), [str(one.pk) for one in raised[:5]]),
        Finding("Hand-offs whose answer is not the last one said", other.count(), [str(one.pk) for one in other[:5]]),
    ]
