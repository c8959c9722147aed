"""The desk that is measured: a cluster of its own, filled, with the processes that `comptoir serve` starts."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from comptoir.lib import postgres
from tests.connect.ports import free_port

PASSWORD = "lyskamp-demo-desk"


class Desk:
    """A throw-away desk; `close` ends and removes it."""

    def __init__(self, folder: str = "") -> None:
        self.is_kept = bool(folder)
        self.folder = Path(folder or tempfile.mkdtemp(prefix="comptoir-bench-"))
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        os.environ |= {
            "COMPTOIR_DATA": str(self.folder), "COMPTOIR_DEMO": "1", "COMPTOIR_PORT": str(self.port),
            "COMPTOIR_SMTP_PORT": str(self.smtp_port), "COMPTOIR_UNDO_SECONDS": "0", "COMPTOIR_LOG": "ERROR",
            "COMPTOIR_URL": self.url,
        }  # fmt: skip
        os.environ.pop("DATABASE_URL", None)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """The database is there and this process can look into it. Autovacuum would come between at any moment."""
        postgres.ensure(self.folder, autovacuum="off")
        from comptoir.cli import database

        database.load_django()
        database.migrate()

    def open(self, moment: datetime | None = None) -> None:
        """Start web, worker and mail as `comptoir serve` does, and wait until they answer; at a moment where one is named."""
        from comptoir.cli.serve import _children

        for child in _children("127.0.0.1", self.port):
            python, flag, *module = child.command
            at = [flag, "bench.at", moment.isoformat()] if moment else [flag]
            self.processes[child.name] = subprocess.Popen([python, *at, *module], stderr=subprocess.DEVNULL)
        for port in (self.port, self.smtp_port):
            _wait_for(port)

    @property
    def server(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.processes.items()}

    @property
    def postmaster(self) -> int:
        return int((postgres.cluster_dir(self.folder) / "postmaster.pid").read_text().split()[0])

    def settle(self) -> None:
        """Until every mail is filed and no job waits or runs."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if not value(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'tick'"
            ) and not value("SELECT count(*) FROM email_rawmail WHERE state = 'received'"):
                return
            time.sleep(0.02)
        raise RuntimeError("The desk does not come to rest.")

    def close(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        postgres.stop(self.folder, "fast" if self.is_kept else "immediate")
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.rmtree(postgres.cluster_dir(self.folder), ignore_errors=True)
            shutil.rmtree(postgres.socket_dir(self.folder), ignore_errors=True)


def value(query: str, *given: Any) -> Any:
    """One value of the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, given or None)
        row = cursor.fetchone()
        return row[0] if row else None


def rows(query: str, *given: Any) -> list[tuple[Any, ...]]:
    """Rows of the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, given or None)
        return list(cursor.fetchall())


def _wait_for(port: int) -> None:
    import socket

    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    print(f"Nothing answers on port {port}.", file=sys.stderr)
    raise RuntimeError("The desk does not open.")
