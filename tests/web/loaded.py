"""What every process of a desk loads, loaded once: those that are forked from here begin at once."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")

import django

django.setup()

import uvicorn
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.urls import get_resolver

from comptoir.cli.main import main

assert get_resolver().url_patterns  # the screens
ROUNDS = 1_000


class FewRounds(PBKDF2PasswordHasher):
    """As the desk hashes, but a password that is written like this is not hashed again with all its rounds when it is used."""

    iterations = ROUNDS


settings.PASSWORD_HASHERS = [f"{__name__}.FewRounds"]


def pages(port: int) -> None:
    """The web process; streams that are open do not hold the test at its end."""
    uvicorn.run(
        "comptoir.asgi:application", host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )


def command(name: str) -> None:
    """A command of the desk."""
    sys.exit(main([name]))
