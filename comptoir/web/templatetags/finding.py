"""Marking what was asked for."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from comptoir.search.words import marks

register = template.Library()


@register.filter
def marked(text: object, words: Sequence[str]) -> SafeString:
    """The text with the words that were asked for marked, in one span (so that a flex row never splits it)."""
    pieces = marks(str(text), words or ())
    return format_html(
        "<span>{}</span>",
        format_html_join(
            "", "{}", ((format_html("<mark>{}</mark>" if hit else "{}", piece),) for piece, hit in pieces)
        ),
    )
