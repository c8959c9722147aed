"""Bytes handed out so that nothing in them runs as ours."""

from urllib.parse import quote

from django.http import HttpResponse


def download(data: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to save, never shown in the desk's own origin."""
    response = HttpResponse(data, content_type="application/octet-stream")
    safe = "".join(c for c in name if c.isprintable() and c not in '"\\/;') or "file"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if content_type == "application/pdf":
        response.headers["Content-Type"] = content_type
    return response
