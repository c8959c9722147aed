"""comptoir member"""

import argparse
import getpass
import secrets
import sys

from comptoir.cli import database
from comptoir.lib.roles import Role


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["list", "add", "password", "deactivate"])
    parser.add_argument("email", nargs="?")
    parser.add_argument("--name", help="the member's name")
    parser.add_argument("--role", choices=[role.value for role in Role], default="rep")
    parser.add_argument("--team", help="the team they join")
    parser.add_argument("--ask", action="store_true", help="type the password instead of having one made")


def run(options: argparse.Namespace) -> int:
    database.load_django()
    if options.what == "list":
        return _list()
    if not options.email:
        print("comptoir member: name the e-mail address.", file=sys.stderr)
        return 2
    return {"add": _add, "password": _password, "deactivate": _deactivate}[options.what](options)


def _list() -> int:
    from comptoir.people.models import Member

    for member in Member.objects.filter(kind=Member.Kind.PERSON).order_by("name"):
        print(f"{'' if member.is_active else '(inactive) '}{member.email}\t{member.name}\t{member.role}")
    return 0


def new_password(ask: bool) -> str:
    """A typed password, or a made one that is printed once."""
    if ask:
        return getpass.getpass("Password: ")
    made = secrets.token_urlsafe(12)
    print(f"Password: {made}")
    return made


def _add(options: argparse.Namespace) -> int:
    from comptoir.people.models import Member, Membership, Team

    member = Member(email=options.email, name=options.name or options.email.split("@")[0], role=options.role)
    member.set_password(new_password(options.ask))
    member.full_clean()
    member.save()
    if options.team:
        Membership.objects.create(member=member, team=Team.objects.get(name=options.team))
    return 0


def _password(options: argparse.Namespace) -> int:
    from comptoir.people.models import Member

    member = Member.objects.get(email__iexact=options.email)
    member.set_password(new_password(options.ask))
    member.save()
    return 0


def _deactivate(options: argparse.Namespace) -> int:
    from comptoir.people.models import Member

    return 0 if Member.objects.filter(email__iexact=options.email).update(is_active=False) else 1
