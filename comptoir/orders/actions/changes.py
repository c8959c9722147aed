"""What every change of a confirmed order ends in: its row, its steps and the next version, in one transaction."""

from decimal import Decimal

from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.catalog import units
from comptoir.events import record
from comptoir.lib.money import Money
from comptoir.orders import verbs
from comptoir.orders.actions.versions import new_version
from comptoir.orders.models import ChangeStep, Order, OrderChange, Reason, ScheduleLine
from comptoir.people.models import Member


def refuse_unready(order: Order) -> None:
    """Raise ActionError when nothing of the order can be changed or leave now: it is not confirmed, or on hold."""
    if not order.is_confirmed:
        raise ActionError(_("{order} is not confirmed.").format(order=order))
    if held := order.holds.filter(lifted_at=None).first():
        raise ActionError(_("{order} is on hold: {hold}.").format(order=order, hold=held))


def refuse_unmoveable(row: ScheduleLine) -> None:
    """Raise ActionError when a schedule line cannot be changed any more, or not yet."""
    refuse_unready(row.order)
    if not row.is_moveable:
        label = ScheduleLine.State(row.state).label
        raise ActionError(_("{line} cannot be changed any more: {state}.").format(line=row, state=label))


def refuse_uncounted(quantity: Decimal) -> None:
    """Raise ActionError for a quantity finer than what is counted."""
    try:
        units.refuse_uncounted(quantity)
    except ValueError as error:
        raise ActionError(str(error)) from error


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
    """Write a change down that was carried out, and confirm the order anew."""
    change = OrderChange(
        order=order, version_from=order.version, initiator=initiator, reason=reason, note=note, by=by,
        freight_cost=cost.amount if cost else None, freight_currency=cost.currency if cost else "",
    )  # fmt: skip
    confirm_anew(change, by=by)
    for step in steps:
        step.change = change
    ChangeStep.objects.bulk_create(steps)
    return change


def confirm_anew(change: OrderChange, *, by: Member) -> None:
    """The next version of the order, which the change leads to."""
    version = new_version(change.order, by=by)
    if cost := change.freight:
        record(verbs.FREIGHT, by=by, on=[change.order, change.order.customer], cost=cost)
    change.version_from, change.version_to = version.version - 1, version.version
    change.state = OrderChange.State.APPLIED
    change.save()
