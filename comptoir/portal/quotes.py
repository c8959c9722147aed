"""A quote as the customer sees it: its lines and validity, and accepting, declining or asking."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from comptoir.actions import ActionError, perform
from comptoir.cases.actions.by_link import ask_by_link
from comptoir.customers.actions.links import note_use
from comptoir.customers.models import Link
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.actions.quote_links import KIND
from comptoir.orders.jobs import render_quote
from comptoir.orders.models import Quote, QuoteVersion
from comptoir.orders.papers import ordered
from comptoir.orders.queries import twin_of
from comptoir.people import system
from comptoir.portal.answering import by_link, nothing
from comptoir.portal.saying import region, spoken, words_of

ACTS = ("accept", "decline", "ask")


@by_link(KIND)
def show(request: HttpRequest, link: Link) -> HttpResponse:
    """The version that was sent last; a form's answer leads back to it."""
    quoted = Quote.objects.select_related("customer", "contact", "owner", "order").get(pk=link.subject_id)
    version = quoted.versions.order_by("-version").first()
    if version is None:
        return nothing(request)
    words, told = words_of("quote", spoken(link.language)), request.GET.get("told", "")
    if request.method == "POST":
        told = _act(request, link, quoted, version)
        if told in ("accepted", "declined", "asked"):
            return HttpResponseRedirect(f"{request.path}?told={told}")
        quoted = Quote.objects.select_related("customer", "contact", "owner", "order").get(pk=quoted.pk)
    else:
        note_use(link)
    context = said(quoted, version, spoken(link.language), words) | {
        "told": words["asked"] if told == "asked" else "",
        "refused": words.get({"twin": "twin", "changed": "changed_why", "refused": "refused"}.get(told, ""), ""),
    }
    return render(request, "portal/quote.html", context, status=409 if context["refused"] else 200)


def _act(request: HttpRequest, link: Link, quoted: Quote, version: QuoteVersion) -> str:
    """Do what the form says; the word for what became of it."""
    act = request.POST.get("act", "")
    who = _clean(request, "name", 100) or str(link)
    if act not in ACTS:
        return "refused"
    if act != "ask" and request.POST.get("version") != str(quoted.version):
        return "changed"
    try:
        if act == "ask":
            subject = words_of("quote", spoken(link.language))["subject"].format(number=quoted.number)
            ask_by_link(link, subject=subject, text=request.POST.get("text", ""), owner=quoted.owner)
            return "asked"
        if act == "decline":
            inputs = {"reason": _clean(request, "reason", 300) or "–", "said_by": who}
            perform("orders.decline_quote", by=system(), subject=quoted, inputs=inputs)
            return "declined"
        return _accept(request, quoted, who)
    except ActionError:
        return "refused"


def _accept(request: HttpRequest, quoted: Quote, who: str) -> str:
    po_number = _clean(request, "po_number", 60)
    if twin_of(quoted.customer, po_number):
        return "twin"
    inputs = {"po_number": po_number, "said_by": who}
    perform("orders.accept_quote", by=system(), subject=quoted, inputs=inputs)
    return "accepted"


def _clean(request: HttpRequest, name: str, most: int) -> str:
    return " ".join(request.POST.get(name, "").replace("\0", "").split())[:most]


def said(quoted: Quote, version: QuoteVersion, language: str, words: dict[str, str]) -> dict[str, Any]:
    """What the page shows, all of it from the version's snapshot, in the reader's language."""
    shown = version.snapshot
    until = date.fromisoformat(shown["valid_until"])
    state = "expired" if quoted.state == Quote.State.SENT and until < clock.today() else str(quoted.state)
    day = str(format_date(until, "long", locale=region(language)))
    order = quoted.order.number if quoted.order else ""
    is_other_currency = state == Quote.State.SENT and quoted.currency != quoted.customer.currency
    why = words["currency_why"] if is_other_currency else words.get(f"{state}_why", "")
    return {
        "words": words,
        "language": language,
        "quote": shown,
        "state": state,
        "state_word": words[state],
        "state_why": why.format(day=day, order=order, who=quoted.owner.name),
        "may_accept": state == Quote.State.SENT and not is_other_currency,
        "title": words["title"].format(number=shown["number"]),
        "valid": words["valid"].format(day=day),
        "version_word": words["version"].format(n=version.version),
        "version": version.version,
        "lines": [_line(line, shown["currency"], language, words) for line in shown["lines"]],
        "total": _money(shown["net"], shown["currency"], language),
    }


def _line(line: dict[str, Any], currency: str, language: str, words: dict[str, str]) -> dict[str, str]:
    price = format_decimal(Decimal(line["unit_price"]), "#,##0.00####", locale=region(language))
    wanted = line["requested_on"] and format_date(
        date.fromisoformat(line["requested_on"]), "medium", locale=region(language)
    )
    return {
        "name": line["description"],
        "part": line["part"],
        "theirs": words["your_part"].format(part=line["customer_part"]) if line["customer_part"] else "",
        "quantity": ordered(line, region(language)),
        "price": price if int(line["per"]) == 1 else f"{price} {words['per'].format(n=line['per'])}",
        "net": _money(line["net"], currency, language),
        "wanted": words["wanted"].format(day=wanted) if wanted else "",
    }


def _money(amount: str, currency: str, language: str) -> str:
    return Money(Decimal(amount), currency).format(region(language))


@by_link(KIND)
def paper(request: HttpRequest, link: Link) -> HttpResponse:
    """The paper of the version that was sent last."""
    version = QuoteVersion.objects.filter(quote=link.subject_id).order_by("-version").first()
    if version is None:
        return nothing(request)
    response = HttpResponse(render_quote(version.pk).read(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{version.name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


urlpatterns = [
    path("q/<str:token>/", show, name="portal-quote"),
    path("q/<str:token>/quote.pdf", paper, name="portal-quote-paper"),
]
