"""Mail out while the worker is killed, as often as can be just before and just after the server's 250.

    python -m bench.faults.outbound [--mails 300] [--kills 30] [--seed 1] [--only run|control]

A desk of its own delivers answers by SMTP to a server that kills the worker over some of them. Nothing may be lost; a mail
may come twice where a kill fell between the 250 and the commit, and then both have the same Message-ID and the same bytes.
The control marks each mail as sent before the server has taken it: it has to lose some.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from email import message_from_bytes
from pathlib import Path
from typing import Any

from bench.faults.inbound import asked, in_folder
from bench.faults.processes import Process

AFTER_250_SECONDS = 0.004
AT_ONCE = 4  # deliveries of a worker: one kill can fall into each of them
DRAIN_SECONDS = 600


class Post:
    """The server of the customers; it kills who speaks to it, in half of the cases before it has taken the mail."""

    def __init__(self, worker: Process, plan: argparse.Namespace) -> None:
        self.worker, self.plan, self.chance = worker, plan, random.Random(plan.seed)
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.kills: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        wants = self.kills.total() < self.plan.kills and self.chance.random() < 0.5
        if wants and self.chance.random() < 0.5 and self._kill("before it was taken"):
            return "451 nobody is there"
        raw: bytes = envelope.original_content
        self.taken[message_from_bytes(raw)["Message-ID"]].append(hashlib.sha256(raw).hexdigest())
        if wants:
            pause = self.chance.uniform(0, AFTER_250_SECONDS)
            threading.Timer(pause, self._kill, ["after it was taken"]).start()
        return "250 OK"

    def _kill(self, when: str) -> bool:
        is_hit = self.kills.total() < self.plan.kills and self.worker.kill()
        self.kills[when] += is_hit
        return is_hit


def answers(count: int, smtp_port: int) -> None:
    """So many answers queued, each in a case of its own."""
    from comptoir.cases.actions.answering import reply
    from comptoir.cases.actions.incoming import receive
    from comptoir.cases.models import Inbox
    from comptoir.connect.email.models import Mailbox
    from tests import build

    inbox: Inbox = build.inbox()
    Mailbox.objects.create(inbox=inbox, smtp_host="127.0.0.1", smtp_port=smtp_port, smtp_security="none")
    rep = build.member()
    for n in range(count):
        case = receive(build.mail(f"Where is order {n}?", sender=f"buyer{n}@customer.example")).case
        reply(case, by=rep, text=f"It left today: {n}.")


def states() -> Counter[str]:
    from comptoir.cases.models import Message

    return Counter(Message.objects.filter(direction="out").values_list("state", flat=True))


def play(plan: argparse.Namespace, folder: Path, *, careless: bool) -> dict[str, Any]:
    """One desk until every answer has left."""
    from aiosmtpd.controller import Controller

    from comptoir.cases.models import Message
    from tests.connect.ports import free_port

    module = ["bench.faults.marks_first"] if careless else ["comptoir", "worker"]
    worker, port, begin = Process("worker", [sys.executable, "-m", *module]), free_port(), time.monotonic()
    post = Post(worker, plan)
    server = Controller(post, hostname="127.0.0.1", port=port)
    server.start()
    answers(plan.mails, port)
    try:
        while time.monotonic() - begin < DRAIN_SECONDS:
            worker.keep_alive()
            if asked(states, Counter()).keys() == {"sent"}:
                break
            time.sleep(0.05)
    finally:
        worker.stop()
        server.stop()
    queued = set(Message.objects.filter(direction="out").values_list("message_id", flat=True))
    return {
        "kills -9 that hit": post.kills.total(), "of these": dict(post.kills), "seconds": round(time.monotonic() - begin),
        "queued": len(queued), "states": dict(states()), "taken by the server": sum(map(len, post.taken.values())),
        "lost": len(queued - post.taken.keys()), "unknown": len(post.taken.keys() - queued),
        "duplicated": sum(len(hashes) - 1 for hashes in post.taken.values()),
        "with other bytes": sum(len(set(hashes)) > 1 for hashes in post.taken.values()),
    }  # fmt: skip


def run(plan: argparse.Namespace, *, careless: bool) -> bool:
    """Play one desk and print what came out; True when it is as it should be."""
    os.environ["COMPTOIR_UNDO_SECONDS"] = "0"
    result = in_folder(lambda folder: play(plan, folder, careless=careless), smtp_port=0)
    print("control: marked as sent before taken" if careless else "mail out under kills", flush=True)
    for name, value in result.items():
        print(f"  {name:26} {value}", flush=True)
    if careless:
        return bool(result["lost"])
    clean = not (result["lost"] or result["unknown"] or result["with other bytes"])
    return (
        clean
        and result["duplicated"] <= AT_ONCE * result["kills -9 that hit"]
        and result["kills -9 that hit"] >= plan.kills
    )


def main() -> int:
    """0 when the desk lost nothing and sent no two different mails, and the control did lose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["run", "control"])
    plan = parser.parse_args()
    if plan.only:
        return 0 if run(plan, careless=plan.only == "control") else 1
    again = [sys.executable, "-m", "bench.faults.outbound", "--seed", str(plan.seed)]
    whole = [*again, "--only", "run", "--mails", str(plan.mails), "--kills", str(plan.kills)]
    control = [*again, "--only", "control", "--mails", "60", "--kills", "8"]
    return max(subprocess.run(command, check=False).returncode for command in (whole, control))


if __name__ == "__main__":
    sys.exit(main())
