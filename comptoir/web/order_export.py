"""The orders of a filter, or those chosen, and their lines, as a table for a spreadsheet."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comptoir.lib.numbers import row_id
from comptoir.orders import listing
from comptoir.orders.listing import Row
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member
from comptoir.web.downloads import table, workbook
from comptoir.web.order_filters import filters_of

MOST = {"csv": 50_000, "xlsx": 20_000}  # rows; a workbook is held in memory until it is written
PART = 500


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The rows as CSV or XLSX; `lines` asks for what each order is made of, `pick` for some orders only."""
    member: Member = request.user  # type: ignore[assignment]
    if form not in MOST:
        raise Http404
    orders = _chosen(request, member) or listing.every_row(member, filters_of(request.GET), MOST[form])
    language, by_line = translation.get_language() or "en", "lines" in request.GET
    told = _line_cells(orders) if by_line else _order_cells(orders)
    rows = _in(language, _limited(told, MOST[form]))
    name = "order-lines" if by_line else "orders"
    head = next(rows)
    return table(name, head, rows) if form == "csv" else workbook(name, head, rows)


def _chosen(request: HttpRequest, member: Member) -> list[Row]:
    named = [pk for pk in map(row_id, request.GET.getlist("pick")[: listing.EXPORT_PAGE]) if pk is not None]
    seen = set(Order.objects.visible_to(member).filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    return listing.rows_of([pk for pk in dict.fromkeys(named) if pk in seen])


def _in(language: str, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The rows worded in a language, which the request's has stopped being when they are streamed."""
    while True:
        with translation.override(language):
            try:
                row = [str(cell) if isinstance(cell, Promise) else cell for cell in next(rows)]
            except StopIteration:
                return
        yield row


def _limited(rows: Iterator[list[Any]], most: int) -> Iterator[list[Any]]:
    """The head and at most so many rows; a last one says when there are more."""
    yield from islice(rows, most + 1)
    if next(rows, None) is not None:
        yield [_("Only the first {n} rows: narrow the filter for the rest.").format(n=most)]


def _order_cells(rows: Iterable[Row]) -> Iterator[list[Any]]:
    yield [
        _("Order"), _("Customer number"), _("Customer"), _("Customer PO"), _("State"), _("On hold"), _("Placed"),
        _("Requested"), _("First promised"), _("Promised"), _("Expected"), _("Days late"), _("Lines"), _("Net"),
        _("Currency"), _("Account owner"), _("Ship by"), _("Ship-to country"), _("Site"),
    ]  # fmt: skip
    for row in rows:
        order = row.order
        yield [
            order.number, order.customer.number, order.customer.name, order.po_number, order.get_state_display(),
            ", ".join(str(hold) for hold in row.holds), order.placed_at.date(), row.requested_on,
            row.first_promised_on, row.promised_on, row.expected_on, row.days if row.mark == "late" else None,
            row.lines, row.net.quantized().amount, order.currency,
            order.customer.owner.name if order.customer.owner else "", row.ship_by_on, order.ship_to.country,
            order.site.name,
        ]  # fmt: skip


def _line_cells(rows: Iterable[Row]) -> Iterator[list[Any]]:
    yield [
        _("Order"), _("Customer number"), _("Customer"), _("Customer PO"), _("Position"), _("Part"), _("Product"),
        _("Their part"), _("Description"), _("Quantity"), _("Unit"), _("Shipped"), _("Delivered"), _("State"),
        _("Requested"), _("First promised"), _("Promised"), _("Expected"), _("Ship by"), _("Unit price"), _("per"),
        _("Currency"),
    ]  # fmt: skip
    waiting = iter(rows)
    while part := {row.order.pk: row.order for row in islice(waiting, PART)}:
        found: dict[int, list[ScheduleLine]] = {pk: [] for pk in part}
        schedule = ScheduleLine.objects.filter(order__in=part).select_related("line__product")
        for one in schedule.order_by("line__position", "position"):
            found[one.order_id].append(one)
        yield from (_line_row(part[one.order_id], one) for one in chain.from_iterable(found.values()))


def _line_row(order: Order, row: ScheduleLine) -> list[Any]:
    line = row.line
    return [
        order.number, order.customer.number, order.customer.name, order.po_number, line.position, row.position,
        line.product.number, line.customer_part, line.description, row.quantity, line.unit, row.shipped_quantity,
        row.delivered_quantity, row.get_state_display(), row.requested_on, row.first_promised_on, row.promised_on,
        row.expected_on, row.ship_by_on, line.unit_price, line.per, order.currency,
    ]  # fmt: skip


urlpatterns = [path("orders/export.<str:form>", export, name="orders-export")]
