"""Tokens of the API and the bots they are for; a new token's secret is shown this once."""

import json
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from comptoir.actions import ACTIONS, ActionError, InvalidInput, forms, perform, scopes
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.people.models import ApiToken, Member

NAME = "people.issue_token"


def context(member: Member) -> dict[str, Any]:
    """The tokens a member may see, valid ones first, and the bots."""
    rows = ApiToken.objects.visible_to(member).select_related("member", "made_by").order_by("-made_at", "-pk")
    found = sorted(((row, _scopes(row)) for row in rows), key=lambda one: not one[0].is_valid)
    now = clock.now()
    valid = Count("tokens", filter=Q(tokens__revoked_at=None, tokens__expires_at__gt=now), distinct=True)
    bots = Member.objects.visible_to(member).filter(kind=Member.Kind.BOT).annotate(valid_tokens=valid)
    return {
        "tokens": found, "me": member.pk, "now": now, "sees_all": member.at_least(Role.ADMINISTRATOR),
        "bots": bots.prefetch_related("teams").order_by("-is_active", "name"),
    }  # fmt: skip


def _scopes(token: ApiToken) -> list[str]:
    """The scopes in short: what is read, and of each package all or how many acts."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for scope in token.scopes:
        kind, _colon, name = scope.partition(":")
        by_kind[kind].append(name)
    return [f"{kind}: {', '.join(names)}" for kind, names in sorted(by_kind.items(), reverse=True)]


@require_http_methods(["GET", "POST"])
def token(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the token is for; once it is made, show its secret."""
    member: Member = request.user  # type: ignore[assignment]
    subject = Member.objects.visible_to(member).filter(pk=pk, kind__in=(Member.Kind.PERSON, Member.Kind.BOT)).first()
    if subject is None or not _may(member, subject):
        raise Http404
    if request.method == "GET":
        return _ask(request, subject, None)
    try:
        outcome = perform(NAME, by=member, subject=subject, inputs=request.POST)
    except InvalidInput:
        return _ask(request, subject, request.POST)
    except ActionError as error:
        return _ask(request, subject, request.POST, error.sentence)
    return _show(request, outcome.result)


def _may(member: Member, subject: Member) -> bool:
    if subject.kind == Member.Kind.BOT:
        return member.at_least(Role.ADMINISTRATOR)
    return subject.pk == member.pk


def _ask(request: HttpRequest, subject: Member, data: Any, refused: str = "") -> HttpResponse:
    spec = ACTIONS[NAME]
    form = forms.build(spec, request.user, subject, data)  # type: ignore[arg-type]
    form.is_valid()
    given = set(data.getlist("scopes")) if data is not None else set()
    found = {
        "spec": spec, "subject": subject, "form": form, "refused": refused, "groups": _groups(given),
        "url": reverse("token", args=[subject.pk]),
    }  # fmt: skip
    template = "settings/_token_form.html" if request.headers.get("HX-Request") else "settings/token.html"
    return render(request, template, found, status=200 if data is None else 422)


def _groups(given: set[str]) -> list[dict[str, Any]]:
    """The scopes by group, with what was ticked; a group that has a tick stands open."""
    made = []
    for label, choices in scopes.grouped():
        rows = [(value, words, value in given) for value, words in choices]
        made.append({"label": label, "rows": rows, "is_open": any(ticked for _v, _w, ticked in rows)})
    return made


def _show(request: HttpRequest, made: ApiToken) -> HttpResponse:
    is_dialog = request.headers.get("HX-Request")
    template = "settings/_token.html" if is_dialog else "settings/token.html"
    response = render(request, template, {"made": made, "subject": made.member, "base": settings.BASE_URL})
    response.headers["Cache-Control"] = "no-store"
    response.headers["HX-Trigger"] = json.dumps({"settings:changed": True})
    return response


urlpatterns = [path("settings/tokens/new/<int:pk>/", token, name="token")]
