"""The API's own way in: past sessions, cookies and forms, and with answers that no browser keeps or runs."""

import logging
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from comptoir.api.problems import Problem

PREFIX = "/api/"
URLS = "comptoir.api.urls"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
log = logging.getLogger(__name__)


class Api:
    """Answers what is below /api/ itself; nothing of the desk's pages is asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PREFIX.rstrip("/"):
            return HttpResponseRedirect(PREFIX)
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = answer(request)
        for name, value in HEADERS.items():
            if name != "Content-Security-Policy" or not response.headers["Content-Type"].startswith("text/html"):
                response.headers.setdefault(name, value)
        return response


def answer(request: HttpRequest) -> HttpResponse:
    """The answer to a request, whatever happens."""
    try:
        return _answer(request)
    except Problem as problem:
        return problem.response()
    except RequestDataTooBig:
        return Problem("too-large").response()
    except (SuspiciousOperation, UnreadablePostError):
        return Problem("malformed").response()
    except Exception:
        log.exception("%s %s failed", request.method, request.path_info)
        return Problem("failed", "It is written in the desk's log, and nothing was changed.").response()


def _answer(request: HttpRequest) -> HttpResponse:
    request.get_host()
    if "\0" in request.path_info or "\0" in "".join(f"{k}{''.join(v)}" for k, v in request.GET.lists()):
        raise Problem("malformed", "A NUL is in the address.")
    try:
        found = resolve(request.path_info, URLS)
    except Resolver404 as error:
        raise Problem("not-found", "There is no such address.") from error
    response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return response
