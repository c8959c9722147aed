"""Emptying the database after a test that commits: only the tables it wrote to, back to what the migrations made."""

from django.db import OperationalError, connection, transaction

KEPT = {"django_migrations", "django_content_type", "auth_permission", "procrastinate_workers"}  # a desk may be running
DEADLOCK = "40P01"
_made: dict[str, list[tuple[object, ...]]] = {}
_columns: dict[str, str] = {}


def remember() -> None:
    """Note what the migrations made; called once, when the database is fresh."""
    for table in filled(tables()):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            _columns[table] = ", ".join(column.name for column in cursor.description or ())
            _made[table] = cursor.fetchall()


def wipe() -> None:
    """Empty what is filled and put back what the migrations made; anew where a running desk was in the way."""
    for left in (2, 1, 0):
        try:
            return _emptied()
        except OperationalError as error:  # a deadlock: nothing of it was done
            if not left or getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise


def _emptied() -> None:
    touched = filled(tables())
    with transaction.atomic(), connection.cursor() as cursor:
        if touched:
            cursor.execute(f"TRUNCATE {', '.join(touched)} CASCADE")
        for table in _made:
            places = ", ".join(["%s"] * (_columns[table].count(",") + 1))
            cursor.executemany(f"INSERT INTO {table} ({_columns[table]}) VALUES ({places})", _made[table])


def tables() -> list[str]:
    """The tables of the desk and its libraries that tests fill."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall() if name not in KEPT]


def filled(names: list[str]) -> list[str]:
    """Those that have rows."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names))
        return [name for (name,) in cursor.fetchall()]
