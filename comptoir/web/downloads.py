"""Bytes handed out so that nothing in them runs as ours."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from comptoir.lib import clock, sheets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to save, never shown in the desk's own origin."""
    response = HttpResponse(data, content_type="application/octet-stream")
    safe = "".join(c for c in name if c.isprintable() and c not in '"\\/;') or "file"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_type == "application/pdf":
        response.headers["Content-Type"] = content_type
    return response


def as_pdf(data: bytes, name: str) -> HttpResponse:
    """A PDF to save, under its name."""
    return download(data, name if name.lower().endswith(".pdf") else f"{name}.pdf", "application/pdf")


def table(name: str, head: Iterable[object], rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """Rows as a CSV table for a spreadsheet, named by its day."""
    response = StreamingHttpResponse(
        sheets.lines([str(cell) for cell in head], rows), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.today():%Y-%m-%d}.csv"'
    return response


def workbook(name: str, head: Iterable[object], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Rows as an XLSX table, named by its day."""
    response = HttpResponse(sheets.workbook(name, head, rows), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.today():%Y-%m-%d}.xlsx"'
    return response


def shown_picture(data: bytes) -> HttpResponse:
    """A picture that we drew ourselves, shown inside a page and nothing else."""
    response = HttpResponse(data, content_type="image/webp")
    response.headers["Content-Disposition"] = "inline; filename=picture.webp"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
