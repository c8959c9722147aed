"""comptoir check"""

import argparse
from importlib import import_module
from importlib.util import find_spec

from comptoir.cli import database
from comptoir.lib.invariants import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def findings() -> list[Finding]:
    """What every package's invariants find, the clean ones too."""
    from django.apps import apps

    found: list[Finding] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.queries"
        if config.name.startswith("comptoir.") and find_spec(name):
            found += getattr(import_module(name), "invariants", list)()
    return found


def run(options: argparse.Namespace) -> int:
    """Zero when everything holds."""
    database.load_django()
    broken = 0
    for finding in findings():
        broken += finding.count
        mark = "ok  " if not finding.count else f"{finding.count:4}"
        print(f"{mark} {finding.name}" + (f": {', '.join(finding.sample)}" if finding.count else ""))
    return 1 if broken else 0
