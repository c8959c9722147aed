"""A substitute in place of what is short: offered to the customer, or done at once where they agreed already."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comptoir.actions import ALLOWED, ActionError, Change, Text, Verdict, action
from comptoir.catalog import queries as catalog
from comptoir.catalog.fields import Counted
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.actions.changes import refuse_unmoveable
from comptoir.orders.actions.negotiating import LABELS, change, offer_change
from comptoir.orders.actions.quantities import STALE, refuse_too_much
from comptoir.orders.actions.steps import Step, written
from comptoir.orders.actions.weighing import verdict
from comptoir.orders.fields import Substitute
from comptoir.orders.instead import stand_ins
from comptoir.orders.merging import Type
from comptoir.orders.models import OrderChange, ScheduleLine
from comptoir.orders.reasons import ChangeReason
from comptoir.orders.versions import step_change
from comptoir.people.models import Member


def may_replace(member: Member, row: ScheduleLine, inputs: Mapping[str, Any]) -> Verdict:
    """Any member, within what prices and minimums let their role do."""
    try:
        steps = written(OrderChange(order=row.order), _steps(row, inputs))
    except ActionError:
        return ALLOWED  # the action says what is wrong with it
    return verdict(member, row.order, steps, None)


def replace_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """What is given up, what comes instead and when, and both prices."""
    product, steps = inputs["product"], _steps(row, inputs)
    quantity = steps[1].quantity or Decimal(0)
    quoted = catalog.price_for(row.order.customer, product, quantity, clock.today())
    if quoted is None:
        raise ActionError(_("There is no price of {product} for this customer.").format(product=product))
    told = [step_change(step) for step in written(OrderChange(order=row.order), steps)]
    prices = (row.line.unit_price / row.line.per, quoted.unit_price / quoted.per)
    units = (Money(price, row.order.currency).format(get_language() or "en") for price in prices)
    sums = (str(Money(price * quantity, row.order.currency).quantized()) for price in prices)
    return [*told, Change(_("Price"), *units), Change(_("Net amount of this quantity"), *sums)]


def _steps(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Step]:
    """The quantity is given up of the one and added of the other, for the day it is promised and the one wished before."""
    refuse_unmoveable(row)
    product, to = inputs["product"], inputs["to"]
    quantity = refuse_too_much(row, inputs.get("quantity"))
    if product.pk not in stand_ins(row.line.product):
        told = _("{product} is not known to stand for {other}.")
        raise ActionError(told.format(product=product, other=row.line.product))
    if product.unit != row.line.unit:
        raise ActionError(_("{product} is counted in another unit: change the order itself.").format(product=product))
    less = Step(Type.CANCEL, schedule_line=row, quantity=row.quantity - quantity)
    wished = min(row.requested_on, to)
    return [less, Step(Type.ADD, product=product, quantity=quantity, day=to, requested_on=wished)]


@action(
    "orders.replace",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=may_replace,
    spends=True,
    title=gettext_lazy("Offer a substitute"),
    stale=STALE,
    diff=replace_changes,
    labels=LABELS
    | {
        "product": gettext_lazy("Instead"),
        "to": gettext_lazy("Arrives on"),
        "quantity": gettext_lazy("Quantity (empty: all)"),
        "is_agreed": gettext_lazy("The customer has agreed already: change it now"),
    },
)
def replace(
    row: ScheduleLine,
    *,
    by: Member,
    product: Substitute,
    to: date,
    quantity: Counted | None = None,
    is_agreed: bool = False,
    reason: ChangeReason | None = None,
    valid_until: date | None = None,
    note: Text = Text(""),
) -> OrderChange:
    """Offer the customer a substitute for a schedule line at their price; once they agree, or have, the order is changed.

    What was promised of the one is withdrawn with the reason, and the other is promised for its day.
    """
    steps, who = _steps(row, {"product": product, "to": to, "quantity": quantity}), OrderChange.Initiator.REP
    if is_agreed:
        return change(row.order, by=by, steps=steps, reason=reason, initiator=who, note=note)
    return offer_change(row.order, by=by, steps=steps, reason=reason, initiator=who, valid_until=valid_until, note=note)
