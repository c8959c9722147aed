"""comptoir setup"""

import argparse
import sys

from comptoir.cli import database
from comptoir.cli.member import new_password


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--code", action="store_true", help="only print a one-time code for the set-up page")
    parser.add_argument("--company", help="the company's name, as customers read it")
    parser.add_argument("--country", default="BE", help="where it is (two letters)")
    parser.add_argument("--time-zone", default="Europe/Brussels", help="such as Europe/Copenhagen")
    parser.add_argument("--email", help="the first administrator's e-mail address")
    parser.add_argument("--name", help="the first administrator's name")
    parser.add_argument("--inbox", help="the address customers write to")
    parser.add_argument("--team", default="Customer service", help="the first team, and its department")
    parser.add_argument("--language", default="en", choices=["en", "fr", "da", "sk", "bg"])


def run(options: argparse.Namespace) -> int:
    """Ask for what was not given; refused when somebody works here already."""
    database.load_django()
    database.migrate()
    if not database.is_empty():
        print("comptoir setup: this desk has members already; use `comptoir member add`.", file=sys.stderr)
        return 1
    return _code() if options.code else _found(options)


def _code() -> int:
    """Print a code for the set-up page, valid for a day; the one before is void."""
    from comptoir.people.actions.invitations import new_invitation

    print(new_invitation(None).token)
    return 0


def _found(options: argparse.Namespace) -> int:
    from comptoir.actions import ActionError, perform
    from comptoir.people import system

    answers = {
        "company": options.company or input("Company: "),
        "name": options.name or input("Your name: "),
        "email": options.email or input("Your e-mail address: "),
        "inbox": options.inbox or input("The address customers write to: "),
        "country": options.country.upper(), "time_zone": options.time_zone, "language": options.language,
        "department": options.team, "team": options.team,
        "password": new_password(sys.stdin.isatty() and not options.email),
    }  # fmt: skip
    try:
        perform("cases.found_desk", by=system(), inputs=answers)
    except ActionError as error:
        print(f"comptoir setup: {error}", file=sys.stderr)
        return 1
    return 0
