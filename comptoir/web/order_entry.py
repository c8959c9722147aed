"""Entering an order: a grid of lines that says price, stock and earliest day while it is typed."""

import json
import secrets
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.actions import ActionError, perform
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Site
from comptoir.customers.models import Customer
from comptoir.customers.queries import alerts_of
from comptoir.lib.text import fold
from comptoir.orders import queries, typed
from comptoir.orders.actions import drafts
from comptoir.orders.instead import instead_of
from comptoir.orders.models import Order, OrderDraft
from comptoir.orders.typed import Typed
from comptoir.people.models import Member
from comptoir.web.entry_form import (
    COLUMNS,
    blankets_of,
    case_of,
    customer_or_404,
    draft_of,
    fields_of,
    first_rows,
    line_of,
    rows_of,
)
from comptoir.web.order_drafts import guards_of, place_of

ROWS = 3
FORMER = 12


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new order, or placing it; without a customer, choosing one."""
    if request.method == "GET" and not request.GET.get("customer"):
        return _choose(request)
    customer = customer_or_404(request)
    if request.method == "GET":
        draft = draft_of(request, customer)
        return form(request, customer, first_rows(request, customer, draft), draft=draft)
    lines = typed.read_each(customer, [line for line in rows_of(request) if not line.is_empty])
    if not lines or any(line.errors for line in lines):
        return form(request, customer, lines, status=422)
    return _place(request, customer, lines)


def _place(request: HttpRequest, customer: Customer, lines: list[Typed]) -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    fields = fields_of(request)
    case = case_of(request, fields.pop("case"))
    inputs = fields | {"lines": json.dumps([line.as_input for line in lines])}
    try:
        key = request.POST.get("_key", "")
        outcome = perform("orders.place", by=member, subject=customer, inputs=inputs, key=key, about=case)
    except ActionError as error:
        return form(request, customer, lines, refused=error.sentence, status=422)
    drafts.forget(customer, by=member)
    if outcome.result is None:
        return HttpResponseRedirect("/approvals/")
    if case is not None and not case.links.filter(noun="order", object_id=outcome.result.pk).exists():
        perform("cases.link_order", by=member, subject=case, inputs={"order": str(outcome.result.pk)})
    return HttpResponseRedirect(outcome.result.get_absolute_url())


def form(
    request: HttpRequest,
    customer: Customer,
    lines: list[Typed],
    *,
    draft: OrderDraft | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The grid with its fields, what stands in it, and why it was refused."""
    addresses = list(customer.addresses.order_by("pk"))
    first = next((a for a in addresses if "ship_to" in a.roles), addresses[0] if addresses else None)
    fields = fields_of(request)
    if draft is not None and "repeat" not in request.GET:
        fields = {name: value or str(draft.fields.get(name, "")) for name, value in fields.items()}
    context = {
        "customer": customer,
        "lines": lines + [Typed() for _row in range(max(ROWS - len(lines), 1))],
        "none": request.method == "POST" and not lines,
        "blank": Typed(),
        "wrong": any(line.errors for line in lines),
        "addresses": addresses,
        "contacts": customer.contacts.filter(is_active=True).order_by("name"),
        "alerts": list(alerts_of(customer)),
        "given": fields,
        "case": case_of(request, fields["case"]),
        "ship_to": fields["ship_to"] or (str(first.pk) if first else ""),
        "valid_until": request.POST.get("valid_until", ""),
        "note": request.POST.get("note", ""),
        "former": _former(request, customer),
        "blankets": list(blankets_of(customer)),
        "draft": draft,
        "discarded": request.GET.get("discarded", ""),
        "refused": refused,
        "key": secrets.token_hex(12),
    } | guards_of(customer, fields, [line for line in lines if line.part])
    return render(request, "order/new.html", context, status=status)


def _former(request: HttpRequest, customer: Customer) -> list[Order]:
    """The customer's last orders, to repeat one."""
    rows: Any = Order.objects.visible_to(request.user).filter(customer=customer)
    return list(rows.select_related("sum").order_by("-placed_at")[:FORMER])


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
    line = line_of(request.GET.get(name, "") for name in COLUMNS)
    if line.is_empty:
        return HttpResponse("")
    typed.read(customer, line)
    context: dict[str, Any] = {"line": line, "customer": customer, "errors": line.errors}
    place = place_of(customer, request.GET.get("ship_to"))
    site = Site.objects.order_by("pk").first()
    if line.found and line.amount and place and site:
        told = queries.offer(customer, place, site, line.found.product, line.amount, line.price, line.agreement)
        late = bool(told.arrives_on and line.day and told.arrives_on > line.day)
        context |= {"offer": told, "late": late, "own": line.amount if line.unit else None}
        if late or told.arrives_on is None:
            context["instead"] = instead_of(line.found.product, line.amount, place, site, told.arrives_on)
    return render(request, "order/_offer.html", context)


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
