"""comptoir serve: one command that runs everything and stops what it started."""

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from comptoir.cli import database
from comptoir.lib import postgres
from comptoir.lib.postgres import PostgresError

SLOWEST_RESTART = 30.0
STOP_SECONDS = 6.0
HEAD_START = 2.0  # the pages come first: two cores load one process sooner than three
DATABASE_SECONDS = 2.0  # between looks at whether the embedded database runs
PR_SET_PDEATHSIG = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="fill an empty desk with the demo company first")


@dataclass(slots=True)
class Child:
    """One process of the desk; restarted when it dies, ever more slowly while it keeps dying."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    wait: float = 0.5
    due: float = field(default=0.0)
    born: float = field(default=0.0)

    def look_after(self, now: float) -> None:
        """Start it when it does not run and its time has come."""
        if self.process is not None and self.process.poll() is None:
            if now - self.born > SLOWEST_RESTART:
                self.wait = 0.5
            return
        if self.process is not None:
            print(
                f"comptoir: the {self.name} process ended ({self.process.returncode}); starting it again",
                file=sys.stderr,
            )
            self.process, self.due = None, now + self.wait
            self.wait = min(self.wait * 2, SLOWEST_RESTART)
        if now >= self.due:
            self.process, self.born = subprocess.Popen(self.command, preexec_fn=_die_with_parent), now

    def stop(self, hard: bool = False) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)


def _die_with_parent() -> None:
    """The kernel ends the child when the supervisor is gone, even by kill -9; Ctrl-C reaches only the supervisor."""
    os.setsid()
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (AttributeError, OSError):
        pass


def run(options: argparse.Namespace) -> int:
    """Run until told to stop."""
    data = database.data_folder()
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = _only_one(data)
    except OSError as error:
        raise PostgresError(
            f"The folder {data} cannot be written ({error.strerror}); name another by COMPTOIR_DATA."
        ) from None
    host, port = os.environ.get("COMPTOIR_HOST", "127.0.0.1"), int(os.environ.get("COMPTOIR_PORT", "8000"))
    _refuse_taken(host, port)
    if options.demo:
        os.environ["COMPTOIR_DEMO"] = "1"
    stopping = _on_signals()
    try:
        _prepare(options.demo)
        _watch(_children(host, port), host, port, options.demo, stopping)
    finally:
        if database.is_embedded():
            postgres.stop(data)
        os.close(lock)
    return 0


def _only_one(data: Path) -> int:
    handle = os.open(data / "serve.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PostgresError(f"A desk is running on {data} already; name another folder by COMPTOIR_DATA.") from None
    return handle


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PostgresError(
                f"Port {port} cannot be used ({error.strerror}). Choose another: COMPTOIR_PORT={port + 1} make run"
            ) from None


def _on_signals() -> list[int]:
    """The list that gets a signal's number when the desk is told to stop."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    return told


def _prepare(demo: bool) -> None:
    """Tables, and the demo company where it is asked for; in a process of its own, so that this one stays small."""
    command = [sys.executable, "-m", "comptoir", "migrate", *(["--demo"] if demo else [])]
    if subprocess.run(command, check=False).returncode:
        raise PostgresError("The database could not be prepared; what went wrong is told above.")


def _children(host: str, port: int) -> list[Child]:
    python = sys.executable
    web = [python, "-m", "uvicorn", "comptoir.asgi:application", "--host", host, "--port", str(port)]
    web += ["--timeout-graceful-shutdown", "3", "--log-level", "warning", "--no-server-header", "--no-proxy-headers"]
    later = time.monotonic() + HEAD_START
    return [
        Child("web", web),
        Child("worker", [python, "-m", "comptoir", "worker"], due=later),
        Child("mail", [python, "-m", "comptoir", "mail"], due=later),
    ]


def _watch(children: list[Child], host: str, port: int, demo: bool, stopping: list[int]) -> None:
    announced, looked = False, time.monotonic()
    try:
        while not stopping:
            for child in children:
                child.look_after(time.monotonic())
            if not announced and _answers(host, port):
                announced = True
                _announce(demo)
            time.sleep(0.2)
            if database.is_embedded() and announced and time.monotonic() - looked > DATABASE_SECONDS:
                looked = _look_after_database()
    finally:
        _stop(children)


def _look_after_database() -> float:
    """Start the database when it was killed, or try again at the next look; the moment of this one."""
    try:
        database.start()
    except PostgresError as error:
        print(f"comptoir: the database does not start yet, trying again: {error}", file=sys.stderr)
    return time.monotonic()


def _stop(children: list[Child]) -> None:
    for child in children:
        child.stop()
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end and any(c.process and c.process.poll() is None for c in children):
        time.sleep(0.05)
    for child in children:
        child.stop(hard=True)
        if child.process is not None:
            child.process.wait()


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, port)) == 0


def _setup_code() -> str:
    """The one-time code of an empty desk; nothing where somebody works already."""
    command = [sys.executable, "-m", "comptoir", "setup", "--code"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def _announce(demo: bool) -> None:
    url = os.environ.get("COMPTOIR_URL") or (
        f"http://{os.environ.get('COMPTOIR_HOST', '127.0.0.1')}:{os.environ.get('COMPTOIR_PORT', '8000')}"
    )
    print(f"\nComptoir is open: {url}")
    if code := _setup_code():
        print(f"  Nobody works here yet. Set the desk up: {url}/setup/{code}/")
    if demo:
        from comptoir.demo import logins

        for role, email, password in logins():
            print(f"  {role:14} {email:36} {password}")
        print(f"  Write as the buyer: {url}/demo/")
    print("Ctrl-C closes it.", flush=True)
