"""Setting stock aside: called by order actions, which lock the stock first."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comptoir.actions import ActionError, lock
from comptoir.catalog import queries
from comptoir.catalog.models import Product, Reservation, Site, Stock


def stock_of(product: Product, site: Site) -> Stock:
    """The stock row of a product at a site; an empty one is made for a product never kept there."""
    row, _new = Stock.objects.get_or_create(product=product, site=site)
    return row


def reserve(stock: Stock, schedule_line_id: int, quantity: Decimal, needed_on: date, today: date) -> None:
    """Set a quantity aside for a schedule line, replacing what it had.

    Raises ActionError naming the earliest possible day when stock and supply do not reach.
    """
    lock(stock)
    refuse_short(stock, schedule_line_id, quantity, needed_on, today)
    Reservation.objects.update_or_create(
        schedule_line_id=schedule_line_id, defaults={"stock": stock, "quantity": quantity, "needed_on": needed_on}
    )


def refuse_short(stock: Stock, schedule_line_id: int, quantity: Decimal, needed_on: date, today: date) -> None:
    """Raise ActionError when the quantity cannot leave on that day."""
    if queries.available(stock, needed_on, today, schedule_line_id) >= quantity:
        return
    first = queries.earliest(stock, quantity, today, schedule_line_id)
    if first is None:
        raise ActionError(_("No planned supply covers this quantity: ask planning."))
    raise ActionError(
        _("Stock does not allow it: this quantity can leave on {day} at the earliest.").format(
            day=date_format(first, "DATE_FORMAT")
        )
    )


def release(schedule_line_id: int) -> None:
    """Give back what was set aside for a schedule line."""
    Reservation.objects.filter(schedule_line_id=schedule_line_id).delete()
