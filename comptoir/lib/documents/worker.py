"""A warm child process that opens documents within limits of time and memory; what it cannot stand kills only itself.

The child gets one request and gives one answer at a time, each framed by its length. Its environment holds no secrets.
"""

import json
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from comptoir.lib.documents.neutral import MOST_BYTES, Read, Unreadable, from_json
from comptoir.lib.documents.sheets import from_text

CPU_SECONDS, WALL_SECONDS, MEMORY_BYTES, RECYCLED_AFTER = 12.0, 30.0, 1_500_000_000, 200
MOST_ANSWER = 30_000_000
_HEAD = struct.Struct(">cHQ")
_TOLD = struct.Struct(">cQ")
_ROOT = Path(__file__).resolve().parents[3]
KINDS = {"pdf": b"p", "csv": b"c", "xlsx": b"x"}


class Reader:
    """Reads documents in a child of its own; safe to share between threads, which then wait for each other."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS) -> None:
        self.cpu_seconds = cpu_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0

    def read(self, kind: str, raw: bytes) -> Read:
        """The words of a document. Raises only Unreadable."""
        if kind == "mail":
            return from_text(raw.decode("utf-8", "replace"))
        return from_json(json.loads(self._ask(KINDS[kind], 0, raw)))

    def draw(self, raw: bytes, page: int) -> bytes:
        """A picture of a PDF's page. Raises only Unreadable."""
        return self._ask(b"d", page, raw)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, what: bytes, page: int, raw: bytes) -> bytes:
        if len(raw) > MOST_BYTES:
            raise Unreadable("size")
        with self._lock:
            try:
                return self._answer(what, page, raw)
            except (OSError, EOFError, struct.error) as error:
                is_dead = self._child is not None and not isinstance(error, TimeoutError) and _died(self._child)
                self._end()
                raise Unreadable("size" if is_dead else "time") from error

    def _answer(self, what: bytes, page: int, raw: bytes) -> bytes:
        child, until = self._running(), time.monotonic() + WALL_SECONDS
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(_HEAD.pack(what, page, len(raw)) + raw)
        child.stdin.flush()
        fate, length = _TOLD.unpack(_receive(child.stdout, _TOLD.size, until))
        if length > MOST_ANSWER:
            raise EOFError
        told = _receive(child.stdout, length, until)
        self._done += 1
        if self._done >= RECYCLED_AFTER or fate == b"m":
            self._end()
        if fate != b"+":
            raise Unreadable(told.decode())
        return told

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._done = 0
            self._child = subprocess.Popen(
                [sys.executable, "-m", "comptoir.lib.documents.worker", str(self.cpu_seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"}, cwd="/",
            )  # fmt: skip
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass


def _died(child: "subprocess.Popen[bytes]") -> bool:
    """True when a child ended by itself and not by the limit of its time: it wanted more memory than it has."""
    try:
        return child.wait(timeout=1) != -signal.SIGPROF
    except subprocess.TimeoutExpired:
        return False


def _receive(stream: IO[bytes], size: int, until: float) -> bytes:
    import os

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


def _told(what: bytes, page: int, raw: bytes) -> tuple[bytes, bytes]:
    from comptoir.lib.documents import pdf, sheets

    try:
        if what == b"d":
            return b"+", pdf.draw(raw, page)
        read = {b"p": pdf.from_pdf, b"c": sheets.from_csv, b"x": sheets.from_xlsx}[what](raw)
        return b"+", json.dumps(read.as_json()).encode()
    except Unreadable as error:
        return b"-", str(error).encode()
    except MemoryError:
        return b"m", b"size"
    except Exception:
        return b"-", b"broken"


def serve(cpu_seconds: float) -> None:
    """The child's loop: limits first; a document that takes too long ends the process by SIGPROF."""
    import logging

    import comptoir.lib.documents.pdf
    import comptoir.lib.documents.sheets  # noqa: F401 - warm before the first document

    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    while head := sys.stdin.buffer.read(_HEAD.size):
        what, page, length = _HEAD.unpack(head)
        raw = sys.stdin.buffer.read(length)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        fate, answer = _told(what, page, raw)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(_TOLD.pack(fate, len(answer)) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(float(sys.argv[1]))
