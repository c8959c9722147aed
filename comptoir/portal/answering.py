"""What every page of the customer does alike: follow its link, say nothing about a wrong one, keep out of histories."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache

from comptoir.customers.links import follow
from comptoir.customers.models import Link
from comptoir.portal.saying import spoken, words_of

View = Callable[..., HttpResponse]


def by_link(kind: str) -> Callable[[Callable[[HttpRequest, Link], HttpResponse]], View]:
    """A view of whoever holds an open link of a kind; everybody else gets one and the same answer."""

    def decorated(view: Callable[[HttpRequest, Link], HttpResponse]) -> View:
        @never_cache
        @wraps(view)
        def shown(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
            link = follow(token, kind)
            response = nothing(request) if link is None else view(request, link, **more)
            response.headers["Referrer-Policy"] = "same-origin"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        shown.is_public = True  # type: ignore[attr-defined]
        return shown

    return decorated


def nothing(request: HttpRequest) -> HttpResponse:
    """The answer to every link that leads nowhere, in the language of the browser."""
    language = spoken((get_language_from_request(request) or "en")[:2])
    context = {"words": words_of("quote", language), "language": language}
    return render(request, "portal/nothing.html", context, status=404)
