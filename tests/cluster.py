"""One throw-away PostgreSQL a run, shared by the run's workers, that nothing outlives.

A keeper of its own waits until the run has ended, however it ended, then stops the server and removes its folder. What a keeper
could not remove, because it was killed as well, the next run does.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from comptoir.lib import postgres
from tests import template

PREFIX = "comptoir-test-"
LOCK = "owner.lock"
ROOT = Path(__file__).resolve().parents[1]


class Cluster:
    """The server and its folder for as long as this process lives."""

    def __init__(self) -> None:
        sweep()
        self.data = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.data.chmod(0o755)
        self.owner = _lock(self.data / LOCK)
        self.keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster", str(self.data)],
            stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True,
        )  # fmt: skip

    def url(self) -> str:
        """The address of the server, laid down migrated and started when first asked for."""
        if not postgres.data_version(self.data):
            template.lay(self.data)
        return postgres.ensure(self.data, **postgres.THROWAWAY)

    def end(self) -> None:
        """Have the keeper clean up, and wait for it."""
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait(60)


def sweep() -> None:
    """Remove what runs left behind whose keepers were killed as well."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        try:
            _lock(path).close()
        except OSError:
            continue
        remove(path.parent)


def remove(data: Path) -> None:
    """Stop the server of a folder and remove all that belongs to it."""
    postgres.stop(data, "immediate")
    for folder in (postgres.socket_dir(data), postgres.cluster_dir(data), data):
        shutil.rmtree(folder, ignore_errors=True)


def _lock(path: Path) -> IO[str]:
    """An exclusive lock that ends with the process. Raises OSError while another holds it."""
    handle = path.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise
    return handle


if __name__ == "__main__":
    os.read(0, 1)  # until the run closes the pipe, or dies
    remove(Path(sys.argv[1]))
