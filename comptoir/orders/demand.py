"""What planning has to be told, what it was told, and where the two sides differ; and both as files."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.catalog import sheet
from comptoir.lib.invariants import Finding
from comptoir.lib.said_days import day as read_day
from comptoir.orders.models import DemandRelease, ScheduleLine
from comptoir.people.models import Member

WAITS = ("promised", "allocated", "picked")
COLUMNS = ("release", "order", "position", "part", "quantity", "unit", "needed_on", "promised_on", "customer", "change")
ANSWER_NAMES: dict[str, tuple[str, ...]] = {
    "release": ("release", "number", "demand"),
    "answer": ("answer", "status", "acknowledged"),
    "day": ("day", "planned", "planned_on", "date"),
    "reason": ("reason", "note"),
}
ANSWERS = {name: column for column, names in ANSWER_NAMES.items() for name in names}
NUMBER = re.compile(r"\AD(\d{1,18})-(\d{1,6})\Z", re.IGNORECASE)
NO = {"no", "refused", "nok", "n", "0", "false"}


@dataclass(frozen=True, slots=True)
class Demand:
    """A schedule line as planning has to know it: new, changed, or gone (`quantity` zero), beside what it was told."""

    row: ScheduleLine
    told: DemandRelease | None
    quantity: Decimal
    needed_on: date

    @property
    def change(self) -> str:
        """new, changed or gone."""
        return "new" if self.told is None else "gone" if not self.quantity else "changed"


def unreleased() -> list[Demand]:
    """What planning does not know yet: promised lines never released, or with another quantity or day since, or gone."""
    standing = DemandRelease.objects.standing().filter(schedule_line=OuterRef("pk"))
    rows = ScheduleLine.objects.annotate(
        told_id=Subquery(standing.values("pk")[:1]), told_quantity=Subquery(standing.values("quantity")[:1]),
        told_on=Subquery(standing.values("needed_on")[:1]),
    )  # fmt: skip
    open_quantity = F("quantity") - F("shipped_quantity")
    asked = Q(state__in=WAITS) & ~Q(quantity=F("shipped_quantity"))
    differs = ~Q(told_quantity=open_quantity) | ~Q(told_on=F("ship_by_on")) | Q(told_id=None)
    gone = Q(told_id__isnull=False) & Q(state="cancelled")
    found = (
        rows.filter((asked & differs) | gone)
        .select_related("line__product", "order__customer")
        .order_by("ship_by_on", "pk")
    )
    told = DemandRelease.objects.in_bulk([row.told_id for row in found if row.told_id])
    return [_demand(row, told.get(row.told_id or 0)) for row in found]


def _demand(row: Any, told: DemandRelease | None) -> Demand:
    left = row.unshipped_quantity if row.state in WAITS else Decimal(0)
    return Demand(row, told, left, row.ship_by_on or (told.needed_on if told else row.requested_on))


def released(member: Member | None = None) -> QuerySet[DemandRelease]:
    """What planning has, those needed first; as far as a member sees it."""
    standing = DemandRelease.objects.standing()
    seen: Any = standing if member is None else standing.visible_to(member)
    rows: QuerySet[DemandRelease] = seen.select_related(
        "schedule_line__line__product", "schedule_line__order__customer", "answered_by"
    )
    return rows.exclude(schedule_line__state__in=("shipped", *ScheduleLine.DONE)).order_by("needed_on", "pk")


def differing(rows: QuerySet[DemandRelease]) -> QuerySet[DemandRelease]:
    """Those that planning refused or has for a later day than they have to leave."""
    return rows.filter(Q(state="refused") | Q(day__gt=F("needed_on")))


def table(rows: Iterable[DemandRelease]) -> list[dict[str, str]]:
    """Releases as a foreign MRP takes them: one row each, texts only."""
    return [
        {
            "release": one.number, "order": one.schedule_line.order.number, "position": str(one.schedule_line.line.position),
            "part": one.schedule_line.line.product.number, "quantity": f"{one.quantity.normalize():f}",
            "unit": one.schedule_line.line.unit, "needed_on": one.needed_on.isoformat(),
            "promised_on": one.schedule_line.promised_on.isoformat() if one.schedule_line.promised_on else "",
            "customer": one.schedule_line.order.customer.number, "change": "new" if one.revision == 1 else "changed",
        }
        for one in rows
    ]  # fmt: skip


@dataclass(slots=True)
class Answer:
    """One row of a file from planning: which release it is about and what it says, or why it is refused."""

    line: int
    release: DemandRelease | None = None
    is_yes: bool = True
    day: date | None = None
    reason: str = ""
    refused: str = ""

    @property
    def fate(self) -> str:
        """acknowledges, refuses, unchanged or refused (the row itself)."""
        one = self.release
        if self.refused or one is None:
            return "refused"
        state = "acknowledged" if self.is_yes else "refused"
        if (one.state, one.day, one.reason) == (state, self.day, self.reason):
            return "unchanged"
        return "acknowledges" if self.is_yes else "refuses"


def answers(data: bytes) -> list[Answer]:
    """What a file of acknowledgements says, as CSV or JSON; nothing is written. Unreadable files raise ActionError."""
    rows = _json(data) if data.lstrip()[:1] in (b"[", b"{") else _csv(data)
    taken: set[int] = set()
    return [_answer(number, cells, taken) for number, cells in rows]


def _json(data: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(data) > sheet.MOST_BYTES:
        raise ActionError(_("The file is larger than {n} MB.").format(n=sheet.MOST_BYTES // 1_000_000))
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ActionError(_("This is no JSON that can be read.")) from error
    rows = told.get("acknowledgements", []) if isinstance(told, dict) else told
    if not isinstance(rows, list) or len(rows) > sheet.MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        raise ActionError(_("The file has to be a list of acknowledgements."))
    return [
        (n, {str(k): str(v if v is not None else "")[:300] for k, v in row.items()}) for n, row in enumerate(rows, 1)
    ]


def _csv(data: bytes) -> list[tuple[int, dict[str, str]]]:
    lines, _unknown = sheet.lines(sheet.decoded(data), ANSWERS)
    return [(line.number, line.cells) for line in lines]


def _answer(number: int, cells: dict[str, str], taken: set[int]) -> Answer:
    answer = Answer(number, reason=cells.get("reason", "").strip()[:300])
    answer.is_yes = cells.get("answer", "").strip().lower() not in NO
    try:
        named = NUMBER.match(cells.get("release", "").strip())
        if named is None:
            raise ValueError(_("«{number}» names no release.").format(number=cells.get("release", "")))
        rows = DemandRelease.objects.select_related("schedule_line__line__product", "schedule_line__order")
        answer.release = rows.filter(schedule_line=int(named[1]), revision=int(named[2])).first()
        answer.day = read_day(cells.get("day", ""))
        _refuse(answer, cells, taken)
    except ValueError as error:
        answer.refused = str(error)
    return answer


def _refuse(answer: Answer, cells: dict[str, str], taken: set[int]) -> None:
    one = answer.release
    if one is None:
        raise ValueError(_("There is no release {number}.").format(number=cells["release"]))
    if one.state in ("superseded", "withdrawn"):
        raise ValueError(_("{number} was replaced by a later release.").format(number=one))
    if one.pk in taken:
        raise ValueError(_("{number} is answered twice in this file.").format(number=one))
    if answer.is_yes and answer.day is None:
        raise ValueError(_("An acknowledgement names a day."))
    if not answer.is_yes and not answer.reason:
        raise ValueError(_("A refusal says why."))
    taken.add(one.pk)


def invariants() -> list[Finding]:
    """Releases that stand although their line has nothing left, and was not shipped."""
    odd = DemandRelease.objects.standing().filter(schedule_line__state="requested")
    return [Finding("Demand is released of lines that are not promised", odd.count(), [str(row.pk) for row in odd[:5]])]
