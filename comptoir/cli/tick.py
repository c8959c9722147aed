"""comptoir tick"""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from comptoir.cli import database


def moment(text: str) -> datetime:
    """An ISO moment; without a zone, in the desk's own."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        from django.conf import settings

        value = value.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    return value


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--now", help="play the clock at this moment, for example 2026-11-24T15:01 (a demo desk)")


def run(options: argparse.Namespace) -> int:
    database.load_django()
    from comptoir.actions.due import tick

    for name, taken in tick(moment(options.now) if options.now else None).items():
        print(f"{name}: {taken}")
    return 0
