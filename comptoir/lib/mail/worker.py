"""A warm child process that reads mails within limits of time and memory; what it cannot stand kills only itself.

The child gets one mail and gives one answer at a time, each framed by its length. Its environment holds no secrets.
"""

import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from comptoir.lib.mail.bodies import Attached
from comptoir.lib.mail.bounces import Report
from comptoir.lib.mail.limits import CPU_SECONDS, MAX_BYTES, MEMORY_BYTES, WALL_SECONDS, Unreadable
from comptoir.lib.mail.parse import ParsedMail

RECYCLED_AFTER = 1_000
KILLED = "a kill from outside"
_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parents[3]


class Reader:
    """Reads mails in a child of its own; safe to share between threads, which then wait for each other."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS) -> None:
        self.cpu_seconds = cpu_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0

    def read(self, raw: bytes) -> ParsedMail:
        """The mail in some bytes, ready to be filed. Raises only Unreadable."""
        if len(raw) > MAX_BYTES:
            raise Unreadable("too large")
        with self._lock:
            answer = self._answered(raw)
            self._done += 1
            if self._done >= RECYCLED_AFTER:
                self._end()
        return _parsed(answer)

    def _answered(self, raw: bytes) -> bytes:
        """The child's answer; a child that somebody else killed says nothing about the mail, so another reads it once more."""
        for is_last in (False, True):
            try:
                return self._ask(raw)
            except (OSError, EOFError, ValueError):
                died_of = self._end()
                if is_last or died_of != KILLED:
                    raise Unreadable(f"reading it ended with {died_of}") from None
        raise AssertionError("the last try answers or raises")

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, raw: bytes) -> bytes:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        until = time.monotonic() + WALL_SECONDS
        child.stdin.write(_LENGTH.pack(len(raw)) + raw)
        child.stdin.flush()
        (length,) = _LENGTH.unpack(_receive(child.stdout, _LENGTH.size, until))
        return _receive(child.stdout, length, until)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._done = 0
            self._child = subprocess.Popen(
                [sys.executable, "-m", "comptoir.lib.mail.worker", str(self.cpu_seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"}, cwd="/",
            )  # fmt: skip
        return self._child

    def _end(self) -> str:
        """Kill the child; what it had died of, in words."""
        child, self._child = self._child, None
        if child is None:
            return "nothing"
        try:
            child.wait(0.2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return "no answer in time"
        finally:
            for stream in (child.stdin, child.stdout):
                _close(stream)
        if child.returncode == -signal.SIGKILL:
            return KILLED
        return "too much time" if child.returncode == -signal.SIGPROF else f"a failure ({child.returncode})"


def _close(stream: IO[bytes] | None) -> None:
    try:
        if stream is not None:
            stream.close()
    except OSError:
        pass


def _receive(stream: IO[bytes], size: int, until: float) -> bytes:
    """Exactly so many bytes from a pipe. Raises EOFError at its end, OSError when the time is over."""
    if size > 4 * MAX_BYTES:
        raise ValueError("the answer is longer than any mail")
    pieces, descriptor = [], stream.fileno()
    while size:
        if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
            raise TimeoutError
        piece = os.read(descriptor, min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _parsed(answer: bytes) -> ParsedMail:
    (length,) = _LENGTH.unpack(answer[: _LENGTH.size])
    told: dict[str, Any] = json.loads(answer[_LENGTH.size : _LENGTH.size + length])
    if "unreadable" in told:
        raise Unreadable(told["unreadable"])
    at = _LENGTH.size + length
    files = []
    for file in told["attachments"]:
        files.append(Attached(file["name"], file["content_type"], file["content_id"], answer[at : at + file["data"]]))
        at += file["data"]
    people = {name: tuple((n, a) for n, a in told[name]) for name in ("reply_to", "to", "cc")}
    report = told["report"]
    return ParsedMail(
        **told
        | people
        | {
            "attachments": tuple(files),
            "date": datetime.fromisoformat(told["date"]) if told["date"] else None,
            "references": tuple(told["references"]),
            "tokens": tuple(told["tokens"]),
            "sender": tuple(told["sender"]),
            "report": Report(report["message_id"], tuple((a, w) for a, w in report["failed"])) if report else None,
        }
    )


def _told(mail: ParsedMail) -> bytes:
    """A mail as JSON, then the bytes of its files."""
    told = asdict(mail)
    told["date"] = mail.date.isoformat() if mail.date else None
    for file, kept in zip(told["attachments"], mail.attachments, strict=True):
        file["data"] = len(kept.data)
    head = json.dumps(told).encode()
    return b"".join([_LENGTH.pack(len(head)), head, *(file.data for file in mail.attachments)])


def _answer(raw: bytes) -> bytes:
    from comptoir.lib.mail.read import read

    try:
        return _told(read(raw))
    except Unreadable as error:
        head = json.dumps({"unreadable": str(error)}).encode()
        return _LENGTH.pack(len(head)) + head


def serve(cpu_seconds: float) -> None:
    """The child's loop: limits first; a mail that takes too long ends the process by SIGPROF."""
    import comptoir.lib.mail.read  # noqa: F401 - warm before the first mail

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    while head := sys.stdin.buffer.read(_LENGTH.size):
        raw = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        answer = _answer(raw)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(_LENGTH.pack(len(answer)) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(float(sys.argv[1]))
