"""Shipments: what leaves an order, what is on its way, and tables of both."""

import json
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comptoir.actions import ActionError, perform
from comptoir.fulfilment import queries, tables
from comptoir.fulfilment.actions.tables import keep_table
from comptoir.fulfilment.models import ShipmentTable
from comptoir.lib import clock
from comptoir.lib.numbers import number as as_number
from comptoir.orders.models import Order
from comptoir.people.models import Member
from comptoir.web.order_sections import Facts, Notice, Section

FIELDS = ("carrier", "tracking", "handed_over_on", "expected_on")


def _order_or_404(request: HttpRequest, number: str) -> Order:
    rows = Order.objects.visible_to(request.user).select_related("customer", "site", "ship_to")
    order: Order | None = rows.filter(number=number).first()
    if order is None:
        raise Http404
    return order


@require_http_methods(["GET", "POST"])
def ship(request: HttpRequest, number: str) -> HttpResponse:
    """The lines of which something can leave, and handing them over."""
    order = _order_or_404(request, number)
    if request.method == "GET":
        return _form(request, order)
    member: Member = request.user  # type: ignore[assignment]
    inputs: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        inputs["lines"] = json.dumps(_lines(request, order))
        perform("fulfilment.ship", by=member, subject=order, inputs=inputs, key=request.POST.get("_key", ""))
    except (ActionError, ValueError) as error:
        return _form(request, order, getattr(error, "sentence", str(error)))
    return HttpResponseRedirect(f"{order.get_absolute_url()}#shipments")


def _lines(request: HttpRequest, order: Order) -> list[dict[str, str]]:
    """The quantities typed beside each line; those left empty stay."""
    named = []
    for one in queries.to_ship(order):
        quantity = as_number(request.POST.get(f"quantity_{one.row.pk}", ""))
        if quantity:
            named.append({"schedule_line": str(one.row.pk), "quantity": str(quantity)})
    if not named:
        raise ValueError(_("Nothing is named to be shipped."))
    return named


def _form(request: HttpRequest, order: Order, refused: str = "") -> HttpResponse:
    rows = [
        (one, request.POST.get(f"quantity_{one.row.pk}", f"{min(one.left, one.there).normalize():f}"))
        for one in queries.to_ship(order)
    ]
    context = {
        "order": order, "rows": rows, "refused": refused, "today": clock.today(), "key": secrets.token_hex(12),
        "given": {name: request.POST.get(name, "") for name in FIELDS},
    }  # fmt: skip
    return render(request, "shipment/new.html", context, status=422 if refused else 200)


def read(request: HttpRequest, order: Order) -> Facts | None:
    """The shipments of an order; nothing where none has left."""
    found = queries.of_order(order, request.user, clock.today())  # type: ignore[arg-type]
    if not found:
        return None
    late = sum(one.is_late for one in found)
    notice = Notice(_("A shipment should have arrived."), "warn", "truck") if late else None
    return Facts({"parcels": found}, count=len(found), notice=notice)


SECTION = Section("shipments", _("Shipments"), "order/_shipments.html", read)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is on its way, what is late first; and the tables of shipments."""
    return _index(request)


def _index(request: HttpRequest, refused: str = "") -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    today = clock.today()
    found = queries.under_way(member)[:200]
    rows = [queries.Parcel(one, list(one.lines.all()), queries.is_late(one, today)) for one in found]
    recent = ShipmentTable.objects.visible_to(member).select_related("by").order_by("-pk")[:10]
    context = {"parcels": rows, "tables": recent, "refused": refused}
    return render(request, "shipment/index.html", context, status=422 if refused else 200)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a table to be looked at."""
    member: Member = request.user  # type: ignore[assignment]
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise ActionError(_("Choose a file first."))
        table = keep_table(sent.read(tables.MOST_BYTES + 1), sent.name or "", by=member)
    except ActionError as error:
        return _index(request, error.sentence)
    return HttpResponseRedirect(table.get_absolute_url())


@require_http_methods(["GET", "POST"])
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """What a table would do, row by row; applying it, or undoing it."""
    member: Member = request.user  # type: ignore[assignment]
    row: ShipmentTable | None = ShipmentTable.objects.visible_to(member).filter(pk=pk).first()
    if row is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        name = "fulfilment.undo_table" if row.state == "applied" else "fulfilment.apply_table"
        inputs = {} if row.state == "applied" else {"shown": request.POST.get("shown", "")}
        try:
            perform(name, by=member, subject=row, inputs=inputs)
            return HttpResponseRedirect(reverse("shipment-table", args=[pk]))
        except ActionError as error:
            refused = error.sentence
    plan = tables.plan(row.text) if row.state == "looked_at" else None
    context = {"table": row, "plan": plan, "refused": refused}
    return render(request, "shipment/table.html", context, status=422 if refused else 200)


urlpatterns = [
    path("shipments/", index, name="shipments"),
    path("shipment-tables/", upload, name="shipment-upload"),
    path("shipment-tables/<int:pk>/", table, name="shipment-table"),
    path("orders/<str:number>/ship/", ship, name="order-ship"),
]
