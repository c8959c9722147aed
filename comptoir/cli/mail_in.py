"""comptoir mail-in"""

import argparse
import sys

from comptoir.cli import database

TEMPORARY_FAILURE = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", default="", help="the inbox it came to; else the first of ours among its recipients")


def run(options: argparse.Namespace) -> int:
    """File the mail on standard input; zero only once it is durable."""
    try:
        database.load_django()
        from comptoir.connect.email import pipe

        pipe.accept(sys.stdin.buffer, options.to)
    except Exception as error:
        print(f"comptoir mail-in: {error}", file=sys.stderr)
        return TEMPORARY_FAILURE
    return 0
