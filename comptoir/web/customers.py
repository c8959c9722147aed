"""The customers' screens: the list, and a customer with everything that stands between them and us."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET

from comptoir.cases import customer_list
from comptoir.cases import customer_page as read
from comptoir.cases.customer_list import Wanted
from comptoir.catalog.models import Agreement
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.places import country_name
from comptoir.orders.unfinished import standing_for
from comptoir.people.models import Member
from comptoir.web.downloads import table

VIEW_LABELS = {
    "all": gettext_lazy("All"),
    "mine": gettext_lazy("Mine"),
    "prospects": gettext_lazy("Prospects"),
    "alerts": gettext_lazy("With an alert"),
    "cases": gettext_lazy("Open cases"),
    "late": gettext_lazy("Late orders"),
}
TAB_LABELS = {
    "all": gettext_lazy("All"),
    "cases": gettext_lazy("Cases"),
    "orders": gettext_lazy("Orders"),
    "promises": gettext_lazy("Promises"),
    "contacts": gettext_lazy("Contacts"),
}


def customer_or_404(request: HttpRequest, number: str) -> Customer:
    """The customer with a number, with its figures."""
    customer = read.customers(request.user).filter(number=number).first()  # type: ignore[arg-type]
    if customer is None:
        raise Http404
    return customer


def wanted_of(request: HttpRequest) -> Wanted:
    """The view, the words and the filters a request asks for; words nobody could mean are dropped."""
    asked = {name: request.GET.get(name, "").strip()[:100] for name in Wanted.__dataclass_fields__}
    known = {"view": (*customer_list.VIEWS,), "stage": Customer.Stage.values, "customer_class": Customer.Class.values}
    asked |= {name: "" for name, values in known.items() if asked[name] not in values}
    return Wanted(**asked | {"view": asked["view"] or "all"})


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list; as a fragment while somebody types, filters or scrolls."""
    member: Member = request.user  # type: ignore[assignment]
    wanted = wanted_of(request)
    found = customer_list.clientele(member, wanted, request.GET.get("after", ""))
    given = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    context = {
        "found": found,
        "wanted": wanted,
        "views": [(name, VIEW_LABELS[name], found.counts[name]) for name in customer_list.VIEWS],
        "query": urlencode({name: value for name, value in given.items() if value and value != "all"}),
    }
    if "after" in request.GET and request.headers.get("HX-Request"):
        return render(request, "customer/_rows.html", context)
    if request.GET.get("part") == "found":
        return render(request, "customer/_found.html", context)
    return render(request, "customer/list.html", context | filters_context(member))


def filters_context(member: Member) -> dict[str, Any]:
    """What the filters offer."""
    language = get_language() or "en"
    named = [(code, country_name(code, language)) for code in customer_list.countries(member)]
    return {
        "countries": sorted(named, key=lambda pair: pair[1]),
        "owners": list(customer_list.owners(member)),
        "stages": Customer.Stage.choices,
        "classes": Customer.Class.choices,
    }


Column = tuple[str | Promise, Callable[[Any], Any]]
EXPORTED: tuple[Column, ...] = (
    (gettext_lazy("Number"), lambda c: c.number),
    (gettext_lazy("Name"), lambda c: c.name),
    (gettext_lazy("Stage"), lambda c: c.get_stage_display()),
    (gettext_lazy("Class"), lambda c: c.customer_class),
    (gettext_lazy("City"), lambda c: c.city),
    (gettext_lazy("Country"), lambda c: c.country),
    (gettext_lazy("Language"), lambda c: c.language),
    (gettext_lazy("Currency"), lambda c: c.currency),
    (gettext_lazy("VAT number"), lambda c: c.tax_id),
    (gettext_lazy("Payment terms"), lambda c: c.terms),
    (gettext_lazy("Delivery terms"), lambda c: c.incoterm),
    (gettext_lazy("Credit limit"), lambda c: c.credit_limit),
    (gettext_lazy("Owner"), lambda c: c.owner),
    (gettext_lazy("E-mail"), lambda c: c.email),
    (gettext_lazy("Phone"), lambda c: c.phone),
    (gettext_lazy("Open cases"), lambda c: c.open_cases),
    (gettext_lazy("Open orders"), lambda c: c.open_orders),
    (gettext_lazy("Late lines"), lambda c: c.late_lines),
    (gettext_lazy("Last contact"), lambda c: c.last_contact_at),
)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The customers of the list as a table for a spreadsheet."""
    member: Member = request.user  # type: ignore[assignment]
    rows = ([value(row) for _label, value in EXPORTED] for row in customer_list.exported(member, wanted_of(request)))
    return table("customers", [label for label, _value in EXPORTED], rows)


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """A customer; `part` names the fragment a live refresh, a tab or a reveal wants."""
    customer = customer_or_404(request, number)
    part = request.GET.get("part", "")
    if part in ("story", "lines"):
        return render(request, f"customer/_{part}.html", story_context(request, customer))
    if part == "trade":
        return render(request, "customer/_trade.html", trade_context(request, customer))
    if part == "offers":
        return render(request, "customer/_offers.html", offers_context(request, customer))
    context = page_context(request, customer)
    if part in ("head", "top", "work", "people", "context"):
        return render(request, f"customer/_{part}.html", context)
    return render(request, "customer/show.html", context)


def page_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Everything the page and its fragments show."""
    member: Member = request.user  # type: ignore[assignment]
    page = read.customer_page(customer, member)
    there = clock.now().astimezone(ZoneInfo(customer.zone))
    return story_context(request, customer) | {
        "page": page,
        "there": formats.date_format(there, "D H:i"),
        "shown": read.SHOWN,
    }


def story_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """One page of the story, on the tab asked for."""
    asked = {name: request.GET.get(name, "") for name in ("tab", "before", "until")}
    story = read.story_of(customer, request.user, **asked)  # type: ignore[arg-type]
    return {"customer": customer, "story": story, "tabs": TAB_LABELS.items()}


def trade_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The customer's own part numbers and agreed prices."""
    member: Member = request.user  # type: ignore[assignment]
    prices = read.prices_of(customer, member, clock.today())
    return {"customer": customer, "parts": read.parts_of(customer, member), "prices": prices, "today": clock.today()}


def offers_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the member began to enter for the customer, its last quotes, and what is agreed with it or may be."""
    draft, quotes = standing_for(customer, request.user)  # type: ignore[arg-type]
    agreements = Agreement.objects.visible_to(request.user).filter(customer=customer).exclude(state="ended")
    return {
        "customer": customer, "draft": draft, "quotes": quotes,
        "agreements": list(agreements.order_by("valid_until", "pk")[:20]),
    }  # fmt: skip


urlpatterns = [
    path("customers/", index, name="customers"),
    path("customers/export.csv", export, name="customers-export"),
    path("customers/<str:number>/", show, name="customer"),
]
