"""Entering an order: a grid of lines that says price, stock and earliest day while it is typed."""

import json
import secrets
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.actions import ActionError, InvalidInput, perform
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Site
from comptoir.customers.models import Address, Customer
from comptoir.customers.queries import alerts_of
from comptoir.lib.numbers import row_id
from comptoir.lib.text import fold
from comptoir.orders import queries, typed
from comptoir.orders.typed import Typed
from comptoir.people.models import Member

COLUMNS = ("part", "quantity", "requested_on", "unit_price")
ROWS = 3
MOST_ROWS = 300


def customer_or_404(request: HttpRequest) -> Customer:
    """The customer named by number in the address or the form."""
    number = request.POST.get("customer") or request.GET.get("customer", "")
    customer: Customer | None = Customer.objects.visible_to(request.user).filter(number=number).first()
    if customer is None:
        raise Http404
    return customer


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new order, or placing it; without a customer, choosing one."""
    if request.method == "GET" and not request.GET.get("customer"):
        return _choose(request)
    customer = customer_or_404(request)
    if request.method == "GET":
        return _form(request, customer, [])
    lines = [typed.read(customer, line) for line in _typed(request) if not line.is_empty]
    if not lines or any(line.errors for line in lines):
        return _form(request, customer, lines, status=422)
    return _place(request, customer, lines)


def _typed(request: HttpRequest) -> list[Typed]:
    columns = [request.POST.getlist(name)[:MOST_ROWS] for name in COLUMNS]
    return [_line(cells) for cells in zip(*columns, strict=False)]


def _line(cells: Iterable[str]) -> Typed:
    texts = {name: cell.replace("\0", "").strip()[:200] for name, cell in zip(COLUMNS, cells, strict=True)}
    return Typed(texts["part"], texts["quantity"], texts["requested_on"], texts["unit_price"])


def _place(request: HttpRequest, customer: Customer, lines: list[Typed]) -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    inputs = {name: request.POST.get(name, "") for name in ("po_number", "po_date", "ship_to", "contact")}
    inputs["lines"] = json.dumps([line.as_input for line in lines])
    try:
        key = request.POST.get("_key", "")
        outcome = perform("orders.place", by=member, subject=customer, inputs=inputs, key=key)
    except InvalidInput as invalid:
        told = " ".join(sentence for sentences in invalid.errors.values() for sentence in sentences)
        return _form(request, customer, lines, refused=told, status=422)
    except ActionError as error:
        return _form(request, customer, lines, refused=error.sentence, status=422)
    return HttpResponseRedirect(outcome.result.get_absolute_url() if outcome.result else "/approvals/")


def _form(
    request: HttpRequest, customer: Customer, lines: list[Typed], refused: str = "", status: int = 200
) -> HttpResponse:
    addresses = list(customer.addresses.order_by("pk"))
    first = next((a for a in addresses if "ship_to" in a.roles), addresses[0] if addresses else None)
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "customer": customer,
        "lines": lines + [Typed() for _row in range(max(ROWS - len(lines), 1))],
        "none": request.method == "POST" and not lines,
        "blank": Typed(),
        "wrong": any(line.errors for line in lines),
        "addresses": addresses,
        "contacts": customer.contacts.filter(is_active=True).order_by("name"),
        "alerts": list(alerts_of(customer)),
        "given": {name: given.get(name, "") for name in ("po_number", "po_date", "contact")},
        "ship_to": given.get("ship_to") or (str(first.pk) if first else ""),
        "twin": queries.twin_of(customer, given.get("po_number", "")),
        "refused": refused,
        "key": secrets.token_hex(12),
    }
    return render(request, "order/new.html", context, status=status)


def _choose(request: HttpRequest) -> HttpResponse:
    """Whose order it is: found by name or number."""
    text = request.GET.get("q", "").strip()[:80]
    rows = Customer.objects.visible_to(request.user).select_related("owner")
    found = (
        rows.filter(Q(sort_key__contains=fold(text)) | Q(number__iexact=text))
        if text
        else rows.filter(owner=request.user)
    )
    context = {"customers": list(found.order_by("sort_key")[:30]), "text": text}
    return render(request, "order/_customers.html" if "part" in request.GET else "order/choose.html", context)


@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """What a piece of a part's number or name may mean."""
    found = catalog.parts_like(customer_or_404(request), request.GET.get("part", "")[:80])
    return render(request, "order/_parts.html", {"parts": found})


@require_GET
def offer(request: HttpRequest) -> HttpResponse:
    """What can be said of a line as it stands: price and its source, stock, the earliest day."""
    customer = customer_or_404(request)
    line = _line(request.GET.get(name, "") for name in COLUMNS)
    if line.is_empty:
        return HttpResponse("")
    typed.read(customer, line)
    context: dict[str, Any] = {"line": line, "customer": customer, "errors": line.errors}
    place = _place_of(request, customer)
    site = Site.objects.order_by("pk").first()
    if line.found and line.amount and place and site:
        told = queries.offer(customer, place, site, line.found.product, line.amount, line.price)
        context |= {"offer": told, "late": told.arrives_on and line.day and told.arrives_on > line.day}
    return render(request, "order/_offer.html", context)


def _place_of(request: HttpRequest, customer: Customer) -> Address | None:
    rows = customer.addresses.order_by("pk")
    chosen: Address | None = rows.filter(pk=row_id(request.GET.get("ship_to"))).first()
    return chosen or rows.first()


@require_GET
def twin(request: HttpRequest) -> HttpResponse:
    """A warning when the customer used this purchase order number before."""
    found = queries.twin_of(customer_or_404(request), request.GET.get("po_number", "")[:60])
    return render(request, "order/_twin.html", {"twin": found})


urlpatterns = [
    path("orders/new/", new, name="order-new"),
    path("orders/new/parts/", parts, name="order-parts"),
    path("orders/new/line/", offer, name="order-offer"),
    path("orders/new/po/", twin, name="order-twin"),
]
