"""The planner's queue: what planning does not know yet, what it has, where both differ; and files both ways."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comptoir.actions import ActionError
from comptoir.orders import demand
from comptoir.orders.actions.demand import take_answers
from comptoir.people.models import Member
from comptoir.web.downloads import download, table

MOST_SHOWN = 200
MOST_TEXT = 500_000


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What has to be released, what differs, and what planning has."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    released = demand.released(request.user)  # type: ignore[arg-type]
    differing = demand.differing(released)
    context = {
        "to_release": demand.unreleased()[:MOST_SHOWN], "differing": list(differing[:MOST_SHOWN]),
        "waiting": list(released.filter(state="released")[:MOST_SHOWN]),
        "planned": released.filter(state="acknowledged").exclude(pk__in=differing.values("pk")).count(), **more,
    }  # fmt: skip
    return render(request, "demand/index.html", context, status=status)


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """What planning has, as a foreign MRP takes it."""
    rows = demand.table(demand.released(request.user))  # type: ignore[arg-type]
    if form == "csv":
        return table("demand", demand.COLUMNS, ([row[name] for name in demand.COLUMNS] for row in rows))
    if form == "json":
        told = json.dumps({"demand": rows}, ensure_ascii=False, indent=1)
        return download(told.encode(), "demand.json", "application/json")
    raise Http404


@require_POST
def answers(request: HttpRequest) -> HttpResponse:
    """A file of acknowledgements: looked at first; sent again with `apply`, taken in row by row."""
    member: Member = request.user  # type: ignore[assignment]
    try:
        data = _sent(request)
        read = demand.answers(data)
    except ActionError as error:
        return _page(request, 422, refused=error.sentence)
    if "apply" not in request.POST:
        return _page(request, answers=read, text=data.decode("utf-8", "replace"))
    refused = take_answers(read, by=member)
    done = sum(one.fate in ("acknowledges", "refuses") for one in read) - len(refused)
    return _page(request, told=_("{n} answers taken in.").format(n=done), refusals=refused.items())


def _sent(request: HttpRequest) -> bytes:
    sent = request.FILES.get("file")
    data: bytes = sent.read(MOST_TEXT + 1) if sent else request.POST.get("text", "").encode()
    if not data or len(data) > MOST_TEXT:
        raise ActionError(_("Choose a file of at most {n} kB.").format(n=MOST_TEXT // 1000))
    return data


urlpatterns = [
    path("demand/", index, name="demand"),
    path("demand/released.<str:form>", export, name="demand-export"),
    path("demand/answers/", answers, name="demand-answers"),
]
