"""The order page behind a link: what the customer may know of one order, from facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils import formats, timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from comptoir.customers.actions.links import note_use
from comptoir.customers.models import Link
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import Line, Order, OrderVersion, ScheduleLine
from comptoir.portal.answering import by_link, nothing
from comptoir.portal.saying import spoken, words_of

KIND = "order"
SAID = {
    "confirmed": "confirmed", "in_fulfilment": "moving", "fulfilled": "done", "closed": "done", "cancelled": "cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A quantity with its unit, and the row it stands for."""

    row: Any
    quantity: str
    parts: "list[Shown]"
    cancelled: str = ""


def order_of(link: Link) -> Order | None:
    """The one order a link leads to, of the link's own customer."""
    if link.subject_noun != Order._meta.model_name:
        return None
    rows: QuerySet[Order] = Order.objects.filter(pk=link.subject_id, customer_id=link.customer_id)
    return rows.select_related("customer__owner", "ship_to").first()


@require_safe
@by_link(KIND)
def show(request: HttpRequest, link: Link) -> HttpResponse:
    """The order as it stands: its lines, their dates, and what is on its way."""
    order = order_of(link)
    if order is None:
        return nothing(request)
    note_use(link)
    with translation.override(spoken(link.language)):
        return HttpResponse(render_to_string("portal/order.html", _told(order, link)))


def _told(order: Order, link: Link) -> dict[str, Any]:
    language = spoken(link.language)
    words = words_of("order", language)
    until = formats.date_format(timezone.localtime(link.expires_at), "DATE_FORMAT")
    return {
        "order": order, "language": language, "words": words, "lines": _lines(order), "shipments": _shipments(order),
        "title": words["title"].format(number=order.number), "said": words[SAID.get(order.state, "received")],
        "until": words["until"].format(day=until),
    }  # fmt: skip


def _lines(order: Order) -> list[Shown]:
    rows = ScheduleLine.objects.exclude(state=ScheduleLine.State.CANCELLED).select_related("delay_reason")
    lines: list[Line] = list(
        order.lines.select_related("product").prefetch_related(Prefetch("schedule_lines", rows.order_by("position")))
    )
    return [_line(line) for line in lines]


def _line(line: Line) -> Shown:
    parts = [Shown(row, amount(row.quantity, line.unit), []) for row in line.schedule_lines.all()]
    gone = amount(line.cancelled_quantity, line.unit) if line.cancelled_quantity else ""
    return Shown(line, amount(line.quantity, line.unit), parts, gone)


def _shipments(order: Order) -> list[Shown]:
    """What left for this order; what else travels in the same shipment is not told."""
    inside = ShipmentLine.objects.filter(schedule_line__order=order).select_related("schedule_line__line")
    rows = Shipment.objects.filter(lines__schedule_line__order=order, withdrawn_at=None).distinct()
    found = rows.prefetch_related(Prefetch("lines", inside)).order_by("-handed_over_on", "-pk")
    return [Shown(one, "", [_packed(packed) for packed in one.lines.all()]) for one in found]


def _packed(packed: ShipmentLine) -> Shown:
    line = packed.schedule_line.line
    return Shown(line, amount(packed.quantity, line.unit), [])


def amount(quantity: Decimal, unit: str) -> str:
    """A quantity with its unit, as the page's language writes it."""
    return f"{format_decimal(quantity, '#,##0.###', locale=get_language() or 'en')} {unit}"


@require_safe
@by_link(KIND)
def confirmation(request: HttpRequest, link: Link) -> HttpResponse:
    """The newest confirmed version as a PDF."""
    order = order_of(link)
    version = OrderVersion.objects.filter(order=order).order_by("-version").first() if order else None
    if order is None or version is None:
        return nothing(request)
    note_use(link)
    response = HttpResponse(render_confirmation(version.pk).read(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{order.number}-v{version.version}.pdf"'
    return response


urlpatterns = [
    path("o/<str:token>/", show, name="portal-order"),
    path("o/<str:token>/confirmation.pdf", confirmation, name="portal-confirmation"),
]
