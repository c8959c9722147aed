"""The products' screens: the list, and a product with what can be promised, what it costs and who waits for it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comptoir.actions import ALLOWED
from comptoir.actions.forms import FieldContext
from comptoir.catalog import product_list
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.actions.sites import administers
from comptoir.catalog.fields import TAX_CATEGORIES
from comptoir.catalog.models import Product
from comptoir.catalog.product_facts import product_named
from comptoir.catalog.product_list import Row, Wanted
from comptoir.customers.models import Customer
from comptoir.events.models import Event
from comptoir.events.queries import story
from comptoir.orders import product_page as read
from comptoir.people.models import Member
from comptoir.search.pickers import Picked, PickField, shown
from comptoir.web.chart import steps
from comptoir.web.downloads import table, workbook

VIEW_LABELS = {
    "sold": _("Sold"),
    "short": _("Nothing free now"),
    "unpriced": _("Without a list price"),
    "ending": _("Running out"),
    "ended": _("No longer sold"),
}
PARTS = ("head", "main", "context")


def wanted_of(request: HttpRequest) -> Wanted:
    """The view and the words a request asks for; a view nobody knows is dropped."""
    view, text = (request.GET.get(name, "").replace("\0", "").strip()[:100] for name in ("view", "q"))
    return Wanted(view if view in product_list.VIEWS else "sold", text)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list; as a fragment while somebody types or scrolls."""
    member: Member = request.user  # type: ignore[assignment]
    wanted = wanted_of(request)
    found = product_list.products(member, wanted, request.GET.get("after", "").replace("\0", "")[:40])
    given = {"q": wanted.q, "view": wanted.view if wanted.view != "sold" else ""}
    context = {
        "found": found,
        "wanted": wanted,
        "views": [(name, VIEW_LABELS[name], found.counts[name]) for name in product_list.VIEWS],
        "query": urlencode({name: value for name, value in given.items() if value}),
        "words": urlencode({"q": wanted.q}) if wanted.q else "",
        "may_edit": may_edit(member),
        "may_import": administers(member, None, {}) is ALLOWED,
    }
    if "after" in request.GET and request.headers.get("HX-Request"):
        return render(request, "product/_rows.html", context)
    if request.GET.get("part") == "found":
        return render(request, "product/_found.html", context)
    return render(request, "product/list.html", context)


def may_edit(member: Member) -> bool:
    """True for those who keep the catalogue."""
    return keeps_catalog(member, None, {}) is ALLOWED


def _bare(value: Decimal | None) -> Decimal | None:
    """The number without idle zeros, which a reader could take for thousands."""
    return None if value is None else Decimal(f"{value.normalize():f}")


Column = tuple[str | Promise, Callable[[Row], Any]]
EXPORTED: tuple[Column, ...] = (
    (_("Part number"), lambda row: row.product.number),
    (_("Name"), lambda row: row.product.name),
    (_("Unit"), lambda row: row.product.unit),
    (_("State"), lambda row: row.product.get_state_display()),
    (_("Weight (kg)"), lambda row: _bare(row.product.weight_kg)),
    (_("Tax category"), lambda row: row.product.tax_category),
    (_("Lead time (days)"), lambda row: row.product.lead_days),
    (_("List price"), lambda row: _bare(row.price)),
    (_("Per"), lambda row: row.product.listed["per"] if row.product.listed else None),
    (_("Currency"), lambda row: row.product.listed["currency"] if row.product.listed else None),
    (_("In stock"), lambda row: _bare(row.product.on_hand)),
    (_("Free now"), lambda row: _bare(row.free)),
    (_("Next receipt"), lambda row: row.next[0] if row.next else None),
    (_("Receipt quantity"), lambda row: _bare(row.next[1]) if row.next else None),
)

WRITERS: dict[str, Callable[..., HttpResponseBase]] = {"csv": table, "xlsx": workbook}


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The products of the list as a table for a spreadsheet, CSV or XLSX."""
    if form not in WRITERS:
        raise Http404
    member: Member = request.user  # type: ignore[assignment]
    rows = ([value(row) for _label, value in EXPORTED] for row in product_list.exported(member, wanted_of(request)))
    return WRITERS[form]("products", [label for label, _value in EXPORTED], rows)


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """A product; `part` names the fragment a live refresh wants, `customer` whose price is asked for."""
    member: Member = request.user  # type: ignore[assignment]
    product = product_named(member, number)
    if product is None:
        raise Http404
    if request.GET.get("part") == "story":
        return render(request, "product/_story.html", {"product": product, "story": story_of(product, member)})
    return page(request, product)


def page(request: HttpRequest, product: Product, *, refused: str = "", status: int = 200) -> HttpResponse:
    """The page of a product or a part of it; `refused` says why a file was not taken."""
    member: Member = request.user  # type: ignore[assignment]
    product = product if hasattr(product, "told_files") else product_named(member, product.number) or product
    form, customer = chosen(request, member)
    if customer is not None and "customer_text" in request.GET:
        return HttpResponseRedirect(f"{product.get_absolute_url()}?{urlencode({'customer': customer.number})}")
    part = request.GET.get("part", "")
    used = {name: request.GET[name][:20] for name in ("replied", "entered") if name in request.GET}
    context = page_context(member, product, customer) | {"form": form, "refused": refused}
    context["used"] = urlencode(({"customer": customer.number} if customer else {}) | used)
    return render(request, f"product/_{part}.html" if part in PARTS else "product/show.html", context, status=status)


def story_of(product: Product, member: Member) -> list[Event]:
    """What happened to a product that the member may know, newest first."""
    return [event for event in story(product, limit=40) if not event.is_hidden_from(member)]


def chosen(request: HttpRequest, member: Member) -> tuple[forms.Form, Customer | None]:
    """The field that picks a customer, and the one that is picked: by number in the address, or by what was typed."""
    field = PickField(Customer, "customer", FieldContext(member, None, _("What a customer pays"), False, "customer"))
    if "customer_text" in request.GET:
        form = forms.Form(request.GET)
        form.fields["customer"] = field
        return form, form.cleaned_data.get("customer") if form.is_valid() else None
    number = request.GET.get("customer", "").replace("\0", "")[:20]
    customer = Customer.objects.visible_to(member).filter(number=number).first() if number else None
    form = forms.Form(initial={"customer": Picked(str(customer.pk), shown(customer)) if customer else None})
    form.fields["customer"] = field
    return form, customer


def page_context(member: Member, product: Product, customer: Customer | None) -> dict[str, Any]:
    """Everything the page and its fragments show."""
    page = read.product_page(product, member)
    return {
        "product": product,
        "page": page,
        "facts": page.facts,
        "customer": customer,
        "pays": read.pays(product, customer, page.today) if customer else [],
        "places": [(one, steps(one.position.levels, page.today)) for one in page.kept],
        "receipts": page.receipts,
        "demand": page.demand[: read.MOST],
        "more_demand": len(page.demand) > read.MOST,
        "tax": dict(TAX_CATEGORIES).get(product.tax_category, product.tax_category),
        "today": page.today,
        "may_edit": may_edit(member),
        "query": urlencode({"customer": customer.number}) if customer else "",
    }


urlpatterns = [
    path("products/", index, name="products"),
    path("products.<str:form>", export, name="products-export"),
    path("products/<path:number>/", show, name="product"),
]
