"""Acts whose answer is a one-time link: it is shown to the administrator this once."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from comptoir.actions import ACTIONS, ActionError, InvalidInput, perform
from comptoir.actions import forms as action_forms
from comptoir.people import Role
from comptoir.people.models import Invitation, Member

ACTS = {"add": "people.add_member", "invite": "people.invite", "reactivate": "people.reactivate"}


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, act: str, pk: int | None = None) -> HttpResponse:
    """Ask for what the act needs; once it is done, show the link."""
    member: Member = request.user  # type: ignore[assignment]
    if act not in ACTS or not member.at_least(Role.ADMINISTRATOR) or (act == "add") != (pk is None):
        raise Http404
    subject = Member.objects.visible_to(member).filter(pk=pk, kind=Member.Kind.PERSON).first() if pk else None
    if pk and subject is None:
        raise Http404
    if request.method == "GET":
        return _ask(request, act, subject, None)
    try:
        outcome = perform(ACTS[act], by=member, subject=subject, inputs=request.POST)
    except InvalidInput:
        return _ask(request, act, subject, request.POST)
    except ActionError as error:
        return _ask(request, act, subject, request.POST, error.sentence)
    return _show(request, outcome.result)


def _ask(request: HttpRequest, act: str, subject: Member | None, data: Any, refused: str = "") -> HttpResponse:
    spec = ACTIONS[ACTS[act]]
    form = action_forms.build(spec, request.user, subject, data)  # type: ignore[arg-type]
    form.is_valid()
    context = {
        "spec": spec, "subject": subject, "form": form, "refused": refused,
        "url": reverse("invitation", args=[act, *([subject.pk] if subject else [])]),
    }  # fmt: skip
    template = "act/_dialog.html" if request.headers.get("HX-Request") else "act/page.html"
    return render(request, template, context, status=200 if data is None else 422)


def _show(request: HttpRequest, made: Invitation) -> HttpResponse:
    link = f"{settings.BASE_URL}{reverse('join', args=[made.token])}"
    is_dialog = request.headers.get("HX-Request")
    template = "settings/_invitation.html" if is_dialog else "settings/invitation.html"
    response = render(request, template, {"link": link, "invitation": made, "member": made.member})
    response.headers["Cache-Control"] = "no-store"
    response.headers["HX-Trigger"] = json.dumps({"settings:changed": True})
    return response


urlpatterns = [
    path("settings/members/invitation/<slug:act>/", invitation, name="invitation"),
    path("settings/members/invitation/<slug:act>/<int:pk>/", invitation, name="invitation"),
]
