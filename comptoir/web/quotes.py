"""Quotes: their list, one with what it said and what became of it, and its paper."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comptoir.cases.models import Case, DraftFile
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.text import fold
from comptoir.orders.jobs import render_quote
from comptoir.orders.models import Quote, QuoteVersion
from comptoir.orders.papers import quotes as papers
from comptoir.orders.quoting import lines_of_order, net_of, snapshot
from comptoir.orders.repricing import repriced, today_of
from comptoir.people.models import Member
from comptoir.web.downloads import download
from comptoir.web.templatetags.desk import verb_icon

ON_A_PAGE = 50
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (_("Open"), Q(state__in=("draft", "sent"))),
    "draft": (_("Drafts"), Q(state="draft")),
    "sent": (_("Sent"), Q(state="sent")),
    "accepted": (_("Accepted"), Q(state="accepted")),
    "declined": (_("Declined"), Q(state="declined")),
    "expired": (_("Expired"), Q(state="expired")),
    "all": (_("All"), Q()),
}
ICONS = {
    "orders.quoted": "file-plus",
    "orders.quote_changed": "pencil",
    "orders.quote_repriced": "tag",
    "orders.quote_approved": "stamp",
    "orders.quote_sent": "send",
    "orders.quote_revised": "copy-plus",
    "orders.quote_accepted": "circle-check",
    "orders.quote_declined": "circle-x",
    "orders.quote_expired": "calendar-x",
}


def quote_or_404(request: HttpRequest, number: str) -> Quote:
    """The quote with a number, with everything its head names."""
    rows: Any = Quote.objects.visible_to(request.user)
    named = rows.select_related("customer__owner", "contact", "ship_to", "owner", "order")
    quoted: Quote | None = named.filter(number=number).first()
    if quoted is None:
        raise Http404
    return quoted


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The quotes of a view, the newest first; found by number, reference or customer."""
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    page = min(int(request.GET["page"]), 10_000) if request.GET.get("page", "").isdecimal() else 1
    rows: Any = Quote.objects.visible_to(request.user).filter(_named(text))
    chosen = rows.filter(VIEWS[view][1]).select_related("customer", "owner", "contact").annotate(net=Sum("lines__net"))
    start = (max(page, 1) - 1) * ON_A_PAGE
    found = list(chosen.order_by("-created_at", "-pk")[start : start + ON_A_PAGE + 1])
    counts = rows.aggregate(**{name: Count("pk", filter=where) for name, (_label, where) in VIEWS.items() if where})
    context = {
        "quotes": [(one, Money(one.net or Decimal(0), one.currency)) for one in found[:ON_A_PAGE]],
        "views": [(name, label, counts.get(name)) for name, (label, _where) in VIEWS.items()],
        "view": view,
        "text": text,
        "today": clock.today(),
        "next": page + 1 if len(found) > ON_A_PAGE else None,
        "before": page - 1 if page > 1 else None,
    }
    return render(request, "quote/_list.html" if request.GET.get("part") == "list" else "quote/list.html", context)


def _named(text: str) -> Q:
    if not text:
        return Q()
    return Q(number__icontains=text) | Q(reference__icontains=text) | Q(customer__sort_key__contains=fold(text))


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """A quote: its lines, its versions, who got it, and its story."""
    quoted = quote_or_404(request, number)
    member: Member = request.user  # type: ignore[assignment]
    lines = lines_of_order(quoted)
    cases: Any = Case.objects.visible_to(member).filter(customer=quoted.customer).worked_on()
    context = {
        "quote": quoted,
        "lines": lines,
        "net": net_of(quoted, lines),
        "repriced": repriced(today_of(quoted, lines)) if quoted.state == Quote.State.DRAFT else [],
        "versions": list(quoted.versions.defer("snapshot").order_by("-version")),
        "cases": list(cases.order_by("-last_message_at")[:5]),
        "today": clock.today(),
        "waits_in": _waits_in(quoted, member),
        "story": _story(quoted, member),
    }
    return render(request, "quote/_main.html" if request.GET.get("part") == "main" else "quote/show.html", context)


def _waits_in(quoted: Quote, member: Member) -> list[DraftFile]:
    """The replies somebody has written and not sent yet, with this version in them."""
    if quoted.state != Quote.State.DRAFT:
        return []
    rows = DraftFile.objects.filter(quote=quoted, quote_version=quoted.version, draft__case__in=_cases(member))
    return list(rows.select_related("draft__case", "draft__member").order_by("pk"))


def _cases(member: Member) -> Any:
    rows: Any = Case.objects
    return rows.visible_to(member)


def _story(quoted: Quote, member: Member) -> list[dict[str, Any]]:
    return [
        {"event": event, "hidden": event.is_hidden_from(member), "icon": ICONS.get(event.verb) or verb_icon(event.verb)}
        for event in story(quoted, limit=60)
    ]


@require_GET
def paper(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A version as a PDF: made once, the same bytes for ever."""
    rows: Any = QuoteVersion.objects.visible_to(request.user)
    row: QuoteVersion | None = rows.filter(quote__number=number, version=version).select_related("quote").first()
    if row is None:
        raise Http404
    return download(render_quote(row.pk).read(), row.name, "application/pdf")


@require_GET
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """The paper as it would be sent now; nothing of it is kept."""
    quoted = quote_or_404(request, number)
    if quoted.state != Quote.State.DRAFT:
        return HttpResponseRedirect(reverse("quote-paper", args=[quoted.number, quoted.version]))
    return download(papers.quote(snapshot(quoted), clock.today()), quoted.paper_name, "application/pdf")


urlpatterns = [
    path("quotes/", index, name="quotes"),
    path("quotes/<str:number>/", show, name="quote"),
    path("quotes/<str:number>/preview.pdf", preview, name="quote-preview"),
    path("quotes/<str:number>/versions/<int:version>/quote.pdf", paper, name="quote-paper"),
]
