"""Telling customers what is at risk: one message an order, by the case that is open about it, or in another way."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Text, action
from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.handoffs import open_for, put_beside
from comptoir.cases.actions.noting import told_at_risk
from comptoir.cases.models import Draft, Message
from comptoir.cases.telling import Telling, subject_of, whom_to_tell
from comptoir.orders.models import Order
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises.models import Promise


class Otherwise(models.TextChoices):
    """The ways of telling that send nothing from here."""

    PHONE = Promise.Channel.PHONE
    PERSON = Promise.Channel.PERSON
    LETTER = Promise.Channel.LETTER
    FAX = Promise.Channel.FAX
    CHAT = Promise.Channel.CHAT


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
    telling = _left(order, by)
    case = telling.case or open_for(order, subject_of(order), "email", by=by)
    if Draft.objects.filter(case=case, member=by, kind=Draft.Kind.REPLY).exclude(text="").exists():
        raise ActionError(_("You have begun an answer in {case}: send or empty it first.").format(case=case))
    message = reply(case, by=by, text=text, to=to or telling.to)
    for risk in telling.to_tell:
        told_at_risk(risk, Promise.Channel.EMAIL, by, message)
    put_beside(case, order, by)
    return message


@action(
    "cases.told_otherwise",
    subject=Order,
    root=lambda order: order.customer,
    authority=any_member,
    title=gettext_lazy("The customer was told"),
    labels={"channel": gettext_lazy("Told by")},
)
def told_otherwise(order: Order, *, by: Member, channel: Otherwise = Otherwise.PHONE) -> Order:
    """The customer knows what is at risk of an order, by another way than mail; it is expected when it is possible."""
    for risk in _left(order, by).to_tell:
        told_at_risk(risk, Promise.Channel(channel), by)
    return order


def _left(order: Order, by: Member) -> Telling:
    """What is left to tell of an order; ActionError where there is nothing."""
    found = whom_to_tell(by, order)
    if not found or not found[0].to_tell:
        raise ActionError(_("Nothing of {order} is left to tell: look again.").format(order=order))
    return found[0]
