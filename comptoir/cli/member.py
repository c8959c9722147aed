"""comptoir member"""

import argparse
import getpass
import secrets
import sys
from typing import TYPE_CHECKING

from comptoir.cli import database
from comptoir.lib.roles import Role

if TYPE_CHECKING:
    from comptoir.people.models import Invitation, Member


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["list", "add", "invite", "password", "deactivate", "reactivate"])
    parser.add_argument("email", nargs="?")
    parser.add_argument("--name", help="the member's name")
    parser.add_argument("--role", choices=[role.value for role in Role], default="rep")
    parser.add_argument("--team", help="the team they join")
    parser.add_argument("--ask", action="store_true", help="type the password instead of having one made")


def run(options: argparse.Namespace) -> int:
    """Zero when it is done; what cannot be done is said."""
    database.load_django()
    from comptoir.actions import ActionError

    if options.what == "list":
        return _list()
    if not options.email:
        print("comptoir member: name the e-mail address.", file=sys.stderr)
        return 2
    try:
        return _add(options) if options.what == "add" else _change(options)
    except ActionError as error:
        print(f"comptoir member: {error}", file=sys.stderr)
        return 1


def _list() -> int:
    from comptoir.people.models import Member

    for member in Member.objects.people().order_by("name"):
        print(f"{'' if member.is_active else '(inactive) '}{member.email}\t{member.name}\t{member.role}")
    return 0


def new_password(ask: bool) -> str:
    """A typed password, or a made one that is printed once."""
    if ask:
        return getpass.getpass("Password: ")
    made = secrets.token_urlsafe(12)
    print(f"Password: {made}")
    return made


def _show(invitation: "Invitation") -> int:
    from django.conf import settings

    print(f"One-time link, valid for a day: {settings.BASE_URL}/join/{invitation.token}/")
    return 0


def _add(options: argparse.Namespace) -> int:
    from comptoir.people import system
    from comptoir.people.actions.members import add_member
    from comptoir.people.choices import Email
    from comptoir.people.models import Team

    team = Team.objects.filter(name=options.team).first() if options.team else None
    if options.team and team is None:
        print(f"comptoir member: there is no team {options.team}.", file=sys.stderr)
        return 1
    made = add_member(
        by=system(),
        name=options.name or options.email.split("@")[0],
        email=Email(options.email),
        role=Role(options.role),
        department=team.department if team else None,
        teams=[team] if team else [],
    )
    return _set_password(made.member, ask=True) if options.ask and made.member else _show(made)


def _change(options: argparse.Namespace) -> int:
    from comptoir.cases.actions.leaving import see_off
    from comptoir.people import system
    from comptoir.people.actions.invitations import invite
    from comptoir.people.actions.members import reactivate
    from comptoir.people.models import Member

    member = Member.objects.people().filter(email__iexact=options.email).first()
    if member is None:
        print(f"comptoir member: nobody has the address {options.email}.", file=sys.stderr)
        return 1
    if options.what == "password":
        return _set_password(member, options.ask)
    if options.what == "deactivate":
        see_off(member, by=system())
        return 0
    return _show(invite(member, by=system()) if options.what == "invite" else reactivate(member, by=system()))


def _set_password(member: "Member", ask: bool) -> int:
    from comptoir.actions import Secret
    from comptoir.people import system
    from comptoir.people.actions.invitations import set_password

    set_password(member, by=system(), new=Secret(new_password(ask)))
    return 0
