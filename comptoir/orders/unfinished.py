"""What a member has begun or offered and should see to: documents to confirm, orders not placed yet, quotes not answered."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Func, IntegerField, Q
from django.db.models.fields.json import KT, KeyTransform

from comptoir.actions import ALLOWED
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.models import Agreement
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import InboundDocument, Order, OrderDraft, Quote
from comptoir.people.models import Member

ENDS_SOON, ANSWERED_BY = timedelta(days=5), timedelta(days=7)
MOST = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A quote and why it has to be seen to: ending, unanswered or unsent."""

    quote: Quote
    why: str


def drafts_of(member: Member) -> list[OrderDraft]:
    """The orders the member began and has not placed, and the changes not made yet, the last touched first."""
    changeable = Q(order=None) | Q(order__state__in=(Order.State.CONFIRMED, Order.State.IN_FULFILMENT))
    rows: Any = OrderDraft.objects.visible_to(member).filter(changeable, discarded_at=None)
    return list(rows.select_related("customer", "order").order_by("-updated_at")[:MOST])


def documents_for(member: Member) -> list[InboundDocument]:
    """The documents to confirm or to enter by hand that the member brought in, or whose case or customer is theirs."""
    cases: Any = apps.get_model("cases", "Case")._default_manager
    mine = Q(by=member) | Q(customer__owner=member) | Q(case_id__in=cases.filter(owner=member).values("pk"))
    rows: Any = InboundDocument.objects.visible_to(member).waiting().filter(mine)
    lines = Func(KeyTransform("lines", "neutral"), function="jsonb_array_length", output_field=IntegerField())
    rows = rows.annotate(po=KT("neutral__header__po_number__text"), lines_read=lines)
    return list(rows.select_related("customer").defer("words", "neutral").order_by("received_at")[:MOST])


def agreements_for(member: Member) -> list[Agreement]:
    """The agreements to be looked at again or answered: of the member's customers, of all for those who keep them."""
    rows: Any = Agreement.objects.visible_to(member).filter(state__in=("review_due", "countered"))
    mine = rows if keeps_catalog(member, None, {}) is ALLOWED else rows.filter(customer__owner=member)
    return list(mine.filter(renewal=None).select_related("customer").order_by("valid_until", "pk")[:MOST])


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
