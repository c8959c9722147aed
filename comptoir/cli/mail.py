"""comptoir mail"""

import argparse

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    database.load_django()
    from comptoir.connect.email import service

    service.run()
    return 0
