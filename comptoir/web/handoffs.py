"""Hand-offs: a department's queue, and one question with everything said about it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comptoir.cases import handoff_queries as queries
from comptoir.cases.models import HandOff
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.people.models import Department, Member

LABELS = {"open": _("To answer"), "answered": _("Answered"), "mine": _("Asked by me")}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the member's departments were asked, or a chosen one; `part` for a live refresh."""
    member: Member = request.user  # type: ignore[assignment]
    view = request.GET.get("view", "open")
    rows = Department.objects.visible_to(member)
    department = rows.filter(pk=row_id(request.GET.get("department", ""))).first()
    found = queries.desk(member, department, view if view in queries.VIEWS else "open", clock.now())
    context = {"desk": found, "views": LABELS.items(), "empty_open": found.view == "open"}
    template = "handoff/_list.html" if request.GET.get("part") == "list" else "handoff/index.html"
    return render(request, template, context)


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One hand-off."""
    member: Member = request.user  # type: ignore[assignment]
    found = queries.read(HandOff.objects.visible_to(member).filter(pk=pk), member, clock.now())
    if not found:
        raise Http404
    return render(request, "handoff/show.html", {"asked": found[0]})


urlpatterns = [
    path("hand-offs/", index, name="hand-offs"),
    path("hand-offs/<int:pk>/", show, name="hand-off"),
]
