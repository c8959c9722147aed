"""python -m bench.at MOMENT MODULE …: runs a module, in all its threads, as if it began at a moment; time runs on from there."""

import runpy
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from comptoir.lib import clock


def start_at(moment: datetime) -> None:
    """Let the clock of this whole process run on from a moment."""
    clock._offset = ContextVar("clock_offset", default=moment - datetime.now(UTC))


if __name__ == "__main__":
    _, told, module, *arguments = sys.argv
    start_at(datetime.fromisoformat(told))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
