"""The truth diff: the customer's document, our order and the agreement side by side; how exactly orders are entered."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comptoir.lib.numbers import row_id
from comptoir.orders.actions.correcting import CORRECTABLE
from comptoir.orders.actions.truth import UNCONFIRMED
from comptoir.orders.extract.discounts import shown
from comptoir.orders.inbound import Fields, Inbound, taken
from comptoir.orders.models import Difference, InboundDocument, Verification
from comptoir.web.documents import pages_of
from comptoir.web.order_documents import as_read, counts_of
from comptoir.web.order_sections import order_or_404

PARTS = {"main": "document/_truth.html", "head": "document/_truth_head.html"}


@dataclass(frozen=True, slots=True)
class Said:
    """One value as it reads: theirs, ours, and what is agreed; how theirs came about, and what ours is corrected to."""

    row: Difference
    theirs: str
    ours: str
    agreement: str
    how: str = ""
    correction: str = ""


@dataclass(slots=True)
class Group:
    """What is said of one line, or of the header: the values that differ, and those alike."""

    position: int
    part: str = ""
    differing: list[Said] = field(default_factory=list)
    alike: list[Said] = field(default_factory=list)


def groups_of(rows: list[Difference], currency: str, inbound: Inbound) -> list[Group]:
    """The values by the line they belong to, the header's first; what the document says of prices is in its own currency."""
    lines, theirs_in = inbound.lines, inbound.said("currency") or currency
    found: dict[int, Group] = {}
    for row in rows:
        group = found.setdefault(row.position, Group(row.position))
        group.part = group.part or (row.line.product.number if row.line else "")
        ours, agreement = (as_read(row, text, currency) for text in (row.ours, row.agreement))
        theirs = as_read(row, row.theirs, theirs_in)
        is_foreign = row.field == Difference.Field.PRICE and theirs_in != currency
        how = [_how(row, lines), _("another currency: cannot be compared") if is_foreign and row.theirs else ""]
        said = Said(row, theirs, ours, agreement, " · ".join(filter(None, how)), "" if is_foreign else row.theirs)
        (group.alike if row.colour == Difference.Colour.GREEN else group.differing).append(said)
    return [found[position] for position in sorted(found)]


def _how(row: Difference, lines: list[Fields]) -> str:
    """How a price of theirs came about, where the document takes a discount off it; which name a form was taken for."""
    if row.source_line is None or row.source_line >= len(lines):
        return ""
    line = lines[row.source_line]
    if row.field == Difference.Field.PART and (value := taken(line)):
        return _("taken for “{name}”").format(name=value.text)
    return shown(line) if row.field == Difference.Field.PRICE else ""


@require_GET
def truth(request: HttpRequest, number: str) -> HttpResponse:
    """The customer's document, our order and the agreement side by side."""
    order = order_or_404(request, number)
    last = order.verifications.select_related("document", "by").order_by("-pk").first()
    rows = list(last.differences.select_related("line__product", "by")) if last else []
    may_see = last is not None and InboundDocument.objects.visible_to(request.user).filter(pk=last.document_id).exists()
    context: dict[str, Any] = {
        "order": order, "verification": last,
        "groups": groups_of(rows, order.currency, last.document.read if last else Inbound()),
        "open": sum(1 for row in rows if row.is_open),
        "may_see": may_see, "is_unconfirmed": order.state in UNCONFIRMED, "correctable": CORRECTABLE,
        "counts": counts_of(rows),
    }  # fmt: skip
    if (part := request.GET.get("part")) in PARTS:
        return render(request, PARTS[part], context)
    if may_see and last is not None:
        context |= {"document": last.document, "pages": pages_of(last.document, last.document.read)}
    return render(request, "document/truth.html", context)


@require_GET
def accuracy(request: HttpRequest) -> HttpResponse:
    """How many lines were entered exactly as sent, and the comparisons that number comes from."""
    rows = Verification.objects.visible_to(request.user).filter(version=0, lines_sent__gt=0)
    summed = rows.aggregate(sent=Sum("lines_sent"), exact=Sum("lines_exact"))
    wrong = request.GET.get("only") == "wrong"
    shown = rows.filter(lines_exact__lt=F("lines_sent")) if wrong else rows
    listed = shown.select_related("order__customer", "document", "by").defer("document__words", "document__neutral")
    after = row_id(request.GET.get("after"))
    listed = listed.filter(pk__lt=after) if after else listed
    page = list(listed.order_by("-pk")[:101])
    rate = round(100 * (summed["exact"] or 0) / summed["sent"], 1) if summed["sent"] else None
    last = page[99].pk if len(page) > 100 else 0
    context = {"rate": rate, **summed, "rows": page[:100], "after": last, "wrong": wrong}
    return render(request, "document/accuracy.html", context)


urlpatterns = [
    path("documents/accuracy/", accuracy, name="accuracy"),
    path("orders/<str:number>/truth/", truth, name="order-truth"),
]
