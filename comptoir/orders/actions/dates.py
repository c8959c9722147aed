"""Moving what was promised."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, Text, Use, Verdict, action, lock
from comptoir.catalog.actions import refuse_short, reserve, stock_of
from comptoir.catalog.queries import stock_effect
from comptoir.events import record
from comptoir.lib import clock, days
from comptoir.lib.calendar import is_business_day
from comptoir.lib.money import Money
from comptoir.orders import verbs
from comptoir.orders.actions.changes import apply, refuse_unmoveable
from comptoir.orders.actions.rests import rest_of
from comptoir.orders.actions.versions import first_arrival, set_promised, ship_by
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine
from comptoir.orders.reasons import DateReason, DelayReason
from comptoir.people import any_member
from comptoir.people.models import Member

Initiator = OrderChange.Initiator
FARTHEST = timedelta(days=3653)


def may_move_dates(member: Member, row: ScheduleLine, inputs: Mapping[str, Any]) -> Verdict:
    """Any member may move a date; what the extra freight costs has to fit into their limit."""
    cost = inputs.get("freight_cost")
    return Use(cost, row.order.customer) if cost else ALLOWED


def date_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """What moving the date does: to the promise, to the day it has to leave, to stock, and its cost."""
    to: date = inputs["to"]
    cost: Money | None = inputs.get("freight_cost")
    refuse_unmoveable(row)
    refuse_impossible(row, to, express=bool(cost))
    changes = [
        Change(_("Promised delivery"), shown(row.promised_on), shown(to)),
        Change(_("Has to leave by"), shown(row.ship_by_on), shown(leaving(row, to))),
        stock_change(row, to, row.unshipped_quantity),
    ]
    if cost:
        changes.append(Change(_("Extra freight cost"), "–", str(cost)))
    return changes


def stock_change(row: ScheduleLine, to: date, quantity: Decimal) -> Change:
    """What stays free of the product on the day this quantity leaves."""
    stock, day = stock_of(row.line.product, row.site), leaving(row, to)
    before, after = stock_effect(stock, row.pk, quantity, day, clock.today())
    return Change(_("Free stock on {day}").format(day=shown(day)), f"{before.normalize():f}", f"{after.normalize():f}")


def leaving(row: ScheduleLine, arrives_on: date) -> date:
    """The day to leave in order to arrive then: in time for the usual transit, today when that has passed."""
    return max(ship_by(row, arrives_on), clock.today())


def refuse_impossible(row: ScheduleLine, to: date, *, express: bool = False, quantity: Decimal | None = None) -> None:
    """Raise ActionError when the day is past, closed or too near, or stock and supply do not reach."""
    refuse_day(row, to, express=express)
    stock = stock_of(row.line.product, row.site)
    refuse_short(stock, row.pk, row.unshipped_quantity if quantity is None else quantity, leaving(row, to))


def refuse_day(row: ScheduleLine, to: date, *, express: bool = False) -> None:
    """Raise ActionError when the day is past, closed or too near.

    `express`: freight paid for extra arrives faster than the usual transit days.
    """
    if to > clock.today() + FARTHEST:
        raise ActionError(_("{day} is too far away to be promised.").format(day=shown(to)))
    if to <= clock.today(row.zone):
        raise ActionError(_("{day} is over or too near to deliver.").format(day=shown(to)))
    if not is_business_day(to, row.order.ship_to.country):
        raise ActionError(_("{day} is not a working day at the ship-to.").format(day=shown(to)))
    if not express and ship_by(row, to) < clock.today():
        raise ActionError(
            _("The usual transport does not arrive by {day}: name the cost of a faster one.").format(day=shown(to))
        )


def shown(day: date | None) -> str:
    """A day as a reader of the active language writes it, with its weekday."""
    return days.day(day) if day else "–"


def date_facts(row: ScheduleLine) -> list[tuple[str, str]]:
    """What was asked for, what is promised, and from when on it is possible."""
    first = first_arrival(row, stock_of(row.line.product, row.site))
    return [
        *rest_facts(row),
        (_("Asked for"), shown(row.requested_on)),
        (_("Promised now"), shown(row.promised_on)),
        (_("Possible by usual transport"), shown(first) if first else _("no supply planned")),
    ]


def rest_facts(row: ScheduleLine) -> list[tuple[str, str]]:
    """What has left of it and what of it is changed, where part has left."""
    if not row.is_partly_shipped:
        return []
    numbers = (f"{value.normalize():f} {row.line.unit}" for value in (row.shipped_quantity, row.unshipped_quantity))
    return list(zip((_("Has left"), _("Is changed")), numbers, strict=True))


MOVE: dict[str, Any] = {
    "subject": ScheduleLine,
    "root": lambda row: row.order,
    "authority": may_move_dates,
    "spends": True,
    "stale": ("quantity", "shipped_quantity", "promised_on", "state"),
    "diff": date_changes,
    "facts": date_facts,
    "labels": {"initiator": gettext_lazy("Asked for by")},
}


@action("orders.pull_in", title=gettext_lazy("Pull in"), **MOVE)
def pull_in(
    row: ScheduleLine,
    *,
    by: Member,
    to: date,
    reason: DateReason,
    freight_cost: Money | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Promise the customer an earlier arrival of a schedule line."""
    refuse_unmoveable(row)
    if row.promised_on and to >= row.promised_on:
        raise ActionError(_("{day} is not earlier than what is promised.").format(day=shown(to)))
    return _move(row, by, to, reason, freight_cost, initiator, note)


@action("orders.push_out", title=gettext_lazy("Push out"), **MOVE)
def push_out(
    row: ScheduleLine,
    *,
    by: Member,
    to: date,
    reason: DateReason,
    freight_cost: Money | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Promise the customer a later arrival of a schedule line."""
    refuse_unmoveable(row)
    if row.promised_on and to <= row.promised_on:
        raise ActionError(_("{day} is not later than what is promised.").format(day=shown(to)))
    return _move(row, by, to, reason, freight_cost, initiator, note)


def _move(
    row: ScheduleLine, by: Member, to: date, reason: DateReason, cost: Money | None, initiator: str, note: str
) -> OrderChange:
    rest = rest_of(row, by=by)
    step = moved(rest, to, by=by, reason=str(reason), is_express=bool(cost))
    return apply(row.order, [step], by=by, reason=reason, initiator=initiator, note=note, cost=cost)


def moved(row: ScheduleLine, to: date, *, by: Member, reason: str, is_express: bool = False) -> ChangeStep:
    """Set the goods aside for another day, promise it, and say so."""
    refuse_impossible(row, to, express=is_express)
    reserve(stock_of(row.line.product, row.site), row.pk, row.quantity, leaving(row, to))
    return rewritten(row, to, by=by, reason=reason)


def rewritten(row: ScheduleLine, to: date, *, by: Member, reason: str) -> ChangeStep:
    """Rewrite what is promised on a schedule line whose goods are set aside for that day already."""
    before = row.promised_on
    set_promised(row, to, by=by, reason=reason)
    on = [row.order, row, row.order.customer]
    record(verbs.DATE_MOVED, by=by, on=on, line=str(row.line), before=before, after=to)
    return ChangeStep(
        type=ChangeStep.Type.DATE, schedule_line=row,
        before=before.isoformat() if before else None, after=to.isoformat(),
    )  # fmt: skip


@action(
    "orders.set_expected",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Expected date"),
)
def set_expected(row: ScheduleLine, *, by: Member, to: date, reason: DelayReason | None = None) -> ScheduleLine:
    """Note when it will arrive as things look now; what was promised stays as it is."""
    if row.state in ScheduleLine.DONE:
        label = ScheduleLine.State(row.state).label
        raise ActionError(_("{line} cannot be changed any more: {state}.").format(line=row, state=label))
    record(verbs.EXPECTED, by=by, on=[row.order, row], line=str(row.line), before=row.expected_on, after=to)
    row.expected_on, row.delay_reason = to, reason
    row.save(update_fields=["expected_on", "delay_reason"])
    return row


def expect_as_before(row: ScheduleLine, said: date | None, before: date | None, *, by: Member) -> None:
    """Expect a line when it was expected before a day was said that was not told after all; one said since stays."""
    lock(row.order)
    row.refresh_from_db(fields=["expected_on", "state"])
    if row.expected_on != said or row.state in ScheduleLine.DONE:
        return
    record(verbs.EXPECTED, by=by, on=[row.order, row], line=str(row.line), before=said, after=before)
    row.expected_on = before
    row.save(update_fields=["expected_on"])
