"""Holds: named reasons that stop a step."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders import verbs
from comptoir.orders.models import Order, OrderHold
from comptoir.people import Role, any_member, at_least
from comptoir.people.models import Member


@action(
    "orders.hold",
    subject=Order,
    authority=any_member,
    title=gettext_lazy("Put on hold"),
    labels={"kind": gettext_lazy("Kind")},
)
def hold(order: Order, *, by: Member, kind: OrderHold.Kind, note: str = "") -> OrderHold:
    """Stop confirming and changing an order for a named reason."""
    if order.holds.filter(kind=kind, lifted_at=None).exists():
        raise ActionError(_("{order} is on hold for this already.").format(order=order))
    made = OrderHold.objects.create(order=order, kind=kind, note=note)
    record(verbs.HELD, by=by, on=[order, order.customer], kind=made.Kind(kind).label)
    return made


@action(
    "orders.lift_hold",
    subject=OrderHold,
    root=lambda held: held.order,
    authority=at_least(Role.SENIOR),
    title=gettext_lazy("Lift the hold"),
)
def lift_hold(held: OrderHold, *, by: Member) -> OrderHold:
    """Let the order go on."""
    if held.lifted_at is None:
        held.lifted_at = clock.now()
        held.save(update_fields=["lifted_at"])
        record(verbs.HOLD_LIFTED, by=by, on=[held.order, held.order.customer], kind=held.Kind(held.kind).label)
    return held
