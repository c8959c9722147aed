"""What every page of the customer does alike: follow its link, say nothing about a wrong one, keep out of histories."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache

from comptoir.customers.links import follow
from comptoir.customers.models import Link
from comptoir.lib import clock
from comptoir.portal.saying import spoken, words_of

View = Callable[..., HttpResponse]
WINDOW = 600  # seconds in which wrong links of an address are counted
MOST_WRONG = 30
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def by_link(kind: str) -> Callable[[Callable[[HttpRequest, Link], HttpResponse]], View]:
    """A view of whoever holds an open link of a kind; everybody else gets one and the same answer."""

    def decorated(view: Callable[[HttpRequest, Link], HttpResponse]) -> View:
        @never_cache
        @wraps(view)
        def shown(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
            counted = f"wrong-links:{request.META.get('REMOTE_ADDR', '')}:{int(clock.now().timestamp()) // WINDOW}"
            wrong: int = cache.get(counted, 0)
            if wrong >= MOST_WRONG:
                return _strict(nothing(request, "too_many", 429))
            link = follow(token, kind)
            response = nothing(request) if link is None else view(request, link, **more)
            if response.status_code == 404:
                cache.set(counted, wrong + 1, WINDOW)
            return _strict(response)

        shown.is_public = True  # type: ignore[attr-defined]
        return shown

    return decorated


def _strict(response: HttpResponse) -> HttpResponse:
    """The answer without scripts, frames and traces; a paper keeps its own content policy."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def nothing(request: HttpRequest, why: str = "nothing_why", status: int = 404) -> HttpResponse:
    """The answer to every link that leads nowhere, in the language of the browser."""
    language = spoken((get_language_from_request(request) or "en")[:2])
    words = words_of("quote", language)
    return render(
        request, "portal/nothing.html", {"words": words, "language": language, "why": words[why]}, status=status
    )
