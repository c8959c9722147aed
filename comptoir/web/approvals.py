"""Approvals: what waits for me, and what I asked for."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.actions.models import Approval
from comptoir.cases.models import Case
from comptoir.customers.models import Customer
from comptoir.orders.models import Order
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Card:
    """A request with what it is about, as far as the member sees it."""

    approval: Approval
    customer: Customer | None
    order: Order | None
    case: Case | None


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Requests that wait for this member, their own, and what was settled lately."""
    member: Member = request.user  # type: ignore[assignment]
    rows = Approval.objects.select_related("requester", "decided_by")
    asked = list(rows.asked_of(member).order_by("requested_at")[:100])
    mine = list(rows.asked_by(member).order_by("-requested_at")[:30])
    settled = list(rows.filter(decided_by=member).order_by("-decided_at")[:20])
    found = {card.approval.pk: card for card in cards([*asked, *mine, *settled], member)}
    context = {
        name: [found[approval.pk] for approval in approvals]
        for name, approvals in (("asked", asked), ("mine", mine), ("settled", settled))
    }
    template = "approval/_lists.html" if request.GET.get("part") == "lists" else "approval/index.html"
    return render(request, template, context)


def cards(approvals: list[Approval], member: Member) -> list[Card]:
    """Each request with the customer, the order and the case it is about."""
    cases = _named(approvals, "cases.Case", Case.objects.visible_to(member))
    orders = _named(approvals, "orders.Order", Order.objects.visible_to(member).select_related("customer"))
    customers = Customer.objects.visible_to(member).in_bulk({a.customer_id for a in approvals if a.customer_id})
    made = []
    for one in approvals:
        order = orders.get(one.pk)
        customer = customers.get(one.customer_id or 0) or (order.customer if order else None)
        made.append(Card(one, customer, order, cases.get(one.pk)))
    return made


def _named(approvals: list[Approval], label: str, rows: QuerySet[Any]) -> dict[int, Any]:
    """What each request names of one kind, by the request's key."""
    ids = {a.pk: pk for a in approvals for named, pk in a.about if named == label}
    found = rows.in_bulk(set(ids.values())) if ids else {}
    return {approval: found[pk] for approval, pk in ids.items() if pk in found}


urlpatterns = [path("approvals/", index, name="approvals")]
