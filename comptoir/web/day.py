"""My day: promises, updates, approvals, cases coming back, deliveries."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.cases import handoff_queries as hand_offs
from comptoir.cases import queries
from comptoir.cases.day import my_day
from comptoir.cases.telling import untold
from comptoir.fulfilment.queries import to_watch
from comptoir.lib import clock
from comptoir.orders.keeping import uncovered_for
from comptoir.orders.unfinished import agreements_for, documents_for, drafts_of, offered_by
from comptoir.people.models import Member
from comptoir.web.approvals import cards


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the member has to do today."""
    member: Member = request.user  # type: ignore[assignment]
    if request.GET.get("part") == "unfinished":
        unfinished = {
            "documents": documents_for(member),
            "drafts": drafts_of(member),
            "offered": offered_by(member, clock.today()),
            "agreements": agreements_for(member),
            "untold": untold(member),
            "uncovered": uncovered_for(member),
            "watched": to_watch(member, clock.today()),
        }
        return render(request, "day/_unfinished.html", unfinished)
    now = clock.now()
    day = my_day(member, now)
    cases = queries.cases_of(day.promises, member)
    approvals = cards([*day.asked_of_me, *day.asked_by_me], member)
    if len(day.asked_of_me) < 50:
        request.approvals_asked = len(day.asked_of_me)  # type: ignore[attr-defined]
    context = {
        "day": day,
        "now": now,
        "hand_offs": hand_offs.waiting_for(member),
        "raised": hand_offs.raised_to(member),
        "promises": [(p, cases.get(p.case_id or 0)) for p in day.promises],
        "asked_of_me": approvals[: len(day.asked_of_me)],
        "asked_by_me": approvals[len(day.asked_of_me) :],
    }
    template = "day/_lists.html" if request.GET.get("part") == "lists" else "day/index.html"
    return render(request, template, context)


urlpatterns = [path("day/", index, name="day")]
