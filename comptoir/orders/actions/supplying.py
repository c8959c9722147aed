"""Having another site supply a schedule line, or part of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Change, Text, action
from comptoir.catalog.actions import refuse_short, reserve, settle, stock_of
from comptoir.catalog.actions.stock import lock_stocks
from comptoir.catalog.fields import Counted
from comptoir.catalog.models import Site
from comptoir.catalog.queries import stock_effect
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders import verbs
from comptoir.orders.actions.changes import apply, refuse_unmoveable
from comptoir.orders.actions.dates import date_facts, leaving, moved, refuse_day, rewritten, shown
from comptoir.orders.actions.quantities import STALE, parted, refuse_no_part
from comptoir.orders.actions.rests import rest_of, set_apart
from comptoir.orders.elsewhere import as_from, other_sites
from comptoir.orders.fields import OtherSite
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine
from comptoir.orders.reasons import DateReason
from comptoir.people import any_member
from comptoir.people.models import Member

Initiator = OrderChange.Initiator


def supply_changes(row: ScheduleLine, inputs: Mapping[str, Any]) -> list[Change]:
    """Where the goods come from instead, when they arrive, and what stays free there."""
    site, to = inputs["site"], inputs["to"]
    wanted = _refuse(row, site, inputs.get("quantity"))
    seen, stock = as_from(row, site), stock_of(row.line.product, site)
    refuse_day(seen, to)
    leaves = leaving(seen, to)
    refuse_short(stock, row.pk, wanted, leaves)
    before, after = stock_effect(stock, row.pk, wanted, leaves, clock.today())
    amount = f"{wanted.normalize():f} {row.line.unit}"
    free = _("Free stock of {site} on {day}").format(site=site, day=shown(leaves))
    return [
        Change(_("{amount} supplied from").format(amount=amount), str(row.site), str(site)),
        Change(_("Promised delivery"), shown(row.promised_on), shown(to)),
        Change(free, f"{before.normalize():f}", f"{after.normalize():f}"),
    ]


def _refuse(row: ScheduleLine, site: Site, quantity: Decimal | None) -> Decimal:
    """The quantity that comes from there; ActionError where it cannot come from there at all."""
    refuse_unmoveable(row)
    if site == row.site:
        raise ActionError(_("{line} comes from {site} already.").format(line=row, site=site))
    if not other_sites(row).filter(pk=site.pk).exists():
        told = _("{site} does not keep {product}, or what leaves from there is taxed otherwise: ask planning.")
        raise ActionError(told.format(site=site, product=row.line.product))
    if quantity is not None and quantity != row.unshipped_quantity:
        refuse_no_part(row, quantity)
    return row.unshipped_quantity if quantity is None else quantity


@action(
    "orders.supply_from",
    subject=ScheduleLine,
    root=lambda row: row.order,
    authority=any_member,
    title=gettext_lazy("Supply from another site"),
    stale=STALE,
    diff=supply_changes,
    facts=date_facts,
    labels={
        "site": gettext_lazy("Supplied from"),
        "to": gettext_lazy("Arrives on"),
        "quantity": gettext_lazy("Quantity (empty: all)"),
        "initiator": gettext_lazy("Asked for by"),
    },
)
def supply_from(
    row: ScheduleLine,
    *,
    by: Member,
    site: OtherSite,
    to: date,
    reason: DateReason,
    quantity: Counted | None = None,
    initiator: OrderChange.Initiator = Initiator.REP,
    note: Text = Text(""),
) -> ScheduleLine:
    """Have another site supply a schedule line; part of it becomes a schedule line of its own.

    The rest of a part that is wanted earlier than promised comes on the same day from where it lies.
    """
    wanted, before = _refuse(row, site, quantity), row.site
    lock_stocks((row.line.product, one) for one in (before, site))
    on = [row.order, row, row.order.customer]
    record(verbs.SUPPLIED, by=by, on=on, line=str(row.line), quantity=wanted, before=str(before), after=str(site))
    steps: list[ChangeStep] = []
    rest = rest_of(row, by=by)
    if wanted < rest.quantity:
        is_earlier = rest.promised_on is not None and to < rest.promised_on
        steps = [
            parted(rest, wanted, to, by=by, reason=str(reason), is_wish=initiator == Initiator.CUSTOMER, site=site)
        ]
        steps += [moved(rest, to, by=by, reason=str(reason))] if is_earlier else []
    else:
        steps = _brought(rest, site, to, by=by, reason=str(reason))
    if not steps and rest is not row:
        steps = [set_apart(row, rest)]
    if steps:
        apply(row.order, steps, by=by, reason=reason, initiator=initiator, note=note)
    return row


def _brought(row: ScheduleLine, site: Site, to: date, *, by: Member, reason: str) -> list[ChangeStep]:
    """All of a schedule line leaves from another site: set aside there, given back here, promised for its day."""
    given_back = stock_of(row.line.product, row.site)
    seen = as_from(row, site)
    refuse_day(seen, to)
    leaves = leaving(seen, to)
    reserve(stock_of(row.line.product, site), row.pk, row.quantity, leaves)
    settle(given_back, by=by)  # while the line still counts as this site's, so that what it lacked here is over
    row.supplied_from, row.ship_by_on = site, leaves
    row.save(update_fields=["supplied_from", "ship_by_on"])
    return [rewritten(row, to, by=by, reason=reason)] if to != row.promised_on else []
