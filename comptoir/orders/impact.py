"""What a change would do: tried in a transaction that is rolled back, so that it says what would really happen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import DataError
from django.utils.translation import gettext as _

from comptoir.actions import ActionError, Change, lock
from comptoir.catalog.actions import release
from comptoir.catalog.models import Product
from comptoir.lib.money import Money
from comptoir.orders.actions.negotiating import carry, tried, write
from comptoir.orders.actions.steps import Step
from comptoir.orders.actions.weighing import weigh
from comptoir.orders.guards import Guard
from comptoir.orders.keeping import more_kept, set_aside, told
from comptoir.orders.merging import Conflict, merge, read
from comptoir.orders.models import Order, OrderChange, OrderVersion
from comptoir.orders.versions import differences, thaw
from comptoir.people.models import Member
from comptoir.promises.models import Promise


@dataclass(slots=True)
class Impact:
    """What would be different; `refused` when it cannot be done, `conflicts` when others changed the same meanwhile.

    `hurt` are other orders' promises that would be at risk by it, `kept` what is set aside besides while it is offered.
    """

    changes: list[Change] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    hurt: list[Promise] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    kept: list[tuple[Product, Decimal]] = field(default_factory=list)
    refused: str = ""


def impact_of(
    order: Order,
    steps: Sequence[Step],
    *,
    by: Member,
    cost: Money | None,
    initiator: str,
    counters: OrderChange | None = None,
) -> Impact:
    """What the steps would do to the order, its promises and sums, the guards and others, in place of what they counter."""
    found, aside = Impact(), set_aside(order)
    before = thaw(OrderVersion.objects.filter(order=order).latest("version").snapshot)
    risky = _at_risk()
    try:
        with tried():
            fresh = Order.objects.select_related("customer", "ship_to", "bill_to", "site", "contact").get(pk=order.pk)
            lock(fresh)  # as an action would: two who look and change at once never wait for each other
            if counters is not None:
                release(counters.pk)
            made = write(fresh, steps, by, None, initiator, cost, "")
            merged = merge(read(made))
            found.conflicts = merged.conflicts
            if not merged.conflicts:
                found.guards = weigh(fresh, merged.todo)
                carry(made, by=by)
                found.changes = differences(before, thaw(fresh.versions.latest("version").snapshot))
                found.changes += [Change(_("Extra freight cost"), "–", str(cost))] if cost else []
                found.kept = told(more_kept(aside, set_aside(fresh)))
                found.hurt = list(Promise.objects.filter(pk__in=_at_risk() - risky).select_related("customer"))
    except ActionError as error:
        found.refused = error.sentence
    except (DataError, OverflowError):
        found.refused = _("A number or a text is larger than what can be kept: make it smaller.")
    return found


def _at_risk() -> set[int]:
    return set(Promise.objects.standing().filter(at_risk_at__isnull=False).values_list("pk", flat=True))


def open_changes(order: Order) -> list[OrderChange]:
    """What is being negotiated of an order, the newest first (one query; steps are read with `read`)."""
    rows = OrderChange.objects.filter(order=order).negotiated().select_related("by", "reason", "counters")
    return list(rows.order_by("-pk"))
