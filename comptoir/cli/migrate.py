"""comptoir migrate"""

import argparse
import gc

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="and fill an empty desk with the demo company")


def run(options: argparse.Namespace) -> int:
    gc.disable()  # it ends with its work: to search again and again for what nobody uses took a quarter of its time
    database.load_django()
    database.migrate()
    gc.collect()  # the states of the tables that were passed through
    if options.demo and database.is_empty():
        from comptoir.demo import load

        print("Filling the demo company …", flush=True)
        load.build()
    return 0
