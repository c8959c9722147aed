"""What is offered to a customer as a mail: the change in words with a link to answer it, in a reply to look at and send."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from comptoir.cases.models import Case
from comptoir.lib.numbers import row_id
from comptoir.orders.models import OrderChange
from comptoir.people.models import Member
from comptoir.portal.mails import offer_change
from comptoir.web.order_sections import order_or_404


def follow(result: object, request: HttpRequest) -> str:
    """Where a dialog that offered something leads; nothing where it changed the order at once."""
    if not isinstance(result, OrderChange) or result.state != OrderChange.State.OFFERED:
        return ""
    member: Member = request.user  # type: ignore[assignment]
    return offer_change(result, member, case_about(request), request.POST.get("_key", ""))


def case_about(request: HttpRequest) -> Case | None:
    """The case in which something is offered, where the member sees it."""
    noun, _colon, number = request.POST.get("_about", "").partition(":")
    rows: Any = Case.objects
    found: Case | None = rows.visible_to(request.user).filter(pk=row_id(number)).first() if noun == "case" else None
    return found


@require_POST
def again(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The reply that offers a change, prepared anew with a new link."""
    order = order_or_404(request, number)
    change: OrderChange | None = OrderChange.objects.filter(order=order, pk=pk, state=OrderChange.State.OFFERED).first()
    if change is None:
        raise Http404
    return HttpResponseRedirect(offer_change(change, request.user))  # type: ignore[arg-type]


urlpatterns = [path("orders/<str:number>/changes/<int:pk>/mail/", again, name="order-offer-mail")]
