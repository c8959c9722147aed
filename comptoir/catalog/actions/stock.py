"""Setting stock aside: called by order actions, which lock the stock first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comptoir.actions import ActionError, lock
from comptoir.actions.due import due, take
from comptoir.actions.rows import insert_each
from comptoir.catalog import queries
from comptoir.catalog.holders import offers as offers_named
from comptoir.catalog.holders import tell_offers, tell_shortages
from comptoir.catalog.models import Pledge, Product, Reservation, Site, Stock
from comptoir.events import notify
from comptoir.lib import clock, days
from comptoir.lib.prepared import Prepared
from comptoir.people.models import Member

KEPT = Prepared(lambda products, site: Stock.objects.filter(product_id__any=products, site_id=site))


def stock_of(product: Product, site: Site) -> Stock:
    """The stock row of a product at a site; an empty one is made for a product never kept there."""
    row, _new = Stock.objects.get_or_create(product=product, site=site)
    return row


def stocks_of(products: Iterable[Product], site: Site) -> dict[int, Stock]:
    """The stock rows of products at a site, by product; empty ones are made for products never kept there."""
    wanted = {product.pk: product for product in products}
    found = {row.product_id: row for row in KEPT(list(wanted), site.pk)}
    return {pk: found.get(pk) or stock_of(product, site) for pk, product in wanted.items()}


def lock_stocks(wanted: Iterable[tuple[Product, Site]]) -> dict[tuple[int, int], Stock]:
    """The stock rows of products at sites, locked together in one order, by the ids of product and site."""
    found = {(product.pk, site.pk): stock_of(product, site) for product, site in wanted}
    lock(*{stock.pk: stock for stock in found.values()}.values())
    return found


@dataclass(frozen=True, slots=True)
class Aside:
    """A quantity to be set aside for a schedule line, which leaves on a day."""

    stock: Stock
    schedule_line_id: int
    quantity: Decimal
    leaves_on: date


def reserve_each(asides: Sequence[Aside]) -> None:
    """Set quantities aside for schedule lines that had none, by one statement; the caller has locked and looked.

    The database refuses what stock and supply do not reach (`catalog_refuse_overreserved`).
    """
    insert_each(
        [
            Reservation(
                stock=one.stock, schedule_line_id=one.schedule_line_id, quantity=one.quantity, needed_on=one.leaves_on
            )
            for one in asides
        ]
    )
    notify(*{f"product:{one.stock.product_id}" for one in asides})


def reserve(stock: Stock, schedule_line_id: int, quantity: Decimal, leaves_on: date) -> None:
    """Set a quantity aside for a schedule line, replacing what it had.

    Raises ActionError naming the earliest possible day when stock and supply do not reach.
    """
    lock(stock)
    refuse_short(stock, schedule_line_id, quantity, leaves_on)
    Reservation.objects.update_or_create(
        schedule_line_id=schedule_line_id, defaults={"stock": stock, "quantity": quantity, "needed_on": leaves_on}
    )
    notify(f"product:{stock.product_id}")
    if stock.is_short:
        settle(stock)


def refuse_short(stock: Stock, schedule_line_id: int | None, quantity: Decimal, leaves_on: date) -> None:
    """Raise ActionError when the quantity cannot leave on that day."""
    today = clock.today()
    if queries.available(stock, leaves_on, today, schedule_line_id) >= quantity:
        return
    first = queries.earliest(stock, quantity, today, schedule_line_id)
    if first is None:
        raise ActionError(_("No planned supply covers this quantity: ask planning."))
    raise ActionError(
        _("Stock does not allow it: this quantity can leave on {day} at the earliest.").format(day=days.day(first))
    )


def exchange(stock: Stock, days: Mapping[int, date]) -> None:
    """Have schedule lines take their goods on other days, so that none of them and nobody else lacks for it.

    Unlike `reserve` it asks only who would lack more than before, so that goods change hands where others wait for theirs.
    """
    lock(stock)
    before = queries.flow_of(stock)
    after = before.with_days(days)
    if set(queries.hurt_by(before, after)) | (set(after.shortages()) & set(days)):
        raise ActionError(_("These goods do not suffice for both: look again."))
    if offers := let_down(before, after):
        raise ActionError(_("These goods are kept back for an offer: {offers}.").format(offers="; ".join(offers)))
    for line, day in days.items():
        Reservation.objects.filter(schedule_line_id=line, stock=stock).update(needed_on=day)
    notify(f"product:{stock.product_id}")
    settle(stock)


def let_down(before: queries.Flow, after: queries.Flow) -> list[str]:
    """The names of the offers that lack more of what is kept back for them after a change than before it."""
    return offers_named(queries.let_down_by(before, after))


def shrink(stock: Stock, schedule_line_id: int, quantity: Decimal) -> None:
    """Give back all but a quantity of what is set aside for a schedule line; never refused, as it takes nothing."""
    lock(stock)
    held = Reservation.objects.filter(schedule_line_id=schedule_line_id)
    if quantity:
        held.filter(quantity__gt=quantity).update(quantity=quantity)
    else:
        held.delete()
    notify(f"product:{stock.product_id}")
    if stock.is_short:
        settle(stock)


def pass_on(stock: Stock, schedule_line_id: int, to: int, *, cause: Mapping[str, Any]) -> None:
    """What is set aside for a schedule line is another's from now on; where it lacks, the other lacks it, by the same cause."""
    lock(stock)
    Reservation.objects.filter(schedule_line_id=schedule_line_id).update(schedule_line_id=to)
    if stock.is_short:
        settle(stock, cause={name: value for name, value in cause.items() if name != "lacks"})


def pledge(change_id: int, kept: Iterable[tuple[int, date, Decimal]], until: date) -> None:
    """Keep goods back for what is offered: stock row, day it would leave, quantity; the caller has locked and looked."""
    Pledge.objects.bulk_create(
        Pledge(change_id=change_id, stock_id=stock, needed_on=day, quantity=quantity, until=until)
        for stock, day, quantity in kept
    )


def release(change_id: int) -> None:
    """What was kept back for an offer is free again."""
    Pledge.objects.filter(change_id=change_id).delete()


def settle(stock: Stock, *, by: Member | None = None, cause: Mapping[str, Any] | None = None) -> None:
    """Have it known which orders and offers lack goods of a stock row, and which no longer; called after what is there changed.

    What is set aside anew never leaves anybody short, so that only a row that is short already asks for this then.
    """
    flow = queries.flow_of(stock)
    lacking = flow.shortages()
    if lacking or stock.is_short:
        stock.is_short = bool(lacking)
        stock.save(update_fields=["is_short"])
        tell_shortages(stock, lacking, by, cause or {})
    if flow.kept:
        _settle_offers(stock, flow.uncovered(), by)


def _settle_offers(stock: Stock, lacking: Mapping[int, Decimal], by: Member | None) -> None:
    """Note which offers' goods lie there and which do not, and have said what is new of it."""
    standing = Pledge.objects.filter(stock=stock, is_covered=False, until__gte=clock.today())
    known = set(standing.values_list("change_id", flat=True))
    fresh, again = lacking.keys() - known, known - lacking.keys()
    if fresh or again:
        Pledge.objects.filter(stock=stock, change_id__in=fresh).update(is_covered=False)
        Pledge.objects.filter(stock=stock, change_id__in=again).update(is_covered=True)
        tell_offers(stock, {one: lacking[one] for one in fresh}, again, by)


@due("catalog.settle_offers")
def settle_uncovered(now: datetime) -> int:
    """Offers whose goods did not lie there are looked at again: others may have been withdrawn, or given goods back."""
    lacking = Pledge.objects.filter(is_covered=False, until__gte=clock.today())
    return take(Stock.objects.filter(pk__in=lacking.values("stock")), settle)
