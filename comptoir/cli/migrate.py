"""comptoir migrate"""

import argparse

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="and fill an empty desk with the demo company")


def run(options: argparse.Namespace) -> int:
    database.load_django()
    database.migrate()
    if options.demo and database.is_empty():
        from comptoir.demo import load

        print("Filling the demo company …", flush=True)
        load.build()
    return 0
