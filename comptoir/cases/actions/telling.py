"""Telling customers what is at risk: one message an order, by the case that is open about it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Text, action
from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.handoffs import open_for, put_beside
from comptoir.cases.models import Draft, Message
from comptoir.cases.telling import Risk, subject_of, whom_to_tell
from comptoir.orders.actions.dates import set_expected
from comptoir.orders.models import Order
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises.actions import mark_told
from comptoir.promises.models import Promise


@action(
    "cases.tell_at_risk",
    subject=Order,
    root=lambda order: order.customer,
    authority=any_member,
    title=gettext_lazy("Tell the customer"),
    labels={"to": gettext_lazy("To")},
    is_public=False,
)
def tell_at_risk(order: Order, *, by: Member, text: Text, to: str = "") -> Message:
    """Write to the customer what is at risk of an order, in its open case or a new one; it is expected when it is possible."""
    found = whom_to_tell(by, order)
    if not found or not found[0].to_tell:
        raise ActionError(_("Nothing of {order} is left to tell: look again.").format(order=order))
    telling = found[0]
    case = telling.case or open_for(order, subject_of(order), "email", by=by)
    if Draft.objects.filter(case=case, member=by, kind=Draft.Kind.REPLY).exclude(text="").exists():
        raise ActionError(_("You have begun an answer in {case}: send or empty it first.").format(case=case))
    message = reply(case, by=by, text=text, to=to or telling.to)
    for risk in telling.to_tell:
        _told(risk, message, by)
    put_beside(case, order, by)
    return message


def _told(risk: Risk, message: Message, by: Member) -> None:
    row = risk.row
    if risk.possible_on and risk.possible_on != row.expected_on:
        set_expected(row, by=by, to=risk.possible_on, reason=row.delay_reason)
    mark_told(
        risk.promise, Promise.Channel.EMAIL, by=by, message_id=message.pk, on=(row, row.order, message.case)
    )  # fmt: skip
