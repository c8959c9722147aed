"""What is offered to a customer as a mail: the change in words with a link to answer it, in a reply to look at and send."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from comptoir.actions import ActionError, perform
from comptoir.cases.models import Case
from comptoir.cases.telling import words_of as words_of_notices
from comptoir.customers.models import Link
from comptoir.orders.models import Order, OrderChange
from comptoir.people.models import Member
from comptoir.portal.changes import in_words
from comptoir.portal.saying import spoken, words_of
from comptoir.web.order_links import address_of, below, cases_of, new_case
from comptoir.web.order_sections import order_or_404


def prepared(change: OrderChange, member: Member, *, about: str = "", key: str = "") -> str:
    """Where the reply stands that offers the change: in the case named `case:id`, else the latest about the order, else a new.

    It is never sent by itself. Where no link or case can be made, the order itself, and the offer stands all the same.
    """
    order = Order.objects.select_related("customer", "contact").get(pk=change.order_id)
    change.order = order
    try:
        link: Link = perform("orders.share", by=member, subject=order, inputs={}, key=key and f"{key}-link").result
        case = _case(order, link, member, about, key)
    except ActionError:
        return f"{order.get_absolute_url()}#changes"
    if link.token:
        below(case, member, _text(change, link), _hello(order, link))
    return f"{case.get_absolute_url()}#compose-reply"


def _case(order: Order, link: Link, member: Member, about: str, key: str) -> Case:
    found = cases_of(order, member)
    named = next((case for case in found if about == f"case:{case.pk}"), None)
    return named or (found[0] if found else new_case(order, link, member, key and f"{key}-case"))


def _text(change: OrderChange, link: Link) -> str:
    order, language = change.order, spoken(link.language)
    number = f"{order.po_number} ({order.number})" if order.po_number else order.number
    told = in_words(change, language)
    return words_of("order", language)["offer_mail"].format(number=number, told=told, link=address_of(link))


def _hello(order: Order, link: Link) -> str:
    words = words_of_notices(spoken(link.language))
    return words["hello"].format(name=link.contact.name) if link.contact else words["hello_all"]


def follow(result: object, request: HttpRequest) -> str:
    """Where a dialog that offered something leads; nothing where it changed the order at once."""
    if not isinstance(result, OrderChange) or result.state != OrderChange.State.OFFERED:
        return ""
    member: Member = request.user  # type: ignore[assignment]
    return prepared(result, member, about=request.POST.get("_about", ""), key=request.POST.get("_key", ""))


@require_POST
def again(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The reply that offers a change, prepared anew with a new link."""
    order = order_or_404(request, number)
    change: OrderChange | None = OrderChange.objects.filter(order=order, pk=pk, state=OrderChange.State.OFFERED).first()
    if change is None:
        raise Http404
    return HttpResponseRedirect(prepared(change, request.user))  # type: ignore[arg-type]


urlpatterns = [path("orders/<str:number>/changes/<int:pk>/mail/", again, name="order-offer-mail")]
