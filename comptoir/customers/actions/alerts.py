"""What everybody who deals with a customer has to know now."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.customers import verbs
from comptoir.customers.models import Alert, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member


@action(
    "customers.raise_alert",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("Alert"),
    labels={"text": gettext_lazy("What everybody has to know"), "until_on": gettext_lazy("Until")},
)
def raise_alert(customer: Customer, *, by: Member, text: str, until_on: date | None = None) -> Alert:
    """Tell everybody who deals with the customer what they have to know."""
    if len(text) > 300:
        raise ActionError(_("An alert has at most 300 letters."))
    if until_on is not None and until_on < clock.today():
        raise ActionError(_("The alert would be over already."))
    alert = Alert.objects.create(customer=customer, text=text, until_on=until_on, by=by)
    record(verbs.ALERT_RAISED, by=by, on=[customer], text=text)
    return alert


@action(
    "customers.clear_alert",
    subject=Alert,
    root=lambda alert: alert.customer,
    authority=any_member,
    title=gettext_lazy("Clear alert"),
)
def clear_alert(alert: Alert, *, by: Member) -> Alert:
    """The alert holds no longer."""
    if alert.cleared_at is not None:
        raise ActionError(_("The alert was cleared already."))
    alert.cleared_at = clock.now()
    alert.save(update_fields=["cleared_at"])
    record(verbs.ALERT_CLEARED, by=by, on=[alert.customer], text=alert.text)
    return alert
