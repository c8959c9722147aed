"""The first page of a desk where nobody works yet; only whoever read the code in the terminal gets in."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.actions import ACTIONS, ActionError, InvalidInput, perform
from comptoir.actions import forms as action_forms
from comptoir.people import system
from comptoir.people.models import Member
from comptoir.people.queries import digest, invitation_of, is_empty
from comptoir.web.middleware import public

GIVEN = {"department": "Customer service", "team": "Customer service"}


@public
@never_cache
@require_GET
def code(request: HttpRequest, token: str = "") -> HttpResponse:
    """Take the code out of the address, or from the form that asks for it, and go on."""
    _refuse_founded()
    request.session["setup"] = digest(token or request.GET.get("code", "").strip())
    return HttpResponseRedirect(reverse("setup"))


@public
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Company, first administrator, team and inbox; then signed in on an empty desk."""
    _refuse_founded()
    code_hash = request.session.get("setup", "")
    if invitation_of(code_hash, to_found=True) is None:
        context = {"was_tried": bool(code_hash)}
        return render(request, "setup/code.html", context, status=403 if code_hash or request.method == "POST" else 200)
    if request.method == "GET":
        return _form(request)
    try:
        made = perform("cases.found_desk", by=system(), inputs={**request.POST.dict(), "code_hash": code_hash}).result
    except InvalidInput:
        return _form(request, again=True)
    except ActionError as error:
        return _form(request, error.sentence, again=True)
    return _enter(request, made)


def _refuse_founded() -> None:
    if not is_empty():
        raise Http404


def _form(request: HttpRequest, refused: str = "", again: bool = False) -> HttpResponse:
    form = action_forms.build(ACTIONS["cases.found_desk"], system(), None, request.POST if again else None)
    form.fields.pop("code_hash")
    form.is_valid()
    form.initial = {**form.initial, **GIVEN, "language": translation.get_language() or "en"}
    return render(request, "setup/setup.html", {"form": form, "refused": refused}, status=422 if again else 200)


def _enter(request: HttpRequest, member: Member) -> HttpResponse:
    request.session.flush()
    login(request, member)
    return HttpResponseRedirect("/")


urlpatterns = [
    path("setup/", setup, name="setup"),
    path("setup/code/", code, name="setup-code"),
    path("setup/<str:token>/", code, name="setup-link"),
]
