"""Processes that are killed: started again when they have died, and hit only while they are at work."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

READER = b"comptoir.lib.mail.worker"
SETTLED_SECONDS = 2.0


@dataclass
class Process:
    """A process that is started again whenever it has died."""

    name: str
    command: list[str]
    running: subprocess.Popen[bytes] | None = None
    at_work_since: float | None = field(default=None)

    def keep_alive(self) -> None:
        if self.running is None or self.running.poll() is not None:
            log = (Path(os.environ["COMPTOIR_DATA"]) / f"{self.name}.log").open("ab")
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log)
            self.at_work_since = None
        elif self.at_work_since is None and self.has_begun():
            self.at_work_since = time.monotonic()

    def has_begun(self) -> bool:
        """True when it speaks with somebody: before it is loaded it has no open socket."""
        assert self.running is not None
        return any(link.startswith("socket:") for link in _open_files(self.running.pid))

    def kill(self) -> bool:
        """True when it hit a live process that was at work."""
        if self.running is None or self.running.poll() is not None or self.at_work_since is None:
            return False
        if time.monotonic() - self.at_work_since < SETTLED_SECONDS:
            return False
        self.running.send_signal(signal.SIGKILL)
        self.running.wait()
        return self.running.returncode == -signal.SIGKILL

    def stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.terminate()
            try:
                self.running.wait(10)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()


@dataclass
class Reader:
    """The child that reads mails for the worker; whoever needs it starts it again."""

    worker: Process
    name: str = "reader"

    def keep_alive(self) -> None:
        """Its parent sees to it."""

    def kill(self) -> bool:
        """True when it hit a live reader."""
        parent = self.worker.running
        for pid in _children(parent.pid) if parent is not None else ():
            if READER in _command(pid):
                return hit(pid)
        return False

    def stop(self) -> None:
        """It ends with its parent."""


def hit(pid: int) -> bool:
    """SIGKILL; True when there was a living process to kill."""
    if _state(pid) in ("", "Z", "X"):
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _children(pid: int) -> list[int]:
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(child) for child in path.read_text().split()}
    return sorted(found)


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _state(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def _open_files(pid: int) -> list[str]:
    links = []
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                links.append(os.readlink(path))
    return links
