"""What every page of the desk carries: a strict content policy, and a signed-in member with their language and zone."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from comptoir.people.queries import is_empty

SETUP_URL = "/setup/"
Answer = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., Any])

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)


def public(view: View) -> View:
    """Mark a view that answers without a signed-in member."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class WellFormed:
    """Refuses a request with a NUL in it: no text of ours has one, and PostgreSQL keeps none."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in _texts(request)):
            return HttpResponseBadRequest()
        return self.get_response(request)


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    for given in (request.GET, request.POST):
        for name, values in given.lists():
            yield from (name, *values)


class SecurityHeaders:
    """Adds the content policy; an answer that brings its own keeps it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


class SignedInMember:
    """Sends whoever is not signed in to the sign-in page, and speaks the member's language in their time zone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            translation.activate(request.user.language or settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            timezone.activate(zone_of(request.user.time_zone))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.user.is_authenticated:
            return None
        if not request.path.startswith(SETUP_URL) and is_empty():
            return HttpResponseRedirect(SETUP_URL)
        if getattr(view, "is_public", False):
            return None
        return sign_in_first(request)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """A redirect to the sign-in page and back; htmx is told to load it as a page."""
    if request.headers.get("HX-Request"):
        came_from = request.headers.get("HX-Current-URL", "/")
        path = "/" + came_from.split("/", 3)[3] if came_from.count("/") > 2 else "/"
        return HttpResponse(status=200, headers={"HX-Redirect": f"{settings.LOGIN_URL}?{urlencode({'next': path})}"})
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" and request.path != "/" else ""
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{query}" if query else settings.LOGIN_URL)


def zone_of(name: str) -> ZoneInfo:
    """The named time zone; the installation's own when there is no such name."""
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
