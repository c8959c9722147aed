"""Choosing a password by a one-time link."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.actions import ActionError, Secret
from comptoir.people.actions.invitations import join as act
from comptoir.people.queries import digest, invitation_of
from comptoir.web.middleware import public


@public
@never_cache
@require_GET
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address, where it would stay in histories, and go on without it."""
    request.session["invitation"] = digest(token)
    return HttpResponseRedirect(reverse("join-form"))


@public
@never_cache
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """Choose the password, and be signed in."""
    token_hash = request.session.get("invitation", "")
    found = invitation_of(token_hash)
    if found is None or found.member is None:
        request.session.pop("invitation", None)
        return render(request, "settings/join.html", {"member": None}, status=410)
    refused = ""
    if request.method == "POST":
        try:
            typed = Secret(request.POST.get("password", ""))
            act(found.member, by=found.member, token_hash=Secret(token_hash), password=typed)
        except ActionError as error:
            refused = error.sentence
        else:
            request.session.flush()
            login(request, found.member)
            return HttpResponseRedirect("/")
    context = {"member": found.member, "refused": refused}
    return render(request, "settings/join.html", context, status=422 if refused else 200)


urlpatterns = [
    path("join/", form, name="join-form"),
    path("join/<str:token>/", join, name="join"),
]
