"""The list of orders: filters in the address, one page at a time, and the same rows for a spreadsheet."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.orders import listing
from comptoir.orders.listing import Filters, Row
from comptoir.orders.models import Order
from comptoir.people.models import Member
from comptoir.web.downloads import table

TAB_LABELS = {
    "open": gettext_lazy("Open"),
    "unconfirmed": gettext_lazy("Not confirmed"),
    "late": gettext_lazy("Late"),
    "risk": gettext_lazy("Promise at risk or broken"),
    "held": gettext_lazy("On hold"),
    "all": gettext_lazy("All"),
}
NAMES = ("tab", "q", "state", "customer", "owner", "dates", "from", "to", "sort")


def filters_of(request: HttpRequest) -> Filters:
    """What the address asks for; what cannot be read is left out."""
    get = request.GET.get
    return Filters(
        tab=get("tab", "open") if get("tab", "open") in listing.TABS else "open",
        state=get("state", "") if get("state", "") in Order.State.values else "",
        customer=get("customer", "")[:20],
        owner=row_id(get("owner")),
        text=get("q", "")[:80],
        dates="requested" if get("dates") == "requested" else "promised",
        start=_day(get("from", "")),
        end=_day(get("to", "")),
        sort="newest" if get("sort") == "newest" else "due",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def address(filters: Filters, **other: Any) -> str:
    """The list's address with these filters, or with others in their place; only what is set stands in it."""
    values: dict[str, Any] = {
        "tab": filters.tab if filters.tab != "open" else "", "q": filters.text, "state": filters.state,
        "customer": filters.customer, "owner": filters.owner, "from": filters.start, "to": filters.end,
        "dates": "requested" if filters.dates == "requested" and (filters.start or filters.end) else "",
        "sort": filters.sort if filters.sort != "due" else "",
    }  # fmt: skip
    query = urlencode({name: value for name, value in (values | other).items() if value})
    return f"?{query}" if query else "?"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list; `after` asks for further rows, `part=list` for the list alone."""
    member: Member = request.user  # type: ignore[assignment]
    filters = filters_of(request)
    found = listing.page(member, filters, request.GET.get("after", ""))
    context: dict[str, Any] = {"page": found, "filters": filters, "today": clock.today()}
    if found.after:
        context["more"] = address(filters, after=found.after)
    if "after" in request.GET and request.headers.get("HX-Request"):
        return render(request, "order/_rows.html", context)
    context |= _around(member, filters)
    if request.GET.get("part") == "list":
        response = render(request, "order/_list.html", context)
        response.headers["HX-Replace-Url"] = request.path + address(filters)
        return response
    return render(request, "order/list.html", context)


def _around(member: Member, filters: Filters) -> dict[str, Any]:
    """Tabs with counts, sums, and what the filters offer."""
    found = listing.counts(member, filters)
    tab_link = {tab: address(filters, tab=tab if tab != "open" else "") for tab in listing.TABS}
    set_filters = [filters.state, filters.customer, filters.owner, filters.start or filters.end]
    customer = Customer.objects.visible_to(member).filter(number=filters.customer).first() if filters.customer else None
    return {
        "tabs": [(tab, TAB_LABELS[tab], tab_link[tab], found[tab]) for tab in listing.TABS],
        "sums": listing.sums(member, filters),
        "owners": Member.objects.filter(is_active=True, kind=Member.Kind.PERSON).order_by("name"),
        "states": Order.State.choices,
        "export": "export.csv" + address(filters),
        "clear": address(Filters(tab=filters.tab)),
        "active": sum(bool(value) for value in set_filters),
        "customer": customer,
    }


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The filter's rows as CSV."""
    member: Member = request.user  # type: ignore[assignment]
    rows = _as_cells(listing.every_row(member, filters_of(request)), translation.get_language() or "en")
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


urlpatterns = [
    path("orders/", index, name="orders"),
    path("orders/export.csv", export, name="orders-export"),
]
