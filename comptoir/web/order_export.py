"""The orders of a filter as a table for a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comptoir.orders import listing
from comptoir.orders.listing import Row
from comptoir.people.models import Member
from comptoir.web.downloads import table
from comptoir.web.order_filters import filters_of

MOST = 50_000


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The filter's rows as CSV."""
    member: Member = request.user  # type: ignore[assignment]
    rows = _as_cells(listing.every_row(member, filters_of(request.GET), MOST), translation.get_language() or "en")
    return table("orders", next(rows), rows)


def _as_cells(rows: Iterator[Row], language: str) -> Iterator[list[Any]]:
    with translation.override(language):
        yield [
            _("Order"), _("Customer number"), _("Customer"), _("Customer PO"), _("State"), _("On hold"), _("Placed"),
            _("Requested"), _("First promised"), _("Promised"), _("Expected"), _("Days late"), _("Lines"), _("Net"),
            _("Currency"), _("Account owner"),
        ]  # fmt: skip
    for row in rows:
        order = row.order
        with translation.override(language):
            state, holds = order.get_state_display(), ", ".join(str(hold) for hold in row.holds)
        yield [
            order.number, order.customer.number, order.customer.name, order.po_number, state, holds,
            order.placed_at.date(), row.requested_on, row.first_promised_on, row.promised_on, row.expected_on,
            row.days if row.mark == "late" else None, row.lines, row.net.quantized().amount, order.currency,
            order.customer.owner.name if order.customer.owner else "",
        ]  # fmt: skip


urlpatterns = [path("orders/export.csv", export, name="orders-export")]
