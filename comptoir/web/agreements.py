"""Agreements: what was agreed with whom, until when, and how much of it was called off."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.catalog.models import Agreement
from comptoir.lib import clock
from comptoir.orders.call_offs import call_offs_of

MOST = 200


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The agreements that are under way or bind, those that end first."""
    rows = Agreement.objects.visible_to(request.user).exclude(state="ended").select_related("customer")
    context = {"agreements": rows.order_by("valid_until", "pk")[:MOST], "today": clock.today()}
    return render(request, "agreement/list.html", context)


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One agreement with its lines, what was called off of each, and what can be done next."""
    rows = Agreement.objects.visible_to(request.user).select_related("customer", "renews", "renewal")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return render(request, "agreement/show.html", {"agreement": found, "lines": call_offs_of(found)})


urlpatterns = [
    path("agreements/", index, name="agreements"),
    path("agreements/<str:number>/", show, name="agreement"),
]
