"""My day: promises, updates, approvals, cases coming back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.cases import queries
from comptoir.lib import clock
from comptoir.people.models import Member


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the member has to do today."""
    member: Member = request.user  # type: ignore[assignment]
    day = queries.my_day(member, clock.now())
    cases = queries.cases_of(day.promises, member)
    context = {"day": day, "promises": [(p, cases.get(p.case_id or 0)) for p in day.promises]}
    template = "day/_lists.html" if request.GET.get("part") == "lists" else "day/index.html"
    return render(request, template, context)


urlpatterns = [path("day/", index, name="day")]
