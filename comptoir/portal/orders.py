"""The order page behind a link: what the customer may know of one order, and a place to ask about it."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import translation

from comptoir.actions import ActionError
from comptoir.cases.actions.by_link import ask_by_link
from comptoir.customers.actions.links import note_use
from comptoir.customers.models import Link
from comptoir.orders.actions.order_links import KIND
from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import Order, OrderVersion
from comptoir.portal import changes
from comptoir.portal.answering import by_link, nothing
from comptoir.portal.order_told import told
from comptoir.portal.saying import spoken, words_of

MOST_NAME = 100


def order_of(link: Link) -> Order | None:
    """The one order a link leads to, of the link's own customer."""
    if link.subject_noun != Order._meta.model_name:
        return None
    rows: QuerySet[Order] = Order.objects.filter(pk=link.subject_id, customer_id=link.customer_id)
    return rows.select_related("customer__owner", "ship_to", "site").first()


@by_link(KIND)
def show(request: HttpRequest, link: Link) -> HttpResponse:
    """The order as it stands; a question that was asked and a proposal that was answered lead back to it."""
    order = order_of(link)
    if order is None:
        return nothing(request)
    if request.method == "POST":
        return _post(request, link, order)
    if request.method == "GET":
        note_use(link)
    return _page(request, link, order)


def _post(request: HttpRequest, link: Link, order: Order) -> HttpResponse:
    """Do what a form says, once."""
    if request.POST.get("act") not in changes.ANSWERS:
        refused = _ask(request, link, order)
        return _page(request, link, order, refused) if refused else HttpResponseRedirect(f"{request.path}?told=asked")
    answered = changes.answer(request, link, order)
    if answered is None:
        return nothing(request)
    if answered.refused:
        return _page(request, link, order, answered.refused)
    return HttpResponseRedirect(f"{request.path}?told=change-{answered.change.pk}")


def _page(request: HttpRequest, link: Link, order: Order, refused: str = "") -> HttpResponse:
    """The page, with what became of what was sent, or why it was not taken and what was typed."""
    language, before = spoken(link.language), "" if refused else request.GET.get("told", "")
    words = words_of("order", language)
    with translation.override(language):
        context = told(order, link) | changes.proposed(request, order, language) | {
            "refused": words.get(refused, ""), "is_asking": refused == "refused",
            "asked": request.POST.get("text", "") if refused == "refused" else "",
            "told": words["asked"] if before == "asked" else changes.became(order, before, language),
        }  # fmt: skip
        return render(request, "portal/order.html", context, status=409 if refused else 200)


def _ask(request: HttpRequest, link: Link, order: Order) -> str:
    """Put the question to whoever answers for the customer; the word for why not, or nothing."""
    if request.POST.get("act") != "ask":
        return "refused"
    said_by = " ".join(request.POST.get("name", "").replace("\0", "").split())[:MOST_NAME]
    subject = words_of("order", spoken(link.language))["subject"].format(number=order.number)
    try:
        ask_by_link(
            link, subject=subject, text=request.POST.get("text", ""), owner=order.customer.owner, said_by=said_by
        )
    except ActionError:
        return "refused"
    return ""


@by_link(KIND)
def confirmation(request: HttpRequest, link: Link) -> HttpResponse:
    """The newest confirmed version as a PDF."""
    order = order_of(link)
    version = OrderVersion.objects.filter(order=order).order_by("-version").first() if order else None
    if order is None or version is None:
        return nothing(request)
    note_use(link)
    response = HttpResponse(render_confirmation(version.pk).read(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{order.number}-v{version.version}.pdf"'
    return response


urlpatterns = [
    path("o/<str:token>/", show, name="portal-order"),
    path("o/<str:token>/confirmation.pdf", confirmation, name="portal-confirmation"),
]
