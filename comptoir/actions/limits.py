"""How much somebody may still give: limits, their counters, and the ledger of uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from comptoir.actions.authority import NeedsApproval, Use
from comptoir.actions.locks import lock
from comptoir.actions.models import Limit, LimitCounter, LimitUse
from comptoir.events.actor import Actor
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.roles import RANKS, Role

Period = Limit.Period


@dataclass(frozen=True, slots=True)
class Meter:
    """What is left of a limit: shown before acting."""

    limit: Limit
    used: Money

    @property
    def total(self) -> Money:
        return self.limit.money

    @property
    def left(self) -> Money:
        return self.total - self.used

    @property
    def share(self) -> int:
        """The part used, in percent."""
        return int(100 * self.used.amount / self.total.amount) if self.total else 100


def period_start(period: str, day: date) -> date:
    """The first day of the period a day falls in."""
    return day.replace(day=1) if period == Period.MONTH else day


def limits_for(member: Actor, action: str, customer: Any, currency: str) -> list[Limit]:
    """The limits that hold for an act, one a period; a limit of the customer's class goes before a general one."""
    customer_class = getattr(customer, "customer_class", "") or ""
    rows = Limit.objects.active().filter(
        role=member.role, action=action, currency=currency, customer_class__in={"", customer_class}
    )
    return list({row.period: row for row in rows.order_by("period", "customer_class")}.values())


def meters(member: Actor, action: str, customer: Any, currency: str) -> list[Meter]:
    """What the member has left for an act, without locking."""
    return [
        Meter(limit, Money(_used(limit, member), currency)) for limit in limits_for(member, action, customer, currency)
    ]


def _used(limit: Limit, member: Actor) -> Decimal:
    if limit.period == Period.ACT:
        return Decimal(0)
    start = period_start(limit.period, clock.today())
    counter = limit.counters.filter(member_id=member.pk, period_start=start).first()
    return counter.used if counter else Decimal(0)


def refuse_over(use: Use, member: Actor, action: str, meter: Meter) -> None:
    """Raise NeedsApproval when the use does not fit into what is left."""
    if use.amount > meter.left:
        per_act = meter.limit.period == Period.ACT
        told = _("{amount} is above your limit of {total} each time.")
        raise NeedsApproval(
            (told if per_act else _("{amount} is above your limit: {left} of {total} {period} left.")).format(
                amount=use.amount,
                left=meter.left,
                total=meter.total,
                period=Period(meter.limit.period).label,
            ),
            role=role_for(use, member, action),
            amount=use.amount,
        )


def check(use: Use, member: Actor, action: str) -> list[Meter]:
    """The meters of a use that fits as things stand; raises NeedsApproval when it does not or no limit exists."""
    found = meters(member, action, use.customer, use.amount.currency)
    if not found:
        raise NeedsApproval(
            _("Your role has no limit in {currency} for this.").format(currency=use.amount.currency),
            role=role_for(use, member, action),
            amount=use.amount,
        )
    for meter in found:
        refuse_over(use, member, action, meter)
    return found


def role_for(use: Use, member: Actor, action: str) -> Role:
    """The lowest role above the member's own whose limits allow the amount in one act.

    Where none does: a manager, or a senior when the act has no limits in that currency at all.
    """
    customer_class = getattr(use.customer, "customer_class", "") or ""
    rows = (
        Limit.objects.active()
        .filter(action=action, currency=use.amount.currency, customer_class__in={"", customer_class})
        .order_by("customer_class")
    )
    by_role: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        by_role.setdefault(row.role, {})[row.period] = row.amount
    enough = [
        Role(role)
        for role, periods in by_role.items()
        if RANKS[role] > member.rank and all(use.amount.amount <= most for most in periods.values())
    ]
    return min(enough, key=lambda role: RANKS[role], default=Role.MANAGER if by_role else Role.SENIOR)


@dataclass(frozen=True, slots=True)
class Booking:
    """A use with the action and the row it comes from."""

    use: Use
    action: str
    subject: Any


def book(bookings: Sequence[Booking], member: Actor, returned: Sequence[models.Model] = ()) -> None:
    """Lock the counters of the member's limits, refuse what exceeds one, and write the uses into the ledger.

    What was drawn for `returned` rows is given back before. Called once, last in a transaction: limits have the highest lock
    rank, and all are locked together.
    """
    given = [one for one in bookings if one.use.amount]
    if returned:
        give_back(returned, beside=_counters_of(given, member))
    under = [(meter.limit, one) for one in given for meter in check(one.use, member, one.action)]
    counters = _locked_counters([limit for limit, _one in under], member)
    for limit, one in under:
        counter = counters[limit.pk]
        used = Decimal(0) if limit.period == Period.ACT else counter.used
        refuse_over(one.use, member, one.action, Meter(limit, Money(used, limit.currency)))
        counter.used += one.use.amount.amount
        counter.save(update_fields=["used"])
        _write_use(limit, one, member)


def give_back(rows: Sequence[models.Model], beside: Sequence[LimitCounter] = ()) -> None:
    """What was drawn for rows is taken off the counters of its own period; those `beside` are locked with them."""
    about = [models.Q(subject_noun=row._meta.model_name, subject_id=row.pk) for row in rows]
    uses = list(LimitUse.objects.filter(reduce(or_, about), given_back_at=None).select_related("limit").order_by("pk"))
    counters = {use.pk: _counter_of(use) for use in uses}
    lock(*beside, *counters.values())
    for use in uses:
        LimitCounter.objects.filter(pk=counters[use.pk].pk).update(used=models.F("used") - use.amount)
    LimitUse.objects.filter(pk__in=counters).update(given_back_at=clock.now())


def _counter_of(use: LimitUse) -> LimitCounter:
    with clock.at(use.at):
        start = period_start(use.limit.period, clock.today())
    return LimitCounter.objects.get(limit=use.limit_id, member=use.member_id, period_start=start)


def _counters_of(bookings: Sequence[Booking], member: Actor) -> list[LimitCounter]:
    uses = [(one, one.use) for one in bookings]
    found = [limits_for(member, one.action, use.customer, use.amount.currency) for one, use in uses]
    return list(_counters([limit for limits in found for limit in limits], member).values())


def _locked_counters(limits: list[Limit], member: Actor) -> dict[int, LimitCounter]:
    """The counters of this period by limit, locked together."""
    found = _counters(limits, member)
    lock(*found.values())
    return found


def _counters(limits: list[Limit], member: Actor) -> dict[int, LimitCounter]:
    """The counters of this period by limit; new ones are made in one order before any is locked."""
    found = {}
    for limit in sorted({limit.pk: limit for limit in limits}.values(), key=lambda limit: limit.pk):
        start = period_start(limit.period, clock.today())
        found[limit.pk], _new = LimitCounter.objects.get_or_create(limit=limit, member_id=member.pk, period_start=start)
    return found


def _write_use(limit: Limit, one: Booking, member: Actor) -> None:
    LimitUse.objects.create(
        limit=limit,
        member_id=member.pk,
        action=one.action,
        subject_noun=one.subject._meta.model_name if one.subject else "",
        subject_id=one.subject.pk if one.subject else None,
        customer_id=getattr(one.use.customer, "pk", None),
        amount=one.use.amount.amount,
        currency=one.use.amount.currency,
        at=clock.now(),
    )
