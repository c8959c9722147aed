"""The link by which a customer answers a quote without signing in, and what may be done by it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.customers.actions.links import issue
from comptoir.customers.models import Link
from comptoir.lib import clock
from comptoir.orders.models import Quote
from comptoir.people import any_member
from comptoir.people.models import Member

KIND = "quote"
LINGERS = 30  # days a link still shows a quote that is over


@action(
    "orders.link_quote",
    subject=Quote,
    authority=any_member,
    title=gettext_lazy("Link for the customer"),
    is_public=False,
    also=lambda quoted, inputs: [quoted.customer],
)
def link_quote(quoted: Quote, *, by: Member) -> Link:
    """A new link to a quote; it shows what was sent, and nothing before. Its token is there this once."""
    if quoted.state not in (Quote.State.DRAFT, Quote.State.SENT):
        raise ActionError(_("{quote} is {state}.").format(quote=quoted, state=quoted.get_state_display()))
    days = max((quoted.valid_until - clock.today()).days, 0) + LINGERS
    return issue(quoted, by=by, customer=quoted.customer, contact=quoted.contact, kind=KIND, days=days)
