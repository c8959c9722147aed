"""The customer's way to the page of an order: a link made, and copied or put into a reply."""

import secrets
from typing import Any

from babel.dates import format_date
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ActionError, perform
from comptoir.cases.models import Case
from comptoir.customers.models import Link
from comptoir.lib.numbers import row_id
from comptoir.orders.models import Order
from comptoir.people.models import Member
from comptoir.portal.mails import address_of, below, cases_of, named, new_case
from comptoir.portal.saying import region, spoken, words_of
from comptoir.web.cases import case_or_404
from comptoir.web.order_sections import order_or_404


@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Make a link: to copy it, or to put it into a reply."""
    order = order_or_404(request, number)
    if request.method == "GET":
        return _panel(request, order)
    try:
        if request.POST.get("way") == "reply":
            return _to(request, _reply(request, order))
        made = _made(request, order)
    except ActionError as error:
        return _panel(request, order, refused=error.sentence, status=422)
    return _panel(request, order, made=made, address=address_of(made) if made.token else "")


def _panel(request: HttpRequest, order: Order, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "order": order, "key": secrets.token_hex(12), "cases": cases_of(order, _member(request)),
        "contacts": order.customer.contacts.filter(is_active=True).order_by("name"),
    }  # fmt: skip
    template = "order/_links.html" if request.headers.get("HX-Request") else "order/links.html"
    return render(request, template, context | more, status=status)


def _made(request: HttpRequest, order: Order) -> Link:
    inputs = {"contact": request.POST.get("contact", "")}
    link: Link = perform(
        "orders.share", by=_member(request), subject=order, inputs=inputs, key=request.POST.get("_key", "")
    ).result
    return link


def sentence(order: Order, link: Link) -> str:
    """What a reply says about the page, in the language of its reader, with the link."""
    language = spoken(link.language)
    day = format_date(timezone.localtime(link.expires_at).date(), "long", locale=region(language))
    return words_of("order", language)["mail"].format(number=named(order), day=day, link=address_of(link))


def _reply(request: HttpRequest, order: Order) -> Case:
    """The case in whose reply the sentence stands now, below what was written there; sent again it stands there once."""
    member, link, key = _member(request), _made(request, order), request.POST.get("_key", "")
    chosen = next((one for one in cases_of(order, member) if one.pk == row_id(request.POST.get("case"))), None)
    case = chosen or new_case(order, link, member, key)
    if link.token:
        below(case, member, sentence(order, link))
    return case


def _to(request: HttpRequest, case: Case) -> HttpResponse:
    address = f"{case.get_absolute_url()}#compose-reply"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


@require_POST
def into_reply(request: HttpRequest, number: str) -> HttpResponse:
    """The sentence with a new link to an order of the case, to be put where the member writes."""
    case = case_or_404(request, number)
    rows: Any = Order.objects.visible_to(request.user).filter(customer=case.customer)
    order: Order | None = (
        rows.filter(pk=row_id(request.POST.get("order"))).select_related("customer", "contact").first()
    )
    if order is None:
        raise Http404
    inputs = {"contact": str(case.contact_id or "")}
    try:
        link = perform("orders.share", by=_member(request), subject=order, inputs=inputs, about=case).result
    except ActionError as error:
        return HttpResponse(error.sentence, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(sentence(order, link), content_type="text/plain; charset=utf-8")


def _member(request: HttpRequest) -> Member:
    return request.user  # type: ignore[return-value]


urlpatterns = [
    path("orders/<str:number>/link/", panel, name="order-link"),
    path("cases/<str:number>/link/", into_reply, name="case-order-link"),
]
