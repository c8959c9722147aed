"""Writing a quote in the grid of an order, changing it, and putting it into a mail to the customer."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ActionError, InvalidInput, NeedsApproval, perform
from comptoir.actions.editing import ChangedMeanwhile, seen_of
from comptoir.cases.models import Case
from comptoir.customers.models import Customer
from comptoir.lib.numbers import row_id
from comptoir.orders import typed
from comptoir.orders.actions import drafts
from comptoir.orders.actions.quotes import WORDS, may_send, refuse_over
from comptoir.orders.models import Quote
from comptoir.orders.quoting import lines_of_order, standing_of
from comptoir.orders.repricing import Today, repriced, today_of
from comptoir.orders.typed import Typed
from comptoir.people.models import Member
from comptoir.portal.mails import put_quote
from comptoir.web.entry_form import case_of, clean, customer_or_404, fields_of, rows_of
from comptoir.web.quotes import quote_or_404

FIELDS = ("contact", "ship_to", "valid_until")
MOST_NOTE = 4_000


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Keep what stands in the grid as a quote; what cannot be read goes back to it."""
    from comptoir.web.order_entry import form

    customer, member = customer_or_404(request), _member(request)
    lines, refused = _read(request, customer)
    if refused:
        return form(request, customer, lines, refused=refused, status=422)
    case = case_of(request, fields_of(request)["case"])
    try:
        outcome = perform(
            "orders.quote", by=member, subject=customer, inputs=_inputs(request, lines), about=case,
            key=request.POST.get("_key", ""),
        )  # fmt: skip
    except (InvalidInput, ActionError) as error:
        return form(request, customer, lines, refused=error.sentence, status=422)
    drafts.forget(customer, by=member)
    assert outcome.result is not None
    return HttpResponseRedirect(outcome.result.get_absolute_url())


def _read(request: HttpRequest, customer: Customer) -> tuple[list[Typed], str]:
    """The rows with what they mean, and why they cannot be a quote."""
    lines = typed.read_each(customer, [line for line in rows_of(request) if not line.is_empty])
    if not lines:
        return lines, _("A quote needs at least one line.")
    return lines, _("Some lines cannot be read yet.") if any(line.errors for line in lines) else ""


def _inputs(request: HttpRequest, lines: list[Typed]) -> dict[str, Any]:
    given = {name: clean(request.POST.get(name, "")) for name in FIELDS}
    given["reference"] = clean(request.POST.get("po_number", ""))[:60]
    given["note"] = request.POST.get("note", "").replace("\0", "")[:MOST_NOTE]
    return given | {"lines": json.dumps([line.as_input for line in lines])}


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """The grid of a quote that has not been sent."""
    quoted = quote_or_404(request, number)
    if quoted.state != Quote.State.DRAFT:
        return HttpResponseRedirect(quoted.get_absolute_url())
    if request.method == "GET":
        return _form(request, quoted)
    lines, refused = _read(request, quoted.customer)
    if refused:
        return _form(request, quoted, lines, refused=refused, status=422)
    inputs = _inputs(request, lines) | {"seen": request.POST.get("seen", "")}
    try:
        key = request.POST.get("_key", "")
        perform("orders.change_quote", by=_member(request), subject=quoted, inputs=inputs, key=key)
    except ChangedMeanwhile as changed:
        return _again(request, quoted, lines, changed)
    except (InvalidInput, ActionError) as error:
        return _form(request, quoted, lines, refused=error.sentence, status=422)
    return HttpResponseRedirect(quoted.get_absolute_url())


def _again(request: HttpRequest, quoted: Quote, lines: list[Typed], changed: ChangedMeanwhile) -> HttpResponse:
    """The grid as it was typed, above it what others have written meanwhile: saved once more, it goes over that."""
    quoted = quote_or_404(request, quoted.number)
    told = [(str(WORDS[name]), now) for name, now in changed.fields.items()]
    sentence = _(
        "Somebody changed this quote meanwhile, and nothing is saved: look at what it says now, then save again."
    )
    return _form(request, quoted, lines, refused=sentence, status=422, meanwhile=told)


def _typed(one: Today) -> Typed:
    """The line as it would be typed; an agreement is named only where another price would be taken by itself."""
    line: Any = one.line
    price = f"{line.price.normalize():f}" if line.price_source == "manual" else ""
    if one.is_by_name:
        price = line.agreement_line.agreement.number
    wanted = f"{line.requested_on:%-d.%-m.%Y}" if line.requested_on else ""
    return Typed(line.customer_part or line.product.number, typed.quantity_of(line), wanted, price)


def _form(
    request: HttpRequest, quoted: Quote, lines: list[Typed] | None = None, refused: str = "", status: int = 200,
    meanwhile: Sequence[tuple[str, str]] = (),
) -> HttpResponse:  # fmt: skip
    customer, rows = quoted.customer, lines_of_order(quoted)
    stored, seen = today_of(quoted, rows), seen_of(standing_of(quoted, rows))
    given = request.POST if request.method == "POST" else {}
    context = {
        "quote": quoted,
        "customer": customer,
        "lines": [*(map(_typed, stored) if lines is None else lines), Typed()],
        "blank": Typed(),
        "contacts": customer.contacts.filter(is_active=True).order_by("name"),
        "addresses": list(customer.addresses.order_by("pk")),
        "given": {
            "po_number": given.get("po_number", quoted.reference),
            "contact": given.get("contact", str(quoted.contact_id or "")),
            "ship_to": given.get("ship_to", str(quoted.ship_to_id or "")),
            "valid_until": given.get("valid_until", quoted.valid_until.isoformat()),
            "note": given.get("note", quoted.note),
        },
        "seen": seen if meanwhile else given.get("seen", seen),
        "key": secrets.token_hex(12),
        "refused": refused,
        "meanwhile": meanwhile,
        "repriced": repriced(stored),
    }
    return render(request, "quote/edit.html", context, status=status)


@require_POST
def mail(request: HttpRequest, number: str) -> HttpResponse:
    """Put the quote's paper and a text into the reply of a case, or of a new one; it is sent when that mail leaves.

    Above the member's limit it is approved first, and stands in the reply then.
    """
    quoted, member = quote_or_404(request, number), _member(request)
    rows: Any = Case.objects.visible_to(member).filter(customer=quoted.customer)
    chosen: Case | None = rows.filter(pk=row_id(request.POST.get("case"))).first()
    try:
        if not _is_sendable(quoted, member):
            perform("orders.approve_quote", by=member, subject=quoted, about=chosen)
            return HttpResponseRedirect("/approvals/")
        case = put_quote(quoted, member, chosen)
    except ActionError as error:
        return render(request, "quote/refused.html", {"quote": quoted, "refused": error.sentence}, status=422)
    return HttpResponseRedirect(case.get_absolute_url())


def _is_sendable(quoted: Quote, member: Member) -> bool:
    """False when somebody has to agree before the draft may be sent; ActionError when it cannot be sent at all."""
    if quoted.state != Quote.State.DRAFT:
        return True
    refuse_over(quoted)
    return not isinstance(may_send(member, quoted, {}), NeedsApproval)


def _member(request: HttpRequest) -> Member:
    return request.user  # type: ignore[return-value]


urlpatterns = [
    path("quotes/new/", new, name="quote-new"),
    path("quotes/<str:number>/edit/", edit, name="quote-edit"),
    path("quotes/<str:number>/mail/", mail, name="quote-mail"),
]
