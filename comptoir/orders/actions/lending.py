"""Giving goods set aside for one order to another."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, NeedsApproval, Text, Verdict, action, lock
from comptoir.catalog.actions import exchange, stock_of
from comptoir.catalog.queries import flow_of
from comptoir.events import record
from comptoir.lib.roles import Role
from comptoir.orders import verbs
from comptoir.orders.actions.changes import apply, refuse_unmoveable
from comptoir.orders.actions.dates import leaving, refuse_day, rewritten, shown
from comptoir.orders.actions.rests import rest_of
from comptoir.orders.fields import Lender
from comptoir.orders.lending import Loan, loan
from comptoir.orders.models import Order, OrderChange, ScheduleLine
from comptoir.orders.reasons import DateReason
from comptoir.people.models import Member

Initiator = OrderChange.Initiator


def may_lend(member: Member, row: ScheduleLine, inputs: Mapping[str, Any]) -> Verdict:
    """A senior and above; others ask for it."""
    if member.at_least(Role.SENIOR):
        return ALLOWED
    return NeedsApproval(_("Goods set aside for another customer are moved by a senior."))


def _other_order(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Order]:
    return [inputs["other"].order] if inputs.get("other") else []


def _loan(row: ScheduleLine, other: ScheduleLine, to: date) -> Loan:
    """What it does to the other; ActionError when it cannot be done or does not help."""
    refuse_unmoveable(row)
    refuse_unmoveable(other)
    same = (other.line.product_id, other.site.pk) == (row.line.product_id, row.site.pk)
    if not same or other.order_id == row.order_id:
        raise ActionError(_("{other} holds nothing that {line} could take.").format(other=other, line=row))
    refuse_day(row, to)
    given = loan(row, other, to, flow_of(stock_of(row.line.product, row.site)))
    if given is None:
        told = _("The goods of {other} do not help: they do not suffice for {day}, or it could not be served again.")
        raise ActionError(told.format(other=other, day=shown(to)))
    return given


def lend_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """What it does to both customers' promises."""
    other, to = inputs["other"], inputs["to"]
    given = _loan(row, other, to)
    whose = (
        f"{other.order.customer}, {other.order.customer.owner}"
        if other.order.customer.owner
        else str(other.order.customer)
    )
    told = _("Delivery of {line} ({whose})")
    return [
        Change(told.format(line=row, whose=row.order.customer), shown(row.promised_on), shown(to)),
        Change(told.format(line=other, whose=whose), shown(other.promised_on), shown(given.arrives_on)),
        Change(_("{line} leaves by").format(line=other), shown(other.ship_by_on), shown(given.leaves_on)),
    ]


@action(
    "orders.lend",
    subject=ScheduleLine,
    root=lambda row: row.order,
    also=_other_order,
    authority=may_lend,
    title=gettext_lazy("Take another order's goods"),
    stale=("quantity", "shipped_quantity", "promised_on", "state"),
    diff=lend_changes,
    labels={"other": gettext_lazy("Whose goods"), "to": gettext_lazy("Arrives on")},
)
def lend(
    row: ScheduleLine, *, by: Member, other: Lender, to: date, reason: DateReason, note: Text = Text("")
) -> ScheduleLine:
    """Give a schedule line the goods set aside for another order's; what is promised there moves when it cannot be kept."""
    stock = stock_of(row.line.product, row.site)
    lock(stock)
    given, before = _loan(row, other, to), other.promised_on
    row = rest_of(row, by=by) if to != row.promised_on else row
    other = rest_of(other, by=by) if given.arrives_on != before else other
    leaves = {row.pk: leaving(row, to), other.pk: given.leaves_on}
    exchange(stock, leaves)
    for one, day in ((row, to), (other, given.arrives_on)):
        if day != one.promised_on:
            step = rewritten(one, day, by=by, reason=str(reason))
            apply(one.order, [step], by=by, reason=reason, initiator=Initiator.REP, note=note)
        one.ship_by_on = leaves[one.pk]
        one.save(update_fields=["ship_by_on"])
    on = [row.order, row, other.order, other]
    record(verbs.LENT, by=by, on=on, line=str(other.line), to=str(row.line), before=before, after=given.arrives_on)
    return row
