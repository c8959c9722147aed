"""One throw-away PostgreSQL a run, started before Django loads; COMPTOIR_CI makes missing programs a failure."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

_data = Path(tempfile.mkdtemp(prefix="comptoir-test-"))
_data.chmod(0o755)
os.environ |= {
    "COMPTOIR_DATA": str(_data),
    "COMPTOIR_DB_POOL": "0",
    "COMPTOIR_SECRET_KEY": "only-for-tests-" + "x" * 50,
    "COMPTOIR_UNDO_SECONDS": "10",
    "COMPTOIR_URL": "http://127.0.0.1:8000",
}
os.environ["DJANGO_SETTINGS_MODULE"] = "comptoir.settings"
os.environ.pop("COMPTOIR_DEMO", None)

from comptoir.lib import postgres

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = postgres.ensure(_data, **postgres.THROWAWAY)


def _clean() -> None:
    postgres.stop(_data, "immediate")
    shutil.rmtree(_data, ignore_errors=True)
    shutil.rmtree(postgres.socket_dir(_data), ignore_errors=True)
    if postgres.cluster_dir(_data) != _data / "pg":
        shutil.rmtree(postgres.cluster_dir(_data), ignore_errors=True)


atexit.register(_clean)


def need(program: str, reason: str) -> str:
    """The path of a program; without it the test is skipped, or fails where COMPTOIR_CI is set."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
    if path:
        return path
    message = f"{program} is not installed: {reason}"
    if os.environ.get("COMPTOIR_CI"):
        pytest.fail(message)
    pytest.skip(message)
    raise AssertionError


def pytest_configure() -> None:
    """Load Django, now that its database is there."""
    import django

    django.setup()
