"""Approvals: what waits for me, and what I asked for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.actions.models import Approval
from comptoir.cases.models import Case
from comptoir.people.models import Member


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Requests that wait for this member, their own, and what was settled lately."""
    member: Member = request.user  # type: ignore[assignment]
    rows = Approval.objects.select_related("requester", "decided_by")
    asked = list(rows.asked_of(member).order_by("requested_at")[:100])
    mine = list(rows.asked_by(member).order_by("-requested_at")[:30])
    settled = rows.filter(decided_by=member).order_by("-decided_at")[:20]
    context = {"asked": asked, "mine": mine, "settled": settled, "cases": cases_of([*asked, *mine], member)}
    template = "approval/_lists.html" if request.GET.get("part") == "lists" else "approval/index.html"
    return render(request, template, context)


def cases_of(approvals: list[Approval], member: Member) -> dict[int, Case]:
    """The case each request was made in, as far as the member sees it."""
    ids = {a.pk: pk for a in approvals for label, pk in a.about if label == "cases.Case"}
    cases = {case.pk: case for case in Case.objects.visible_to(member).filter(pk__in=ids.values())}
    return {approval: cases[pk] for approval, pk in ids.items() if pk in cases}


urlpatterns = [path("approvals/", index, name="approvals")]
