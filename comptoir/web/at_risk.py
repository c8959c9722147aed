"""Whom to tell: promises whose goods lack, by customer and order, and the notices sent together after a look."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comptoir.cases.telling import Telling, whom_to_tell
from comptoir.lib.numbers import row_id
from comptoir.people.models import Member
from comptoir.web.order_bulk import Result, attempt

VIEWS = {"mine": _("My customers"), "all": _("All"), "told": _("Told")}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Who has to be told; posted, the chosen notices are sent one by one and each result is said."""
    member: Member = request.user  # type: ignore[assignment]
    results = _send(request, member) if request.method == "POST" else []
    view = request.GET.get("view", "mine")
    found = whom_to_tell(member)
    by_view = {name: [one for one in found if _fits(one, name, member)] for name in VIEWS}
    view = view if view in VIEWS else "mine"
    context = {
        "view": view,
        "views": [(name, label, len(by_view[name])) for name, label in VIEWS.items()],
        "found": by_view[view],
        "key": secrets.token_hex(12),
        "results": sorted(results, key=lambda one: ("refused", "sent", "done").index(one.state)),
        "sent": sum(one.state == "done" for one in results),
        "refused": sum(one.state == "refused" for one in results),
    }
    template = "risk/_list.html" if request.GET.get("part") == "list" else "risk/index.html"
    return render(request, template, context, status=422 if results and not context["sent"] else 200)


def _fits(one: Telling, view: str, member: Member) -> bool:
    """Mine are those of my customers and of customers nobody owns."""
    if view == "told" or one.told:
        return view == "told" and one.told is not None
    return view == "all" or one.order.customer.owner_id in (member.pk, None)


def _send(request: HttpRequest, member: Member) -> list[Result]:
    chosen = [row_id(pk) for pk in dict.fromkeys(request.POST.getlist("pick"))]
    return [_tell(one, request.POST, member) for one in whom_to_tell(member) if one.order.pk in chosen]


def _tell(one: Telling, given: Any, member: Member) -> Result:
    key = given.get("_key", "")
    inputs = {"text": given.get(f"text-{one.order.pk}", ""), "to": given.get(f"to-{one.order.pk}", "")}
    made = attempt("cases.tell_at_risk", one.order, one.order, member, inputs, f"{key}-{one.order.pk}" if key else "")
    return made if isinstance(made, Result) else Result(one.order, made.case.number, "done", inputs["to"])


urlpatterns = [path("at-risk/", index, name="at-risk")]
