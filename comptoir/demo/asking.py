"""What departments are asked this morning, and which cases were raised up the ladder."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from comptoir.cases.actions.escalating import escalate
from comptoir.cases.actions.handoffs import accept_hand_off, answer_hand_off, hand_off, hand_off_line
from comptoir.cases.models import Case, Escalation, HandOff
from comptoir.demo import content
from comptoir.demo.stage import Play
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.orders.models import ScheduleLine
from comptoir.people.models import Department, Member


def build(plays: list[Play]) -> None:
    """By the real actions, at moments of this morning."""
    taken: set[int] = set()
    for row in content("morning")["hand_offs"]:
        found = next(_fitting(plays, row, taken), None)
        if found is not None:
            taken.add(found[0].pk)
            _ask(*found, row)
    for row in content("morning")["escalations"]:
        case = next((case for case, _line in _fitting(plays, row, taken)), None)
        if case is not None:
            taken.add(case.pk)
            with clock.at(clock.now() - timedelta(minutes=row["minutes_ago"])):
                escalate(case, by=_member(row["by"]), level=Escalation.Level(row["level"]), reason=row["reason"])


def _member(name: str) -> Member:
    return Member.objects.get(name=name)


def _fitting(plays: list[Play], row: dict[str, Any], taken: set[int]) -> Iterator[tuple[Case, ScheduleLine]]:
    """Open cases of the member that wait for nothing, with the line they are about."""
    owner = _member(row["by"]).pk
    for entry in plays:
        case = entry.case
        is_free = case.owner_id == owner and case.state == Case.State.OPEN and case.pk not in taken
        if not is_free or entry.cast is None or entry.thread.promise:
            continue
        line = ScheduleLine.objects.select_related("order__ship_to").get(pk=entry.cast.row.pk)
        if line.is_moveable and line.order.is_confirmed:
            yield Case.objects.get(pk=case.pk), line


def _ask(case: Case, line: ScheduleLine, row: dict[str, Any]) -> None:
    by, asked_at = _member(row["by"]), clock.now() - timedelta(minutes=row["minutes_ago"])
    inputs: dict[str, Any] = {
        "by": by, "department": Department.objects.get(name=row["department"]), "question": row["question"],
        "expects": HandOff.Expects(row["expects"]),
    }  # fmt: skip
    with clock.at(asked_at):
        asked = hand_off_line(line, case=case, **inputs) if row["about_line"] else hand_off(case, **inputs)
    with clock.at(asked_at + timedelta(minutes=40)):
        if "accepted_by" in row:
            accept_hand_off(asked, by=_member(row["accepted_by"]))
        if "answered_by" in row:
            country = line.order.ship_to.country
            day = add_business_days(clock.today(), row["days"], country) if "days" in row else None
            answer_hand_off(
                asked, by=_member(row["answered_by"]), answer=HandOff.Answer(row["answer"]), text=row["text"], day=day
            )  # fmt: skip
