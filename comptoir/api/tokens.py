"""Who asks: the token of a request, and those that are wrong."""

import re

from django.core.cache import cache
from django.http import HttpRequest

from comptoir.actions.scopes import Scope, allows
from comptoir.api.problems import Problem
from comptoir.people.actions.tokens import note_use
from comptoir.people.models import ApiToken
from comptoir.people.queries import digest

MOST_WRONG = 20
WITHIN_SECONDS = 300
BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,200})\Z", re.IGNORECASE)
ASK = {"WWW-Authenticate": 'Bearer realm="comptoir"'}


def token_of(request: HttpRequest) -> ApiToken:
    """The valid token of a request; Problem 401 for a wrong one, 429 after many wrong ones. A valid one always counts."""
    match = BEARER.match(request.headers.get("Authorization", ""))
    found = _valid(match[1]) if match else None
    if found is None:
        _count_wrong(request.META.get("REMOTE_ADDR", ""))
        raise Problem("unauthorized", "Send «Authorization: Bearer cpt_…» with a token that is valid.", ASK)
    note_use(found)
    return found


def _valid(token: str) -> ApiToken | None:
    return ApiToken.objects.valid().select_related("member").filter(token_hash=digest(token)).first()


def _count_wrong(address: str) -> None:
    """Count a wrong token of an address; Problem 429 once there were too many within five minutes."""
    name = f"api-wrong:{digest(address)[:32]}"
    if cache.add(name, 1, WITHIN_SECONDS):
        return
    try:
        wrong = cache.incr(name)
    except ValueError:  # it ran out between the two
        return
    if wrong > MOST_WRONG:
        detail = "Too many wrong tokens came from your address: look at your settings and wait some minutes."
        raise Problem("wrong-tokens", detail, {"Retry-After": str(WITHIN_SECONDS)})


def need(token: ApiToken, wanted: Scope) -> None:
    """Problem 403 when the token's scopes do not hold the wanted one."""
    if not allows(token.scopes, wanted):
        raise Problem("scope", f"The token lacks the scope {wanted}.", scope=wanted)
