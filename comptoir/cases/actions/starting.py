"""Writing to a customer first: a case that we open ourselves."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.cases.actions.desk import save_draft
from comptoir.cases.actions.opening import open_new
from comptoir.cases.models import Case, Draft
from comptoir.customers.models import Contact, Customer
from comptoir.customers.queries import email_of
from comptoir.people import any_member
from comptoir.people.models import Member


@action(
    "cases.start",
    subject=None,
    authority=any_member,
    title=gettext_lazy("Write to a customer"),
    labels={"contact": gettext_lazy("Contact"), "to": gettext_lazy("To"), "type": gettext_lazy("Type")},
)
def start(
    *,
    by: Member,
    customer: Customer,
    subject: str,
    contact: Contact | None = None,
    to: str = "",
    type: Case.Type = Case.Type.INQUIRY,
) -> Case:
    """A case of the member's own, with a draft to the customer that waits to be written."""
    team = by.teams.filter(is_active=True).order_by("pk").first()
    if team is None:
        raise ActionError(_("You are in no team: an administrator has to add you to one first."))
    if contact is not None and contact.customer_id != customer.pk:
        raise ActionError(_("{contact} does not work there.").format(contact=contact))
    inboxes = team.inboxes.filter(is_active=True).order_by("pk")
    language = (contact and contact.language) or customer.language
    case = open_new(
        by=by, subject=subject, team=team, channel="email", customer=customer, contact=contact, language=language,
        inbox=inboxes.filter(language=language).first() or inboxes.first(),
    )  # fmt: skip
    case.owner, case.state, case.type, case.is_unread = by, Case.State.OPEN, type, False
    case.save(update_fields=["owner", "state", "type", "is_unread"])
    save_draft(case, by, Draft.Kind.REPLY, "", to or email_of(contact, customer))
    return case
