"""Agreements: their list, one with what was called off and what can be done next, its paper and what was signed."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from comptoir.actions import ActionError, Denied
from comptoir.catalog import verbs
from comptoir.catalog.actions.agreement_files import add_agreement_file, keep_paper
from comptoir.catalog.models import Agreement, AgreementFile
from comptoir.catalog.papers import agreement_paper
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.text import fold
from comptoir.orders.call_offs import call_offs_of, ordered_by, used_of
from comptoir.people.models import Member
from comptoir.web.downloads import as_pdf, shown_picture
from comptoir.web.products import may_edit
from comptoir.web.uploads import sent

ON_A_PAGE = 50
COUNTERED = verbs.AGREEMENT_COUNTERED.name
LONGEST = 2_400  # pixels of a scanned page: its small print stays legible
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "current": (_("Current"), ~Q(state="ended")),
    "open": (_("Being agreed on"), Q(state__in=Agreement.OPEN)),
    "binding": (_("In force"), Q(state__in=Agreement.BINDING)),
    "review": (_("Review due"), Q(state="review_due")),
    "ended": (_("Ended"), Q(state="ended")),
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The agreements of a view, those that end first; found by number or customer."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "current"
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    page = min(int(request.GET["page"]), 10_000) if request.GET.get("page", "").isdecimal() else 1
    rows: Any = Agreement.objects.visible_to(request.user)
    if text:
        rows = rows.filter(Q(number__icontains=text) | Q(customer__sort_key__contains=fold(text)))
    start = (max(page, 1) - 1) * ON_A_PAGE
    order = ("-valid_until", "-pk") if view == "ended" else ("valid_until", "pk")
    chosen = rows.filter(VIEWS[view][1]).select_related("customer").order_by(*order)
    found = list(chosen[start : start + ON_A_PAGE + 1])
    counts = rows.aggregate(**{name: Count("pk", filter=where) for name, (_label, where) in VIEWS.items()})
    used = used_of(found[:ON_A_PAGE])
    context = {
        "agreements": [(one, used.get(one.pk)) for one in found[:ON_A_PAGE]],
        "views": [(name, label, counts[name]) for name, (label, _where) in VIEWS.items()],
        "view": view,
        "text": text,
        "today": clock.today(),
        "next": page + 1 if len(found) > ON_A_PAGE else None,
        "before": page - 1 if page > 1 else None,
    }
    return render(request, f"agreement/{'_list' if request.GET.get('part') == 'list' else 'list'}.html", context)


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One agreement with its lines, what was called off of each, and what can be done next."""
    return _page(request, _agreement(request, number))


def _agreement(request: HttpRequest, number: str) -> Agreement:
    rows = Agreement.objects.visible_to(request.user).select_related("customer__owner", "renews", "renewal", "paper")
    found: Agreement | None = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, agreement: Agreement, *, refused: str = "", status: int = 200) -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    lines, orders = call_offs_of(agreement), ordered_by(agreement, member)
    told = [event for event in story(agreement, limit=60) if not event.is_hidden_from(member)]
    today = clock.today()
    context = {
        "agreement": agreement,
        "lines": lines,
        "orders": orders,
        "files": list(agreement.files.select_related("file", "by")),
        "story": told,
        "wanted": next((event.data["text"] for event in told if event.verb == COUNTERED), ""),
        "renewal": getattr(agreement, "renewal", None),
        "holds": agreement.holds_on(today),
        "left_days": (agreement.valid_until - today).days,
        "may_edit": may_edit(member),
        "refused": refused,
    }
    part = request.GET.get("part", "")
    page = f"agreement/_{part}.html" if part in ("main", "context") else "agreement/show.html"
    return render(request, page, context, status=status)


@require_GET
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """What the agreement says as a PDF; once it is signed, the same bytes for ever."""
    found = _agreement(request, number)
    if found.paper is not None:
        data = found.paper.read()
    elif found.signed_on is not None:
        data = keep_paper(found, agreement_paper(found)).read()
    else:
        data = agreement_paper(found)
    return as_pdf(data, found.paper_name)


@require_POST
def add_file(request: HttpRequest, number: str) -> HttpResponse:
    """Put what was signed to the agreement: a PDF, or a picture of the paper."""
    agreement, member = _agreement(request, number), request.user
    try:
        file = sent(request, LONGEST)
        add_agreement_file(
            agreement, by=member, data=file.data, content_type=file.content_type, name=file.name  # type: ignore[arg-type]
        )  # fmt: skip
    except Denied as denied:
        return _page(request, agreement, refused=denied.sentence, status=403)
    except ActionError as error:
        return _page(request, agreement, refused=error.sentence, status=422)
    return HttpResponseRedirect(agreement.get_absolute_url())


@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture to look at, a PDF to save."""
    row = AgreementFile.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if row is None:
        raise Http404
    return shown_picture(row.file.read()) if row.is_picture else as_pdf(row.file.read(), row.name)


urlpatterns = [
    path("agreements/", index, name="agreements"),
    path("agreements/<str:number>/", show, name="agreement"),
    path("agreements/<str:number>/agreement.pdf", paper, name="agreement-paper"),
    path("agreements/<str:number>/files/", add_file, name="agreement-file-add"),
    path("agreement-files/<int:pk>/", file, name="agreement-file"),
]
