"""The list of orders: filters in the address, saved views, one page at a time, sums of all that is filtered."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET

from comptoir.catalog.models import Site
from comptoir.customers.models import Address, Customer
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.lib.places import CURRENCIES, country_name
from comptoir.orders import listing
from comptoir.orders.filters import MARKS, TABS, Filters, matching
from comptoir.orders.models import Order, OrderHold
from comptoir.people.models import Member
from comptoir.web import saved_views
from comptoir.web.order_bulk import BULKS
from comptoir.web.order_filters import (
    DATE_LABELS,
    SORT_LABELS,
    TAB_LABELS,
    WITHIN_LABELS,
    address,
    chips,
    filters_of,
    in_form,
    unread,
)
from comptoir.web.saved_views import Listed, Views, views_of

QUIET_TABS = {"discrepant", "unanswered"}  # left out where nothing is in them
MOST_SHOWN = 300
SORTED_BY = {"customer": "customer", "promised": "due", "net": "value", "placed": "newest"}
saved_views.LISTS["orders"] = Listed(
    "orders",
    {
        "po": gettext_lazy("Customer PO"),
        "state": gettext_lazy("State"),
        "requested": gettext_lazy("Requested"),
        "promised": gettext_lazy("Promised"),
        "expected": gettext_lazy("Expected"),
        "ship_by": gettext_lazy("Ship by"),
        "lines": gettext_lazy("Lines"),
        "net": gettext_lazy("Net"),
        "country": gettext_lazy("Country"),
        "site": gettext_lazy("Site"),
        "owner": gettext_lazy("Account owner"),
        "placed": gettext_lazy("Placed"),
    },
    ("po", "state", "requested", "promised", "expected", "lines", "net", "owner", "placed"),
)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list; `after` asks for further rows, `part` for what a page that stands wants to know again."""
    member: Member = request.user  # type: ignore[assignment]
    views = views_of(request, "orders")
    filters = filters_of(views.data)
    part = request.GET.get("part", "")
    if part in PARTS:
        return PARTS[part](request, member, filters, views)
    rows = matching(member, filters)
    found = listing.page(member, filters, request.GET.get("after", ""), rows=rows)
    context: dict[str, Any] = _frame(filters, views) | {"page": found}
    if found.after:
        context |= {"more": address(filters, after=found.after, view=_pk(views)), "next": found.after}
    if "after" in request.GET and request.headers.get("HX-Request"):
        return render(request, "order/_rows.html", context)
    context |= _around(member, filters, views, rows)
    if part == "list":
        response = render(request, "order/_list.html", context)
        response.headers["HX-Replace-Url"] = request.path + address(filters, view=_pk(views))
        return response
    return render(request, "order/list.html", context)


def _pk(views: Views) -> int | None:
    return views.current.pk if views.current else None


def _frame(filters: Filters, views: Views) -> dict[str, Any]:
    """What rows and their heads are drawn by."""
    labels = saved_views.LISTS["orders"].columns
    return {
        "filters": filters,
        "columns": views.columns,
        "heads": [
            (name, labels[name], address(filters, sort=SORTED_BY[name]) if name in SORTED_BY else "",
             SORTED_BY.get(name) == filters.by)
            for name in views.columns
        ],
        "by_customer": address(filters, sort="customer"),
    }  # fmt: skip


def _around(member: Member, filters: Filters, views: Views, rows: QuerySet[Order]) -> dict[str, Any]:
    """Tabs and views with counts, the filters in words, the sums where they are few."""
    context = _counted(member, filters, views, rows)
    customer = Customer.objects.visible_to(member).filter(number=filters.customer).first() if filters.customer else None
    owner = Member.objects.filter(pk=filters.owner).first() if filters.owner else None
    site = Site.objects.filter(pk=filters.site).first() if filters.site else None
    names = {"owner": owner.name if owner else "", "site": site.name if site else ""}
    if context["count"] <= listing.MOST_COUNTED:
        context["totals"] = listing.totals(member, filters, rows)
    query = address(filters)
    return context | _words() | {
        "customer": customer, "kept": in_form(filters), "chips": chips(filters, customer, names), "active": filters.narrowed,
        "unread": unread(filters),
        "query": query, "clear": address(Filters(tab=filters.tab)), "since": clock.now().isoformat(),
        "here": address(filters, view=_pk(views)),
    }  # fmt: skip


def _counted(member: Member, filters: Filters, views: Views, rows: QuerySet[Order] | None = None) -> dict[str, Any]:
    own = {f"view {view.pk}": filters_of(QueryDict(view.query)) for view in views.all}
    found = listing.counts(member, filters, own, rows)
    shown = [tab for tab in TABS if found[tab] or tab == filters.tab or tab not in QUIET_TABS]
    tabs = [(tab, TAB_LABELS[tab], address(filters, tab=tab), found[tab]) for tab in shown]
    saved = [(view, found[f"view {view.pk}"], view == views.current) for view in views.all]
    return {"tabs": tabs, "saved": saved, "views": views, "count": found[filters.tab], "most": listing.MOST_COUNTED}


def _words() -> dict[str, Any]:
    """The choices of the filters that need no query."""
    return {
        "states": Order.State.choices,
        "marks": [(mark, TAB_LABELS[mark]) for mark in MARKS],
        "kinds": OrderHold.Kind.choices,
        "dates": DATE_LABELS.items(),
        "withins": WITHIN_LABELS.items(),
        "sorts": SORT_LABELS.items(),
        "currencies": CURRENCIES,
        "bulks": BULKS.items(),
    }


def _choices() -> dict[str, Any]:
    """The choices of the filters that are read: owners, sites, countries."""
    language = get_language() or "en"
    codes = Address.objects.order_by().values_list("country", flat=True).distinct()
    return {
        "owners": list(Member.objects.filter(is_active=True, kind=Member.Kind.PERSON).order_by("name")),
        "sites": list(Site.objects.order_by("name")),
        "countries": sorted(((code, country_name(code, language)) for code in codes), key=lambda one: one[1]),
    }


def _filters(request: HttpRequest, _member: Member, filters: Filters, views: Views) -> HttpResponse:
    """The fields of the filters, read when somebody opens them."""
    return render(request, "order/_filters.html", {"filters": filters, **_choices(), **_words()})


def _totals(request: HttpRequest, member: Member, filters: Filters, _views: Views) -> HttpResponse:
    """The sums of what is filtered, where they are too many to be added up before the page is shown."""
    return render(request, "order/_totals.html", {"totals": listing.totals(member, filters)})


def _news(request: HttpRequest, member: Member, filters: Filters, views: Views) -> HttpResponse:
    """Tabs and views with their counts as they are now, and how many orders came since."""
    since = _moment(request.GET.get("since", ""))
    context = _frame(filters, views) | _counted(member, filters, views)
    context |= {"since": request.GET.get("since", ""), "here": address(filters, view=_pk(views))}
    context["new"] = listing.newer(member, filters, since) if since else 0
    return render(request, "order/_views.html", context)


def _same_rows(request: HttpRequest, _member: Member, filters: Filters, views: Views) -> HttpResponse:
    """The rows that are shown, as they are now, in the order in which they stand."""
    named = [pk for pk in map(row_id, request.GET.getlist("shown")[:MOST_SHOWN]) if pk is not None]
    if not named:
        return HttpResponse(status=204)
    seen = set(Order.objects.visible_to(request.user).filter(pk__in=named).values_list("pk", flat=True))
    rows = listing.rows_of([pk for pk in dict.fromkeys(named) if pk in seen])
    context = {"page": listing.Page(rows, ""), "columns": views.columns, "next": request.GET.get("next", "")}
    if context["next"]:
        context["more"] = address(filters, after=context["next"], view=_pk(views))
    return render(request, "order/_rows.html", context)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


PARTS = {"totals": _totals, "news": _news, "filters": _filters, "rows": _same_rows}

urlpatterns = [path("orders/", index, name="orders")]
