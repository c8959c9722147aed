"""The confirmation of a version: rendered once, the same bytes for ever."""

from typing import cast

from procrastinate.contrib.django import app

from comptoir.files.models import File
from comptoir.orders import papers, reading
from comptoir.orders.actions.quote_papers import keep_quote
from comptoir.orders.actions.versions import keep_document
from comptoir.orders.models import OrderVersion, QuoteVersion
from comptoir.orders.papers import quotes


@app.task(name="orders.render_confirmation", queue="papers")
def render(order_version_id: int) -> None:
    """Have the document ready before anybody asks for it."""
    render_confirmation(order_version_id)


def render_confirmation(order_version_id: int) -> File:
    """The stored PDF of a version; the first one stored is that version's for ever."""
    version = OrderVersion.objects.select_related("file", "order").get(pk=order_version_id)
    if version.file is not None:
        return cast(File, version.file)
    made = papers.confirmation(version.snapshot, version.snapshot["seller"]["name"], version.confirmed_at.date())
    return keep_document(version, made)


def render_quote(quote_version_id: int) -> File:
    """The stored PDF of a quote's version; the first one stored is that version's for ever."""
    version = QuoteVersion.objects.select_related("file", "quote").get(pk=quote_version_id)
    if version.file is not None:
        return cast(File, version.file)
    return keep_quote(version, quotes.quote(version.snapshot, version.sent_at.date()))


@app.task(name="orders.read_document", queue="papers")
def read_document(document_id: int) -> None:
    """Read what came in: words by the child process, then what they order."""
    reading.read(document_id)


@app.task(name="orders.draw_document", queue="papers")
def draw_document(document_id: int) -> None:
    """Have the pages of a PDF drawn before somebody opens it."""
    reading.draw_ahead(document_id)
