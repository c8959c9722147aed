"""comptoir demo"""

import argparse
import sys

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    """Fill an empty desk."""
    database.load_django()
    database.migrate()
    if not database.is_empty():
        print("comptoir demo: this desk has members already; name an empty COMPTOIR_DATA.", file=sys.stderr)
        return 1
    from comptoir.demo import load, logins

    load.build()
    for role, email, password in logins():
        print(f"{role}: {email} / {password}")
    return 0
