"""CPU and memory of processes with all their descendants, read from /proc, and a fixed load to compare them with."""

import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(roots: Iterable[int]) -> list[int]:
    """The processes and all theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def cpu_ms(roots: Iterable[int]) -> float:
    """User and system time of the processes, their living descendants and those that have ended and were waited for."""
    spent = 0
    for pid in descendants(roots):
        if fields := _stat(pid):
            spent += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return spent * 1000 / TICKS


def memory_mib(pid: int) -> float:
    """Resident memory of one process."""
    kilobytes = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(kilobytes[1]) / 1024 if kilobytes else 0.0


@dataclass(slots=True)
class Figure:
    """What one piece of something costs: CPU ms of server and database, the median of some runs and all of them."""

    name: str
    aim: float | None
    others: float | None
    pieces: int = 0
    server: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def runs(self) -> list[float]:
        return [a + b for a, b in zip(self.server, self.database, strict=True)]

    @property
    def ms(self) -> float:
        return statistics.median(self.runs)


class Meter:
    """Measures pieces of work done by some server processes and a database."""

    def __init__(self, server: dict[str, int], database: int) -> None:
        self.server, self.database = server, database

    def measure(self, figure: Figure, run: Callable[[], int], runs: int) -> Figure:
        """Run it some times; each run says how many pieces it did and has ended when they are all done."""
        for _ in range(runs):
            server, database, begin = cpu_ms(self.server.values()), cpu_ms([self.database]), time.monotonic()
            pieces = run()
            figure.wall.append((time.monotonic() - begin) * 1000 / pieces)
            figure.server.append((cpu_ms(self.server.values()) - server) / pieces)
            figure.database.append((cpu_ms([self.database]) - database) / pieces)
            figure.pieces += pieces
        return figure


def calibrate(database: int, query: Callable[[str], object]) -> float:
    """CPU ms of a fixed load in Python and in the database; figures are told as multiples of it too."""
    own = time.process_time()
    before = cpu_ms([database])
    words = [f"word-{number * 7919 % 10_007}" for number in range(40_000)]
    for _ in range(5):
        ranked = sorted(set(words), key=lambda word: (word[-2:], word))
        kept = json.loads(json.dumps({word: len(re.findall(r"\d", word)) for word in ranked}))
        assert len(kept) == 10_007
    for _ in range(5):
        query("SELECT sum(length(md5(n::text || repeat('x', n % 50)))) FROM generate_series(1, 100000) n")
    return (time.process_time() - own) * 1000 + cpu_ms([database]) - before
