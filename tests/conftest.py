"""The database of a run, started before Django loads; COMPTOIR_CI makes missing programs a failure."""

import atexit
import gc
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests import template
from tests.cluster import Cluster

gc.set_threshold(20_000, 50, 50)  # what a run loads stays: to look through it again and again finds nothing
COMPILED = Path(__file__).resolve().parents[1] / ".cache" / "compiled"
if sys.dont_write_bytecode:  # else each of the run's processes would compile every library again: kept out of the tree
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(COMPILED)
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(COMPILED)}

LONG = {
    "test_any_request",
    "test_machine",
    "test_races",
    "test_last_stock",
    "test_email_servers",
    "test_hostile_documents",
    "test_poison_and_loops",
    "test_company",
}

if "PYTEST_XDIST_WORKER" in os.environ:  # the run's first process has made folder and server
    os.environ["COMPTOIR_DATA"] += f"/{os.environ['PYTEST_XDIST_WORKER']}"
    Path(os.environ["COMPTOIR_DATA"]).mkdir(exist_ok=True)
else:
    _cluster = Cluster()
    atexit.register(_cluster.end)
    os.environ["COMPTOIR_DATA"] = str(_cluster.data)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _cluster.url()
        os.environ["COMPTOIR_TEMPLATE"] = template.NAME
os.environ |= {
    "COMPTOIR_DB_POOL": "0",
    "COMPTOIR_SECRET_KEY": "only-for-tests-" + "x" * 50,
    "COMPTOIR_UNDO_SECONDS": "10",
    "COMPTOIR_URL": "http://127.0.0.1:8000",
}
os.environ["DJANGO_SETTINGS_MODULE"] = "comptoir.settings"
os.environ.pop("COMPTOIR_DEMO", None)


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


def pytest_configure(config: pytest.Config) -> None:
    """Load Django, now that its database is there; passwords cost nothing, and what is committed is wiped quickly."""
    if config.getoption("dist") != "no":  # the workers do
        return
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.wiping import wipe

    connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("COMPTOIR_TEMPLATE")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    TransactionTestCase._fixture_teardown = lambda case: wipe()  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that at the end no worker waits for another: browsers, which share a desk while they
    follow each other, races and machines, then by size."""
    size = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[bool, bool, int, str]:
        in_browser = hasattr(getattr(item, "module", None), "browser")
        return not in_browser, item.path.stem not in LONG, -size[item.path], str(item.path)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is loaded by now is not looked through for what nobody uses any more."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """End the children that read mails and documents for the run."""
    for name, reader in (("comptoir.connect.email.jobs", "reader"), ("comptoir.orders.reading", "READER")):
        if name in sys.modules:
            getattr(sys.modules[name], reader).close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:  # type: ignore[no-untyped-def]
    """The migrated database, and what the migrations made noted."""
    from tests.wiping import remember

    with django_db_blocker.unblock():
        remember()


Lasting = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def lasting(django_db_setup: None, django_db_blocker) -> Lasting:  # type: ignore[no-untyped-def]
    """A span in which rows outlive one test: for a module's world, each test's own changes still undone."""
    from django.db import transaction

    @contextmanager
    def span() -> Iterator[None]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return span
