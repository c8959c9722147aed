"""What went wrong, as RFC 9457 says it."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
KINDS = {
    "malformed": (400, "The request cannot be read"),
    "unauthorized": (401, "A valid token is needed"),
    "scope": (403, "The token may not do this"),
    "denied": (403, "The member may not do this"),
    "not-found": (404, "There is nothing here"),
    "method": (405, "Not by this method"),
    "changed": (409, "Somebody changed it meanwhile"),
    "notices": (409, "There is something to know first"),
    "too-large": (413, "The request is too large"),
    "media-type": (415, "Not in this form"),
    "input": (422, "The input does not fit"),
    "refused": (422, "It cannot be done"),
    "wrong-tokens": (429, "Too many wrong tokens"),
    "failed": (500, "The desk failed"),
}


class Problem(Exception):
    """An answer that is no success: its kind, the sentence for people, and what belongs to it."""

    def __init__(self, kind: str, detail: object = "", headers: Mapping[str, str] | None = None, **more: Any) -> None:
        self.kind, self.detail, self.headers, self.more = kind, str(detail), dict(headers or {}), more
        self.status, self.title = KINDS[kind]
        super().__init__(self.detail or self.title)

    def as_json(self) -> dict[str, Any]:
        """The problem's members."""
        told = {"type": f"/api/#{self.kind}", "title": self.title, "status": self.status}
        return told | ({"detail": self.detail} if self.detail else {}) | self.more

    def response(self) -> HttpResponse:
        """The answer over HTTP."""
        text = json.dumps(self.as_json(), ensure_ascii=False)
        return HttpResponse(text, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)
