"""What a member has begun or offered and should see to: orders not placed yet, quotes that end or are not answered."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import OrderDraft, Quote
from comptoir.people.models import Member

ENDS_SOON, ANSWERED_BY = timedelta(days=5), timedelta(days=7)
MOST = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A quote and why it has to be seen to: ending, unanswered or unsent."""

    quote: Quote
    why: str


def drafts_of(member: Member) -> list[OrderDraft]:
    """The orders the member began and has not placed, the last touched first."""
    rows: Any = OrderDraft.objects.visible_to(member).open().select_related("customer")
    return list(rows.order_by("-updated_at")[:MOST])


def offered_by(member: Member, today: date) -> list[Offered]:
    """The member's quotes that end soon, that nobody answered for a week, or that were written and not sent."""
    unanswered = Q(sent_at__lt=clock.now() - ANSWERED_BY)
    rows: Any = Quote.objects.visible_to(member).filter(owner=member)
    rows = rows.filter(Q(state="draft") | Q(state="sent") & (Q(valid_until__lte=today + ENDS_SOON) | unanswered))
    found = list(rows.select_related("customer", "contact").order_by("valid_until", "pk")[:MOST])
    return [Offered(quote, _why(quote, today)) for quote in found]


def _why(quote: Quote, today: date) -> str:
    if quote.state == Quote.State.DRAFT:
        return "unsent"
    return "ending" if quote.valid_until <= today + ENDS_SOON else "unanswered"


def standing_for(customer: Customer, member: Member) -> tuple[OrderDraft | None, list[Quote]]:
    """What the member began for the customer, and the quotes that stand or were answered lately (two queries)."""
    drafts: Any = OrderDraft.objects.visible_to(member).open()
    rows: Any = Quote.objects.visible_to(member).filter(customer=customer)
    return drafts.filter(customer=customer).first(), list(rows.order_by("-created_at")[:5])
