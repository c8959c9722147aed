"""The document that an order was entered from, as a section of the order's page."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comptoir.lib import days
from comptoir.orders.models import Difference, InboundDocument, Order
from comptoir.web.order_sections import Facts, Section
from comptoir.web.templatetags.desk import price, quantity


def counts_of(rows: list[Difference]) -> list[tuple[str, str]]:
    """How many values differ, were decided, and are alike, in words: each with the tone it is said in."""
    left = [row for row in rows if row.is_open]
    reds = sum(1 for row in left if row.colour == Difference.Colour.RED)
    greens = sum(1 for row in rows if row.colour == Difference.Colour.GREEN)
    ambers, decided = len(left) - reds, len(rows) - len(left) - greens
    told = [
        ("bad", ngettext("{n} differs", "{n} differ", reds), reds),
        ("warn", ngettext("{n} differs a little", "{n} differ a little", ambers), ambers),
        ("", ngettext("{n} decided", "{n} decided", decided), decided),
        ("ok", _("{n} alike"), greens),
    ]
    return [(tone, text.format(n=count)) for tone, text, count in told if count]


def as_read(row: Difference, text: str, currency: str) -> str:
    """A day and a number as the reader writes them; what is neither stays."""
    value, dot, reference = text.partition(" · ")
    try:
        if row.field == Difference.Field.DATE:
            return days.day(date.fromisoformat(text))
        if row.field == Difference.Field.PRICE:
            return price(Decimal(value), currency) + dot + reference
        if row.field == Difference.Field.QUANTITY:
            return quantity(Decimal(text))
    except (ValueError, InvalidOperation):
        pass
    return text


def _documents(request: HttpRequest, order: Order) -> Facts:
    """The document it was entered from, and what is open between both."""
    last = order.verifications.select_related("document", "by").order_by("-pk").first()
    rows = list(last.differences.select_related("line")) if last else []
    seen = InboundDocument.objects.visible_to(request.user)
    may_see = last is not None and seen.filter(pk=last.document_id).exists()
    still = [row for row in rows if row.is_open]
    theirs_in = (last.document.read.said("currency") if last else "") or order.currency
    told = [(row, as_read(row, row.theirs, theirs_in), as_read(row, row.ours, order.currency)) for row in still]
    values = {"verification": last, "may_see_document": may_see, "open_differences": told, "verdicts": counts_of(rows)}
    return Facts(values, count=len(still))


def _is_from_one(order: Order) -> bool:
    return bool(getattr(order, "is_compared", False))


SECTION = Section(
    "documents",
    gettext_lazy("The customer’s document"),
    "document/_section.html",
    _documents,
    later=True,
    is_for=_is_from_one,
)
