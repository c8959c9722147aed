"""Applying an order change: its steps, the next version, in the transaction of the change itself."""

from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.lib.money import Money
from comptoir.orders.actions.versions import new_version
from comptoir.orders.models import ChangeStep, Order, OrderChange, Reason, ScheduleLine
from comptoir.people.models import Member


def refuse_unmoveable(row: ScheduleLine) -> None:
    """Raise ActionError when a schedule line cannot be changed any more, or not yet."""
    if not row.order.is_confirmed:
        raise ActionError(_("{order} is not confirmed.").format(order=row.order))
    if held := row.order.holds.filter(lifted_at=None).first():
        raise ActionError(_("{order} is on hold: {hold}.").format(order=row.order, hold=held))
    if not row.is_moveable:
        label = ScheduleLine.State(row.state).label
        raise ActionError(_("{line} cannot be changed any more: {state}.").format(line=row, state=label))


def apply(
    order: Order,
    steps: list[ChangeStep],
    *,
    by: Member,
    reason: Reason,
    initiator: str,
    note: str,
    cost: Money | None = None,
) -> OrderChange:
    """Write the change down and confirm the order anew."""
    version = new_version(order, by=by)
    change = OrderChange.objects.create(
        order=order, version_from=version.version - 1, version_to=version.version, initiator=initiator, reason=reason,
        note=note, freight_cost=cost.amount if cost else None, freight_currency=cost.currency if cost else "", by=by,
    )  # fmt: skip
    for step in steps:
        step.change = change
    ChangeStep.objects.bulk_create(steps)
    return change
