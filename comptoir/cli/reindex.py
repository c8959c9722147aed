"""comptoir reindex"""

import argparse

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    database.load_django()
    from importlib import import_module

    print(f"{import_module('comptoir.search.documents').reindex()} documents")
    return 0
