"""Opening an empty desk: company, first administrator, team and inbox, in one act that works once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Denied, Secret, Text, Verdict, action, lock
from comptoir.cases.actions.furnishing import add_inbox
from comptoir.catalog.actions.sites import add_site, set_tax_rate
from comptoir.customers.fields import Country, Zone
from comptoir.lib import clock
from comptoir.orders.actions.reasons import add_usual_reasons
from comptoir.people import Role
from comptoir.people.actions.invitations import set_checked
from comptoir.people.actions.members import add_member
from comptoir.people.actions.teams import add_department, add_team
from comptoir.people.choices import Email, Language
from comptoir.people.models import Member
from comptoir.people.queries import invitation_of, is_empty


def the_desk_itself(member: Member, subject: Any, inputs: Mapping[str, Any]) -> Verdict:
    """Nobody but the system, which the set-up page and the command line call upon."""
    return ALLOWED if member.kind == Member.Kind.SYSTEM else Denied(_("A desk is opened only once."))


@action(
    "cases.found_desk",
    subject=None,
    authority=the_desk_itself,
    title=gettext_lazy("Open the desk"),
    labels={
        "company": gettext_lazy("Legal name of the company"),
        "address": gettext_lazy("Address"),
        "country": gettext_lazy("Country"),
        "time_zone": gettext_lazy("Time zone"),
        "tax_id": gettext_lazy("VAT number"),
        "tax_rate": gettext_lazy("VAT rate at home, in percent"),
        "name": gettext_lazy("Your name"),
        "email": gettext_lazy("Your e-mail address"),
        "password": gettext_lazy("Choose a password"),
        "language": gettext_lazy("Language"),
        "department": gettext_lazy("Department"),
        "team": gettext_lazy("Team"),
        "inbox": gettext_lazy("Address customers write to"),
        "code_hash": gettext_lazy("Code"),
    },
    is_public=False,
)
def found_desk(
    *,
    by: Member,
    company: str,
    country: Country,
    time_zone: Zone,
    name: str,
    email: Email,
    password: Secret,
    department: str,
    team: str,
    inbox: Email,
    language: Language = Language("en"),
    address: Text = Text(""),
    tax_id: str = "",
    tax_rate: Decimal | None = None,
    code_hash: Secret = Secret(""),
) -> Member:
    """The first administrator of a desk where nobody works yet; with a code, it is used up."""
    lock(by)
    if not is_empty():
        raise ActionError(_("Somebody works here already: ask an administrator for an invitation."))
    _use_up(code_hash)
    add_site(
        by=by, company=company, name=company, country=country, time_zone=time_zone, address=address, tax_id=tax_id
    )  # fmt: skip
    if tax_rate is not None:
        set_tax_rate(by=by, country=country, rate=tax_rate, valid_from=clock.today(time_zone))
    place = add_department(by=by, name=department)
    queue = add_team(by=by, name=team, department=place)
    first = add_member(
        by=by, name=name, email=email, role=Role.ADMINISTRATOR, department=place, teams=[queue], language=language
    ).member
    assert first is not None
    _let_in(first, password, time_zone)
    add_inbox(
        by=by, name=company, address=inbox, sender_name=company, team=queue, language=language, signature=Text(company)
    )
    add_usual_reasons()
    return first


def _use_up(code_hash: str) -> None:
    if not code_hash:
        return
    found = invitation_of(code_hash, to_found=True)
    if found is None:
        raise ActionError(_("This code does not fit, or is more than a day old."))
    found.used_at = clock.now()
    found.save(update_fields=["used_at"])


def _let_in(first: Member, password: str, time_zone: str) -> None:
    set_checked(first, password)
    first.invitations.all().delete()
    first.time_zone = time_zone
    first.save(update_fields=["time_zone"])
