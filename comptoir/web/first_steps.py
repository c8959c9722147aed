"""What an administrator of a new desk does next, and what of it is done."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.actions.models import Limit
from comptoir.cases.models import Case
from comptoir.catalog.models import Product
from comptoir.connect.email.models import Mailbox
from comptoir.customers.models import Customer
from comptoir.people import Role
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, where, and whether it is done."""

    text: str | Promise
    why: str | Promise
    url: str
    icon: str
    is_done: bool


def first_steps(member: Member) -> list[Step]:
    """The steps of a desk that has no case yet; nothing for others than administrators."""
    if not member.at_least(Role.ADMINISTRATOR) or Case.objects.exists():
        return []
    section = "settings-section"
    connected = Mailbox.objects.exclude(fetching=Mailbox.Fetching.OFF).exists()
    return [
        Step(_("Connect a mailbox"), _("Mail becomes cases, and answers leave by your own server."),
             reverse(section, args=["inboxes"]), "plug", connected),
        Step(_("Let your colleagues in"), _("Each gets a one-time link to choose a password."),
             reverse(section, args=["members"]), "user-plus", Member.objects.people().count() > 1),
        Step(_("Add customers"), _("Known senders and callers are recognised at once."),
             "/customers/", "users", Customer.objects.exists()),
        Step(_("Add products"), _("An order needs a product with a price, and stock to promise it from."),
             "/products/", "box", Product.objects.exists()),
        Step(_("Say who may give how much"), _("Until then every extra cost needs a colleague’s agreement."),
             reverse(section, args=["limits"]), "gauge", Limit.objects.active().exists()),
    ]  # fmt: skip
