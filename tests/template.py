"""A stopped server with the migrated database, kept in `.cache` until a migration or a library changes: a run copies it.

Migrating takes longer than most runs of a few tests; a copy takes a moment.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from comptoir.lib import postgres

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".cache"
NAME = "comptoir_template"
KEPT_SECONDS = 7 * 24 * 3600


def lay(data: Path) -> None:
    """Put the server's files into a data folder that has none."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = HOME / f"database-{_key()}"
        if not kept.exists():
            _make(kept)
        os.utime(kept)
        _copy(kept, postgres.cluster_dir(data))


def _key() -> str:
    """What the migrated database depends on."""
    sign = hashlib.sha256()
    migrations = sorted((ROOT / "comptoir").glob("**/migrations/*.py"))
    for path in (*migrations, ROOT / "requirements" / "run.lock", ROOT / "comptoir" / "lib" / "postgres.py"):
        sign.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return sign.hexdigest()[:16]


def _make(kept: Path) -> None:
    for old in HOME.glob("database-*"):
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    data = Path(tempfile.mkdtemp(prefix="comptoir-template-"))
    data.chmod(0o755)
    try:
        address = postgres.ensure(data, **postgres.THROWAWAY)
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {NAME}")
        named = address.replace("/postgres?", f"/{NAME}?")
        environment = os.environ | {
            "DATABASE_URL": named, "COMPTOIR_DATA": str(data), "COMPTOIR_SECRET_KEY": "only-for-tests-" + "x" * 50
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        postgres.stop(data)
        _copy(postgres.cluster_dir(data), kept)
    finally:
        postgres.stop(data, "immediate")
        for folder in (postgres.socket_dir(data), postgres.cluster_dir(data), data):
            shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """All of it or nothing, with its owner."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}-{os.getpid()}")
    subprocess.run(["cp", "-a", str(source), str(fresh)], check=True)
    fresh.rename(target)
