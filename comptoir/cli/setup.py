"""comptoir setup"""

import argparse
import sys

from comptoir.cli import database
from comptoir.cli.member import new_password


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", help="the company's name, as customers read it")
    parser.add_argument("--email", help="the first administrator's e-mail address")
    parser.add_argument("--name", help="the first administrator's name")
    parser.add_argument("--inbox", help="the address customers write to")
    parser.add_argument("--language", default="en", choices=["en", "fr", "da", "sk", "bg"])


def run(options: argparse.Namespace) -> int:
    """Ask for what was not given; refused when somebody works here already."""
    database.load_django()
    database.migrate()
    if not database.is_empty():
        print("comptoir setup: this desk has members already; use `comptoir member add`.", file=sys.stderr)
        return 1
    answers = {
        "company": options.company or input("Company: "),
        "name": options.name or input("Your name: "),
        "email": options.email or input("Your e-mail address: "),
        "inbox": options.inbox or input("The address customers write to: "),
    }
    make_desk(**answers, language=options.language, password=new_password(sys.stdin.isatty() and not options.email))
    return 0


def make_desk(*, company: str, name: str, email: str, inbox: str, language: str, password: str) -> None:
    """The first administrator, a team and an inbox, in one transaction."""
    from django.db import transaction

    from comptoir.cases.models import Inbox
    from comptoir.people import Role
    from comptoir.people.models import Department, Member, Membership, Team

    with transaction.atomic():
        department = Department.objects.create(name="Customer service")
        team = Team.objects.create(name="Customer service", department=department)
        admin = Member(email=email, name=name, role=Role.ADMINISTRATOR, language=language, department=department)
        admin.set_password(password)
        admin.full_clean()
        admin.save()
        Membership.objects.create(member=admin, team=team)
        Inbox.objects.create(name=company, address=inbox, sender_name=company, language=language, team=team)
