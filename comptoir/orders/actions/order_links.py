"""The link by which a customer follows an order without signing in."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy

from comptoir.actions import action
from comptoir.customers.actions.links import DAYS, issue
from comptoir.customers.models import Contact, Link
from comptoir.lib import clock
from comptoir.orders.models import Order
from comptoir.people import any_member
from comptoir.people.models import Member

KIND = "order"
LINGERS = 30  # days a link still shows an order after its last delivery should have come


@action(
    "orders.share",
    subject=Order,
    authority=any_member,
    title=gettext_lazy("Link for the customer"),
    is_public=False,
    also=lambda order, inputs: [order.customer],
    labels={"contact": gettext_lazy("For whom")},
)
def share(order: Order, *, by: Member, contact: Contact | None = None) -> Link:
    """A new link to the order's page, for one contact or for whoever ordered; its token is there this once."""
    whom = contact or (order.contact if order.contact is not None and order.contact.is_active else None)
    return issue(order, by=by, customer=order.customer, contact=whom, kind=KIND, days=_days(order))


def _days(order: Order) -> int:
    """How long it leads in: sixty days, or a month beyond the last day promised or wished."""
    rows = order.schedule_lines.exclude(state="cancelled").values_list("promised_on", "requested_on")
    last: date = max((promised or requested for promised, requested in rows), default=clock.today())
    return max(DAYS, (last + timedelta(days=LINGERS) - clock.today()).days)
