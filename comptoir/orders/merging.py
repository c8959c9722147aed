"""What a change finds when it is carried out: which of its steps still fit, which are done already, which conflict.

A step says what stood before. Where that still stands the step fits; where somebody has meanwhile written what the step wants,
it is done; where it says something else now, somebody has to decide. Changes of different fields never meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine
from comptoir.orders.versions import step_change

Type = ChangeStep.Type
OF_SCHEDULE = (Type.DATE, Type.QUANTITY, Type.SPLIT, Type.CANCEL)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A step and what stands now in its place; `why` when it cannot be changed at all any more."""

    step: ChangeStep
    now: Any
    why: str = ""


@dataclass(slots=True)
class Merged:
    """The steps of a change by what has to be done about them."""

    todo: list[ChangeStep] = field(default_factory=list)
    already: list[ChangeStep] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def plain(value: Decimal) -> str:
    """A number as steps keep it: without an exponent and without zeros at its end."""
    return f"{value.normalize():f}"


def standing(step: ChangeStep) -> Any:
    """What stands now where the step changes something, in the form of its `before`."""
    row, line = step.schedule_line, step.line
    if step.type == Type.DATE:
        assert row is not None
        return row.promised_on.isoformat() if row.promised_on else None
    if step.type in OF_SCHEDULE:
        assert row is not None
        return plain(row.quantity)
    if step.type == Type.PRICE:
        assert line is not None
        return [plain(line.unit_price), line.per]
    if step.type == Type.REMOVE:
        assert line is not None
        return plain(line.open_quantity)
    return step.change.order.ship_to_id if step.type == Type.SHIP_TO else None


def merge(steps: Iterable[ChangeStep]) -> Merged:
    """The steps against what stands; each has its row, its line and its change's order as they are now."""
    found = Merged()
    for step in steps:
        now, wants = standing(step), said(step.after)
        if step.type != Type.ADD and step.type != Type.SPLIT and now == wants:
            found.already.append(step)
        elif why := stuck(step):
            found.conflicts.append(Conflict(step, now, why))
        elif now != said(step.before):
            found.conflicts.append(Conflict(step, now))
        else:
            found.todo.append(step)
    return found


def said(value: Any) -> Any:
    """A step's value with its number written in the one way they are compared in."""
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return plain(Decimal(value))
    return value


def stuck(step: ChangeStep) -> str:
    """Why what the step is about cannot be changed any more; nothing when it can."""
    row = step.schedule_line
    if row is not None and not row.is_moveable:
        label = ScheduleLine.State(row.state).label
        return _("{line} cannot be changed any more: {state}.").format(line=row, state=label)
    if row is not None and not is_of_rest(step, row.shipped_quantity):
        told = _("{shipped} of {line} have left: only {rest} can still be changed.")
        return told.format(shipped=plain(row.shipped_quantity), line=row, rest=plain(row.unshipped_quantity))
    if step.type == Type.SHIP_TO and step.change.order.schedule_lines.filter(shipped_quantity__gt=0).exists():
        return _("Something has left for the old address: the address cannot be changed any more.")
    left = {"shipped_quantity__gt": 0}
    if step.type == Type.REMOVE and step.line is not None and step.line.schedule_lines.filter(**left).exists():
        return _("Something of {line} has left: cancel what has not.").format(line=step.line)
    if step.type == Type.PRICE and step.line is not None and not step.line.open_quantity:
        return _("{line} is cancelled.").format(line=step.line)
    return ""


def is_of_rest(step: ChangeStep, shipped: Decimal) -> bool:
    """True when a step about a schedule line touches nothing of what has left of it."""
    if not shipped:
        return True
    if step.type == Type.QUANTITY:
        return Decimal(step.after) > shipped
    if step.type == Type.CANCEL:
        return Decimal(step.after) >= shipped
    return step.type != Type.SPLIT or Decimal(step.after[0]) > shipped


def read(one: OrderChange) -> list[ChangeStep]:
    """The steps of a change with the rows they are about as they stand, each row once, all of the change's one order."""
    order, steps = one.order, list(one.steps.all())
    lines = {line.pk: line for line in order.lines.select_related("product")}
    rows = {row.pk: row for row in order.schedule_lines.all()}
    for line in lines.values():
        line.order = order
    for row in rows.values():
        row.order, row.line = order, lines[row.line_id]
    for step in steps:
        step.change = one
        step.line = lines[step.line_id] if step.line_id else None
        step.schedule_line = rows[step.schedule_line_id] if step.schedule_line_id else None
    return steps


def sentence(conflict: Conflict) -> str:
    """What a conflict says to whoever has to decide."""
    if conflict.why:
        return conflict.why
    now = ChangeStep(
        change=conflict.step.change, type=conflict.step.type, line=conflict.step.line,
        schedule_line=conflict.step.schedule_line, before=conflict.step.before, after=conflict.now,
    )  # fmt: skip
    said = step_change(now, is_split_whole=True)
    return _("{what} was changed meanwhile: it is {now}, no longer {before}.").format(
        what=said.label, now=said.after, before=said.before
    )


def conflicts_of(one: OrderChange) -> dict[int, str]:
    """The sentence of every conflict of a change as things stand, by the id of its step."""
    return {conflict.step.pk: sentence(conflict) for conflict in merge(read(one)).conflicts}
