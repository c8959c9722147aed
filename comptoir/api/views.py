"""The API over HTTP: who asks, what, and the answer."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from comptoir.actions import scopes
from comptoir.api import acts, openapi, reading
from comptoir.api.inputs import parsed
from comptoir.api.problems import KINDS, Problem
from comptoir.api.tokens import need, token_of
from comptoir.people.models import ApiToken

View = Callable[..., HttpResponse]
MOST_BYTES = 1_000_000
MOST_OF_A_KEY = 100
OPTIONS = {"dry_run", "told"}


def answers(**by_method: View) -> View:
    """A view of one address by method; others are told which there are."""

    @wraps(next(iter(by_method.values())))
    def view(request: HttpRequest, **found: str) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in by_method:
            allowed = ", ".join(sorted({*by_method, *(["HEAD"] if "GET" in by_method else [])}))
            raise Problem("method", headers={"Allow": allowed})
        return by_method[method](request, **found)

    return view


def with_token(view: View) -> View:
    """The view for whoever has a valid token: in the language and zone of its member."""

    @wraps(view)
    def known(request: HttpRequest, **found: str) -> HttpResponse:
        token = token_of(request)
        member = token.member
        with (
            translation.override(member.language or settings.LANGUAGE_CODE),
            timezone.override(_zone(member.time_zone)),
        ):
            try:
                return view(request, token, **found)
            except Problem as problem:  # said while its language is spoken
                return problem.response()

    return known


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def _json(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    text = json.dumps(data, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/json", headers=dict(headers or {}))


@with_token
def act(request: HttpRequest, token: ApiToken, name: str, subject: str | None = None) -> HttpResponse:
    """Do an act, or say what it would do."""
    acts.spec_of(name)
    need(token, scopes.acts(name))
    options = _options(request)
    call = acts.Call(name, token.member, subject, _body(request), _key(request), options.get("told", ""))
    if options.get("dry_run") == "true":
        return _json(acts.dry_run(call))
    outcome = acts.act(call)
    if outcome.approval is not None:
        told = acts.waiting(outcome.approval)
        return _json({"action": name, "approval": told}, 202, {"Location": told["url"]})
    return _json({"action": name, "result": acts.named(outcome.result), "row": _row(token, outcome.result)})


def _row(token: ApiToken, result: Any) -> Any:
    """What the act made, in full where the token may read it."""
    found = reading.reader_of(result)
    if found is None or not scopes.allows(token.scopes, scopes.reads(found.scope)):
        return None
    return reading.row_shown(token.member, result)


@with_token
def form(request: HttpRequest, token: ApiToken, name: str, subject: str | None = None) -> HttpResponse:
    """What an act takes, and what stands."""
    acts.spec_of(name)
    need(token, scopes.acts(name))
    return _json(acts.form_of(acts.Call(name, token.member, subject)))


@with_token
def rows(request: HttpRequest, token: ApiToken, noun: str) -> HttpResponse:
    """One page of rows."""
    found = reading.reader_named(noun)
    need(token, scopes.reads(found.scope))
    page = reading.listing(found, token.member, _query(request))
    if page["next"]:
        query = request.GET.copy()
        query["after"] = str(page["next"])
        page["next"] = f"/api/{noun}?{query.urlencode()}"
    return _json(page)


@with_token
def row(request: HttpRequest, token: ApiToken, noun: str, named: str) -> HttpResponse:
    """One row in full."""
    found = reading.reader_named(noun)
    need(token, scopes.reads(found.scope))
    return _json(reading.single(found, token.member, named))


def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return _json(openapi.document())


def page(request: HttpRequest) -> HttpResponse:
    """The document for people."""
    context = {
        "groups": openapi.by_package(),
        "readers": reading.READERS.values(),
        "kinds": KINDS,
        "base": settings.BASE_URL,
    }
    return render(request, "api/index.html", context)


def _query(request: HttpRequest) -> dict[str, str]:
    """The query's parameters, each once."""
    twice = {name: ["Once only."] for name, values in request.GET.lists() if len(values) > 1}
    if twice:
        raise Problem("input", errors=twice)
    return {name: values[0] for name, values in request.GET.lists()}


def _options(request: HttpRequest) -> dict[str, str]:
    options = _query(request)
    errors = {name: ["There is no such option; these are: dry_run, told."] for name in options if name not in OPTIONS}
    if options.get("dry_run", "true") not in ("true", "false"):
        errors["dry_run"] = ["true or false is expected here."]
    if errors:
        raise Problem("input", errors=errors)
    return options


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > MOST_OF_A_KEY:
        raise Problem("malformed", f"An Idempotency-Key has at most {MOST_OF_A_KEY} characters.")
    return key


def _body(request: HttpRequest) -> Mapping[str, Any]:
    """The body's JSON object; nothing is an empty one."""
    data = request.body
    if len(data) > MOST_BYTES:
        raise Problem("too-large", f"At most {MOST_BYTES:,} bytes are taken.")
    if not data.strip():
        return {}
    if request.content_type != "application/json":
        raise Problem("media-type", "Send JSON, as application/json.", {"Accept": "application/json"})
    try:
        read = parsed(data.decode())
    except (ValueError, RecursionError) as error:
        raise Problem("malformed", "The body is no JSON of well-formed text.") from error
    if not isinstance(read, dict):
        raise Problem("malformed", "The body is no JSON object.")
    return read
