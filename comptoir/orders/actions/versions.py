"""What every change of a confirmed order does: dates and their promise, the next version, its frozen snapshot."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _

from comptoir.actions import lock
from comptoir.actions.rows import insert_each, write_each
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Stock
from comptoir.catalog.units import factors_of
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days, is_business_day
from comptoir.lib.prepared import Prepared
from comptoir.orders import verbs
from comptoir.orders.models import Line, Order, OrderVersion, ScheduleLine
from comptoir.orders.queries import arrival
from comptoir.orders.totals import totals
from comptoir.people.models import Member
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise

DELIVER = Promise.Kind.DELIVER
LINES = Prepared(lambda order: Line.objects.filter(order_id=order).select_related("product"))
SCHEDULE = Prepared(lambda order: ScheduleLine.objects.filter(order_id=order).order_by("position"))


def ship_by(row: ScheduleLine, arrives_on: date) -> date:
    """The last day to leave in order to arrive then: transit days before, a working day of ship-to and site."""
    place, site = row.order.ship_to, row.site
    day = add_business_days(arrives_on, -place.transit_days, place.country)
    while not is_business_day(day, site.country):
        day -= timedelta(days=1)
    return day


def first_arrival(row: ScheduleLine, stock: Stock) -> date | None:
    """The first day the goods can arrive by the usual transport; None when no planned supply suffices."""
    today, place = clock.today(), row.order.ship_to
    leaves = catalog.earliest(stock, row.unshipped_quantity, today, row.pk)
    return arrival(leaves, place, row.site) if leaves else None


def set_promised(row: ScheduleLine, day: date, *, by: Member, reason: str) -> None:
    """The one place that writes promised dates: the promise row first, then its copies on the schedule line."""
    until = promises.Due.by_day(day, row.zone)
    standing = promises.standing_on(row, DELIVER)
    if standing is None:
        first = promises.Due.by_day(row.first_promised_on, row.zone) if row.first_promised_on else until
        promises.promise(
            row, by=by, kind=DELIVER, text=_("Delivery of {line}").format(line=row.line), until=until, first=first,
            customer=row.order.customer, contact=row.order.contact, on=(row.order,),
        )  # fmt: skip
    else:
        promises.revise(standing, row, by=by, until=until, reason=reason, on=(row.order,))
    row.first_promised_on = row.first_promised_on or day
    row.promised_on, row.ship_by_on = day, max(ship_by(row, day), clock.today())
    row.save(update_fields=["first_promised_on", "promised_on", "ship_by_on", "state"])


def promise_first(days: Sequence[tuple[ScheduleLine, date]], order: Order, *, by: Member) -> None:
    """Promise schedule lines of an order for the first time, each for its day, by two statements."""
    news = [
        promises.New(row, _("Delivery of {line}").format(line=row.line), promises.Due.by_day(day, row.zone))
        for row, day in days
    ]
    promises.promise_each(news, by=by, kind=DELIVER, customer=order.customer, contact=order.contact, on=(order,))
    for row, day in days:
        row.first_promised_on = row.promised_on = day
        row.ship_by_on = max(ship_by(row, day), clock.today())
        row.state = ScheduleLine.State.PROMISED
    write_each([row for row, _day in days], "first_promised_on", "promised_on", "ship_by_on", "state")


def new_version(order: Order, *, by: Member, rows: Sequence[ScheduleLine] | None = None) -> OrderVersion:
    """Count the version up and freeze what it says; `rows` are its schedule lines with their lines, where they are at hand."""
    order.version += 1
    write_each([order], "version", "state")
    made = OrderVersion(order=order, version=order.version, snapshot=snapshot(order, rows))
    insert_each([made])
    record(verbs.CONFIRMED, by=by, on=[order, order.customer], version=order.version)
    return made


def snapshot(order: Order, schedule: Sequence[ScheduleLine] | None = None) -> dict[str, Any]:
    """Everything the confirmation says, as JSON: strings for decimals, ISO days."""
    if schedule is None:
        rows, schedule = LINES(order.pk), SCHEDULE(order.pk)
    else:
        rows = sorted({row.line_id: row.line for row in schedule}.values(), key=lambda line: line.position)
    others = [line.product for line in rows if line.is_said_otherwise]
    factors = factors_of(others) if others else {}
    lines = [
        {
            "position": line.position, "part": line.product.number, "customer_part": line.customer_part,
            "description": line.description, "quantity": str(line.open_quantity), "unit": line.unit,
            "unit_price": str(line.unit_price), "per": line.per, "net": str(line.net), "tax_rate": str(line.tax_rate),
            "schedule": [_schedule(row) for row in schedule if row.line_id == line.pk and row.quantity],
        } | _ordered(line, factors)
        for line in rows
    ]  # fmt: skip
    summed = totals(order, rows)
    return {
        "seller": {"name": order.site.company or order.site.name, "address": order.site.address.splitlines(),
                   "tax_id": order.site.tax_id, "city": order.site.city},
        "number": order.number, "version": order.version, "po_number": order.po_number,
        "po_date": order.po_date.isoformat() if order.po_date else None, "currency": order.currency,
        "customer": order.customer.name, "customer_number": order.customer.number, "tax_id": order.customer.tax_id,
        "contact": order.contact.name if order.contact else "", "language": language_of(order),
        "ship_to": order.ship_to.lines, "bill_to": order.bill_to.lines, "incoterm": order.incoterm,
        "terms": order.terms, "lines": lines, "net": str(summed.net.amount), "tax": str(summed.tax.amount),
        "gross": str(summed.gross.amount), "rates": [[str(r), str(b.amount), str(t.amount)] for r, b, t in summed.rates],
        "tax_reason": order.tax_reason,
    }  # fmt: skip


def _ordered(line: Line, factors: Mapping[tuple[int, str], Decimal]) -> dict[str, str]:
    """The quantity in the unit the customer ordered it in, while it still comes to what is open; else nothing."""
    factor = factors.get((line.product_id, line.ordered_unit.lower()))
    if factor is None or line.ordered_quantity is None or line.ordered_quantity * factor != line.open_quantity:
        return {}
    return {"ordered_quantity": str(line.ordered_quantity), "ordered_unit": line.ordered_unit}


def _schedule(row: ScheduleLine) -> dict[str, str | None]:
    return {
        "quantity": str(row.quantity),
        "requested_on": row.requested_on.isoformat(),
        "promised_on": row.promised_on.isoformat() if row.promised_on else None,
    }


def language_of(order: Order) -> str:
    """The language the customer reads: the contact's, else the customer's."""
    return (order.contact and order.contact.language) or order.customer.language


def keep_document(version: OrderVersion, made: bytes) -> File:
    """Store a version's document, unless another worker was quicker: then the one it stored."""
    with journal():
        lock(version.order)
        kept = OrderVersion.objects.select_related("file").get(pk=version.pk)
        if kept.file is None:
            kept.file = store(made, "application/pdf")
            kept.save(update_fields=["file"])
        return cast(File, kept.file)
