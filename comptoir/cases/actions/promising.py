"""What is promised in a case besides answers: a call back; and how a promise of a case ends."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.cases.models import Case, Message
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise

CALLBACK = Promise.Kind.CALLBACK


def case_of(standing: Promise) -> models.Model:
    """The case a promise was made in, which is locked for it; the promise itself when it was made elsewhere."""
    return Case.objects.filter(pk=standing.case_id or 0).first() or standing


@action(
    "cases.promise_call_back",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Promise a call back"),
    labels={"due_at": gettext_lazy("By when")},
)
def promise_call_back(case: Case, *, by: Member, due_at: datetime) -> Promise:
    """Promise the contact a call by a moment; an earlier promise of one is moved, and is the member's from then on."""
    if not case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=case, state=Case.State(case.state).label))
    if due_at <= clock.now():
        raise ActionError(_("This moment has passed."))
    if case.contact is None:
        raise ActionError(_("Nobody to call yet: set the customer and the contact of the case first."))
    until, standing = promises.Due.at_moment(due_at, by.time_zone), promises.standing_on(case, CALLBACK)
    case.next_update_at = due_at
    case.save(update_fields=["next_update_at"])
    if standing is None:
        return promises.promise(
            case, by=by, kind=CALLBACK, text=_("Call {contact} back").format(contact=case.contact), until=until,
            customer=case.customer, contact=case.contact, case_id=case.pk, on=(by,),
        )  # fmt: skip
    if standing.owner_id != by.pk:
        promises.take_over(standing, by=by)
    return promises.revise(standing, case, by=by, until=until, reason="", on=(by,))


@action(
    "cases.keep_promise",
    subject=Promise,
    root=case_of,
    authority=any_member,
    title=gettext_lazy("Kept"),
)
def keep_promise(standing: Promise, *, by: Member) -> Promise:
    """The promise was kept by the last thing said with the customer since it was made; refused when there is none."""
    said = Message.objects.filter(case_id=standing.case_id or 0, occurred_at__gte=standing.made_at)
    last = said.exclude(direction="internal").exclude(state="undone").order_by("-occurred_at", "-pk").first()
    if last is None:
        raise ActionError(_("Nothing was said since: log the call or write first, a promise is kept by evidence."))
    return promises.keep(standing, last, by=by, on=(case_of(standing),))


@action(
    "cases.withdraw_promise",
    subject=Promise,
    root=case_of,
    authority=any_member,
    title=gettext_lazy("No longer wanted"),
)
def withdraw_promise(standing: Promise, *, by: Member, reason: str) -> Promise:
    """The customer no longer waits for it, and why."""
    if standing.case_id is None or not standing.is_standing:
        raise ActionError(_("This promise does not stand in a case."))
    return promises.withdraw(standing, by=by, reason=reason, on=(case_of(standing),))
