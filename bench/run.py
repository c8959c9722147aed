"""make bench: a desk of 10,000 cases is filled, and what its pieces cost is measured; README.md says how to read it."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import browser
from bench.desk import Desk, value
from bench.meter import Figure, Meter, calibrate, cpu_ms, memory_mib
from bench.scenes import REP, Scene, Stage, Stream

STREAMS = 500
CALIBRATIONS = 3


def main() -> int:
    """0 when every aim was reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10, help="how many times the demo's customers and orders")
    parser.add_argument("--runs", type=int, default=3, help="runs of each scene, whose median counts")
    parser.add_argument("--only", default="", help="only scenes whose name contains this")
    parser.add_argument("--folder", default="", help="keep the desk there, or use the one that is there already")
    parser.add_argument("--json", default="bench.json", help="where the figures are written")
    plan = parser.parse_args()
    desk = Desk(plan.folder)
    try:
        _fill(desk, plan)
        desk.open()
        told = _measure(desk, plan)
    finally:
        desk.close()
    Path(plan.json).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    print(table(told))
    return 0 if all(row["is_reached"] for row in told["pieces"] if row["aim"]) else 1


def _fill(desk: Desk, plan: argparse.Namespace) -> None:
    desk.prepare()
    from bench import load  # needs Django set up
    from comptoir.cli.check import findings

    if not value("SELECT EXISTS (SELECT FROM cases_case)"):
        _timed(f"Filling a desk with {plan.cases} cases", lambda: load.fill(plan.cases, plan.times))
    _timed("Checking it", lambda: load.refuse_unsound(findings()))


def _timed(what: str, act: Callable[[], object]) -> None:
    begin = time.monotonic()
    print(f"{what} …", end=" ", flush=True)
    act()
    print(f"{time.monotonic() - begin:.0f} s", flush=True)


def _measure(desk: Desk, plan: argparse.Namespace) -> dict[str, Any]:
    stage, meter = Stage(desk), Meter(desk.server, desk.postmaster)
    loops = [calibrate(desk.postmaster, value) for _ in range(CALIBRATIONS)]
    figures = []
    for scene in stage.scenes():
        if plan.only.lower() in scene.name.lower():
            figures.append(_play(scene, meter, plan.runs))
    loops += [calibrate(desk.postmaster, value) for _ in range(CALIBRATIONS)]
    loop = sorted(loops)[len(loops) // 2]
    told: dict[str, Any] = {
        "cases": value("SELECT count(*) FROM cases_case"), "messages": value("SELECT count(*) FROM cases_message"),
        "database": value("SELECT pg_size_pretty(pg_database_size(current_database()))"),
        "cpus": os.cpu_count(), "load": os.getloadavg()[0], "loop_ms": round(loop, 1),
        "pieces": [_row(figure, loop) for figure in figures],
    }  # fmt: skip
    return told if plan.only else told | _live(desk, stage, meter)


def _play(scene: Scene, meter: Meter, runs: int) -> Figure:
    figure = Figure(scene.name, scene.aim, scene.others)
    begin = time.monotonic()
    for turn in range(runs + 1):
        if scene.prepare:
            scene.prepare(scene.pieces)
        if turn == 0:
            scene.run(max(scene.pieces // 4, 1) if scene.prepare is None else scene.pieces)  # warm
        else:
            meter.measure(figure, lambda: scene.run(scene.pieces), 1)
    print(f"  {scene.name:34} {figure.ms:7.1f} ms   ({time.monotonic() - begin:.0f} s)", flush=True)
    return figure


def _row(figure: Figure, loop: float) -> dict[str, Any]:
    return {
        "name": figure.name, "ms": round(figure.ms, 2), "of_loop": round(figure.ms / loop, 4),
        "server_ms": round(sorted(figure.server)[len(figure.server) // 2], 2),
        "database_ms": round(sorted(figure.database)[len(figure.database) // 2], 2),
        "runs_ms": [round(ms, 2) for ms in figure.runs], "pieces": figure.pieces, "aim": figure.aim,
        "others": figure.others, "is_reached": figure.aim is None or figure.ms <= figure.aim,
        "wall_ms": round(sorted(figure.wall)[len(figure.wall) // 2], 1),
    }  # fmt: skip


def _live(desk: Desk, stage: Stage, meter: Meter) -> dict[str, Any]:
    """What is not a piece: latency, memory of streams, the idle desk, switching in a browser."""
    median, most = stage.latency(40)
    before = memory_mib(desk.server["web"])
    streams = [Stream(desk.port, stage.rep.cookie, "team:1,approval") for _ in range(STREAMS)]
    after = memory_mib(desk.server["web"])
    begin = cpu_ms(desk.server.values()), cpu_ms([desk.postmaster])
    time.sleep(10)
    idle = (cpu_ms(desk.server.values()) - begin[0]) / 10, (cpu_ms([desk.postmaster]) - begin[1]) / 10
    for stream in streams:
        stream.close()
    print("  Switching cases in Chromium", flush=True)
    return {
        "event_to_page_ms": {"p50": round(median, 1), "p95": round(most, 1)},
        "streams": {"count": STREAMS, "web_mib_before": round(before, 1), "web_mib_with": round(after, 1)},
        "idle_cpu_ms_a_second": {"server": round(idle[0], 1), "database": round(idle[1], 1)},
        "switch_ms": browser.switches(desk.url, REP, 60, 400),
        "switch_without_pause_ms": browser.switches(desk.url, REP, 60, 0),
    }  # fmt: skip


def table(told: dict[str, Any]) -> str:
    """The figures as one table."""
    lines = [
        f"\n{told['cases']} cases, {told['messages']} messages, {told['database']}; {told['cpus']} CPUs, load "
        f"{told['load']:.1f}; calibration loop {told['loop_ms']:.0f} ms",
        "",
        f"{'CPU ms a piece':32} {'sum':>7} {'server':>7} {'database':>8} {'of loop':>8} {'aim':>5} {'others':>6} {'wall':>7}",
    ]
    for row in told["pieces"]:
        mark = "" if not row["aim"] else " ok" if row["is_reached"] else " !"
        lines.append(
            f"{row['name']:32} {row['ms']:7.1f} {row['server_ms']:7.1f} {row['database_ms']:8.1f} {row['of_loop']:8.3f} "
            f"{row['aim'] or '':>5} {row['others'] or '':>6} {row['wall_ms']:7.1f}{mark}"
        )
    for name in ("event_to_page_ms", "streams", "idle_cpu_ms_a_second", "switch_ms", "switch_without_pause_ms"):
        if told.get(name):
            shown = ", ".join(f"{k} {v:.0f}" if isinstance(v, float) else f"{k} {v}" for k, v in told[name].items())
            lines.append(f"{name.replace('_', ' '):32} {shown}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
