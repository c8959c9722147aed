"""How much somebody may still give: limits, their counters, and the ledger of uses."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

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
    rows = Limit.objects.filter(
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


def refuse_over(use: Use, action: str, meter: Meter) -> None:
    """Raise NeedsApproval when the use does not fit into what is left."""
    if use.amount > meter.left:
        raise NeedsApproval(
            _("{amount} is above your limit: {left} of {total} {period} left.").format(
                amount=use.amount,
                left=meter.left,
                total=meter.total,
                period=Period(meter.limit.period).label,
            ),
            role=role_for(use, action),
            amount=use.amount,
        )


def check(use: Use, member: Actor, action: str) -> list[Meter]:
    """The meters of a use that fits as things stand; raises NeedsApproval when it does not or no limit exists."""
    found = meters(member, action, use.customer, use.amount.currency)
    if not found:
        raise NeedsApproval(
            _("Your role has no limit in {currency} for this.").format(currency=use.amount.currency),
            role=role_for(use, action),
            amount=use.amount,
        )
    for meter in found:
        refuse_over(use, action, meter)
    return found


def role_for(use: Use, action: str) -> Role:
    """The lowest role whose limits allow the amount in one act; a senior where none does."""
    customer_class = getattr(use.customer, "customer_class", "") or ""
    rows = Limit.objects.filter(
        action=action, currency=use.amount.currency, customer_class__in={"", customer_class}
    ).order_by("customer_class")
    by_role: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        by_role.setdefault(row.role, {})[row.period] = row.amount
    enough = [Role(r) for r, periods in by_role.items() if all(use.amount.amount <= a for a in periods.values())]
    return min(enough, key=lambda role: RANKS[role], default=Role.MANAGER if by_role else Role.SENIOR)


def book(use: Use, member: Actor, action: str, subject: Any) -> None:
    """Lock the counters of the member's limits, refuse what exceeds one, and write the use into the ledger.

    Called last in a transaction: limits have the highest lock rank.
    """
    if not use.amount:
        return
    for meter in check(use, member, action):
        _book_under(meter.limit, use, member, action, subject)


def _book_under(limit: Limit, use: Use, member: Actor, action: str, subject: Any) -> None:
    counter = _locked_counter(limit, member)
    used = Decimal(0) if limit.period == Period.ACT else counter.used
    refuse_over(use, action, Meter(limit, Money(used, use.amount.currency)))
    counter.used += use.amount.amount
    counter.save(update_fields=["used"])
    LimitUse.objects.create(
        limit=limit,
        member_id=member.pk,
        action=action,
        subject_noun=subject._meta.model_name if subject else "",
        subject_id=subject.pk if subject else None,
        customer_id=getattr(use.customer, "pk", None),
        amount=use.amount.amount,
        currency=use.amount.currency,
        at=clock.now(),
    )


def _locked_counter(limit: Limit, member: Actor) -> LimitCounter:
    start = period_start(limit.period, clock.today())
    counter, _new = LimitCounter.objects.get_or_create(limit=limit, member_id=member.pk, period_start=start)
    lock(counter)
    return counter
