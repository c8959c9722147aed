"""Keeping the paper of a quote."""

from typing import cast

from comptoir.actions import lock
from comptoir.events import journal
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.orders.models import QuoteVersion


def keep_quote(version: QuoteVersion, made: bytes) -> File:
    """Store a version's paper, unless another worker was quicker: then the one it stored."""
    with journal():
        lock(version.quote)
        kept = QuoteVersion.objects.select_related("file").get(pk=version.pk)
        if kept.file is None:
            kept.file = store(made, "application/pdf")
            kept.save(update_fields=["file"])
        return cast(File, kept.file)
