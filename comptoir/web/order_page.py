"""An order: its lines and dates, what was promised, its versions as they were, and its story."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from comptoir.cases import handoff_queries as hand_offs
from comptoir.cases.queries import cases_about
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Product, Site, Stock
from comptoir.customers.links import ways_in
from comptoir.customers.queries import alerts_of
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.orders import queries
from comptoir.orders.actions.truth import UNCONFIRMED
from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import Line, Order, OrderVersion, ScheduleLine
from comptoir.orders.versions import differences, step_change, thaw
from comptoir.people.models import Member
from comptoir.web import order_changes, shipments
from comptoir.web.chart import steps
from comptoir.web.downloads import download
from comptoir.web.order_documents import SECTION as DOCUMENTS
from comptoir.web.order_sections import Facts, Notice, Section, order_or_404, shown
from comptoir.web.templatetags.desk import verb_icon

SOURCES = {
    "entry": _("entered by hand"),
    "email": _("by e-mail"),
    "phone": _("by phone"),
    "letter": _("by letter"),
    "fax": _("by fax"),
    "portal": _("in the portal"),
    "edi": _("by EDI"),
}
PARTS = ("head", "main", "context", "section")
TOLD_ELSEWHERE = {"promises.made", "promises.revised", "promises.withdrawn"}
ICONS = {
    "orders.placed": "file-plus",
    "orders.confirmed": "file-check",
    "orders.date_moved": "calendar-clock",
    "orders.split": "split",
    "orders.cancelled": "ban",
    "orders.expected": "truck",
    "orders.held": "circle-pause",
    "orders.hold_lifted": "circle-play",
    "orders.freight": "plane",
    "orders.shipped": "truck",
    "orders.delivered": "package-check",
    "orders.closed": "archive",
    "customers.link_issued": "link",
}


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """An order; `part` names the fragment a live refresh wants, `open` the folded sections to show."""
    order = order_or_404(request, number)
    part = request.GET.get("part", "")
    if part == "section":
        return _one_section(request, order)
    wanted = (part,) if part in PARTS else PARTS
    is_new = order.state in UNCONFIRMED
    context: dict[str, Any] = {"order": order, "holds": order.standing_holds, "is_new": is_new}
    if "main" in wanted:
        sections = shown(SECTIONS, request, order)
        told = [(one.section.name, one.facts.notice) for one in sections if one.facts and one.facts.notice]
        for one in sections:
            context |= one.facts.values if one.facts else {}
        context |= {"sections": sections, "notices": told}
    if "context" in wanted:
        context |= _beside(request, order)
    return render(request, f"order/_{part}.html" if part in PARTS else "order/show.html", context)


def _one_section(request: HttpRequest, order: Order) -> HttpResponse:
    """What a folded section holds, when it is opened."""
    section = next((one for one in SECTIONS if one.name == request.GET.get("open")), None)
    facts = section.read(request, order) if section else None
    if section is None or facts is None:
        raise Http404
    return render(request, section.template, {"order": order, **facts.values})


def _lines(_request: HttpRequest, order: Order) -> Facts:
    """The lines with their schedule, and what is late or at risk among them."""
    sheet = queries.sheet(order)
    values = {"sheet": sheet, "source": SOURCES.get(order.source, order.source)}
    return Facts(values, count=len(sheet.lines))


def _promises(_request: HttpRequest, order: Order) -> Facts:
    return Facts({"promised": queries.promises_of(order)})


def _versions(_request: HttpRequest, order: Order) -> Facts:
    confirmed = queries.versions_of(order)
    told = [(c, [step_change(s) for s in c.change.steps.all()] if c.change else []) for c in confirmed]
    return Facts({"confirmed": told})


def _hand_offs(request: HttpRequest, order: Order) -> Facts | None:
    """What departments were asked about its lines; nothing where nobody was."""
    asked = hand_offs.about_order(order, request.user, clock.now())  # type: ignore[arg-type]
    if not asked:
        return None
    ready = sum(one.row.state == "answered" for one in asked)
    told = ngettext("{n} department has answered.", "{n} departments have answered.", ready).format(n=ready)
    notice = Notice(told, "accent", "message-circle-question-mark") if ready else None
    return Facts({"hand_offs": asked}, count=len(asked), notice=notice)


def _told(request: HttpRequest, order: Order) -> Facts:
    return Facts({"story": _story(request, order)})


def _story(request: HttpRequest, order: Order) -> list[dict[str, Any]]:
    """What happened to the order; what belongs to another team's case is one masked line."""
    member: Member = request.user  # type: ignore[assignment]
    return [
        {"event": event, "hidden": event.is_hidden_from(member), "icon": ICONS.get(event.verb) or verb_icon(event.verb)}
        for event in story(order, limit=80)
        if event.verb not in TOLD_ELSEWHERE
    ]


def _beside(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Who ordered, where it goes, and which cases are about it."""
    member: Member = request.user  # type: ignore[assignment]
    ways = order.contact.identities.all() if order.contact else order.customer.identities.filter(contact=None)
    reads = (order.contact and order.contact.language) or order.customer.language
    return {
        "language": dict(settings.LANGUAGES).get(reads, reads),
        "alerts": list(alerts_of(order.customer)),
        "ways": [way for way in ways.order_by("kind", "-is_preferred", "pk") if way.kind in ("email", "phone")],
        "cases": cases_about(order, member),
        "links": ways_in(order.ways),  # type: ignore[attr-defined]
    }


SECTIONS = (
    Section("lines", _("Lines"), "order/_lines.html", _lines, bare=True),
    DOCUMENTS,
    order_changes.SECTION,
    Section("hand-offs", _("Hand-offs"), "order/_hand_offs.html", _hand_offs),
    shipments.SECTION,
    Section("promises", _("Promises"), "order/_promises.html", _promises, folded=True),
    Section(
        "versions", _("Versions"), "order/_versions.html", _versions, folded=True, counted=lambda order: order.version
    ),
    Section("story", _("Story"), "order/_story.html", _told, later=True),
)


def version_or_404(request: HttpRequest, order: Order, version: int) -> OrderVersion:
    """A version of an order the member may see."""
    row: OrderVersion | None = (
        OrderVersion.objects.visible_to(request.user)
        .filter(order=order, version=version)
        .select_related("file")
        .first()
    )
    if row is None:
        raise Http404
    return row


def _since(request: HttpRequest, version: int) -> int:
    """The earlier version this one is compared with: the one before it, unless another is asked for."""
    asked = request.GET.get("since", "")
    return int(asked) if asked.isdecimal() and len(asked) < 7 and 0 < int(asked) < version else version - 1


@require_GET
def version(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A version as it was confirmed, with what it changed."""
    order = order_or_404(request, number)
    row = version_or_404(request, order, version)
    frozen = thaw(row.snapshot)
    before = OrderVersion.objects.filter(order=order, version=_since(request, version)).first()
    context = {
        "order": order,
        "version": row,
        "frozen": frozen,
        "changes": differences(thaw(before.snapshot), frozen) if before else [],
        "before": before,
        "earlier": range(1, version),
        "told": next((c for c in queries.versions_of(order) if c.version.pk == row.pk), None),
    }
    return render(request, "order/version.html", context)


@require_GET
def confirmation(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """The confirmation as a PDF: made once, the same bytes for ever."""
    row = version_or_404(request, order_or_404(request, number), version)
    return download(render_confirmation(row.pk).read(), f"{number}-v{version}.pdf", "application/pdf")


@require_GET
def available(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be promised of a schedule line's product, its own reservation left out."""
    rows = ScheduleLine.objects.visible_to(request.user).select_related("line__product", "order__site", "supplied_from")
    row: ScheduleLine | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return render(request, "order/_available.html", {"id": f"s{pk}", **_available(row.line.product, row.site, row)})


@require_GET
def line_available(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be promised of a line's product as things stand."""
    line: Line | None = (
        Line.objects.visible_to(request.user).select_related("product", "order__site").filter(pk=pk).first()
    )
    if line is None:
        raise Http404
    return render(request, "order/_available.html", {"id": f"l{pk}", **_available(line.product, line.order.site)})


def _available(product: Product, site: Site, row: ScheduleLine | None = None) -> dict[str, Any]:
    today = clock.today()
    stock = Stock.objects.filter(product=product, site=site).first() or Stock(product=product, site=site)
    if stock.pk is None:
        return {"product": product, "site": site, "position": None}
    position = catalog.position(stock, today, row.pk if row else None)
    chart = steps(position.levels, today, row.quantity if row else None, row.ship_by_on if row else None)
    return {"product": product, "site": site, "position": position, "chart": chart, "row": row, "today": today}


urlpatterns = [
    path("orders/<str:number>/", show, name="order"),
    path("orders/<str:number>/versions/<int:version>/", version, name="order-version"),
    path("orders/<str:number>/versions/<int:version>/confirmation.pdf", confirmation, name="order-confirmation"),
    path("schedule-lines/<int:pk>/available/", available, name="schedule-available"),
    path("lines/<int:pk>/available/", line_available, name="line-available"),
]
