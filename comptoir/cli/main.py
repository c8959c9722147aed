"""The commands and their help."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from comptoir.lib.postgres import PostgresError

Command = Callable[[argparse.Namespace], int]
COMMANDS = {
    "serve": ("serve", "run the desk: database, pages, jobs and mail, in one command"),
    "worker": ("worker", "run the jobs only"),
    "mail": ("mail", "run the mail process only: IMAP mailboxes and the SMTP listener"),
    "migrate": ("migrate", "bring the database's tables up to date"),
    "setup": ("setup", "make an empty desk ready: first administrator, team and inbox"),
    "demo": ("demo", "fill an empty desk with the demo company"),
    "member": ("member", "list, add or deactivate members, or set a password"),
    "mail-in": ("mail_in", "file one mail from standard input (exit 75 asks the mail server to try again)"),
    "act": ("act", "do any act of the desk: comptoir act orders.confirm SO-200014"),
    "read": ("read", "read rows: comptoir read orders --filter state=confirmed"),
    "tick": ("tick", "take what is due now, or at another moment"),
    "reindex": ("reindex", "rebuild the search index"),
    "import": ("imports", "bring in a table of products, list prices and stock, or say what it would change"),
    "check": ("check", "look for rows that break what must always hold"),
    "doctor": ("doctor", "say what this machine has and lacks"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit code."""
    parser = argparse.ArgumentParser(prog="comptoir", description="Customer-service and order desk.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, help_text) in COMMANDS.items():
        sub = commands.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        sub.set_defaults(module=module)
        import_module(f"comptoir.cli.{module}").arguments(sub)
    options = parser.parse_args(arguments)
    try:
        run: Command = import_module(f"comptoir.cli.{options.module}").run
        return run(options)
    except PostgresError as error:
        print(f"comptoir: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
