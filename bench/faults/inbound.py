"""Mail in while everything is killed: nothing lost, nothing twice.

    python -m bench.faults.inbound [--mails 1000] [--kills 50] [--stops 3] [--seed 1] [--only run|control]

A desk of its own (database with real durability, mail process, worker) in a temporary folder takes mails by IMAP from a dovecot
and by SMTP, while its processes are killed by SIGKILL and its database is stopped by `immediate`. The sender's list of
sha256 is compared with what the desk holds. The control marks each mail as seen before it is committed: it has to lose some.
"""

import argparse
import hashlib
import os
import random
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.faults.processes import Process, Reader

BURST = 10
DRAIN_SECONDS = 900


@dataclass
class Sent:
    """What the senders know they have handed over."""

    imap: list[str] = field(default_factory=list)
    smtp: list[str] = field(default_factory=list)
    smtp_tries: int = 0
    imap_done: bool = False
    smtp_done: bool = False

    @property
    def is_done(self) -> bool:
        return self.imap_done and self.smtp_done


def mail(number: int, chance: random.Random, inbox: str) -> bytes:
    """A mail like no other, 1 to 20 KB, some with an attachment."""
    head = (
        f"From: Buyer {number} <buyer{number % 97}@customer.example>\r\nTo: <{inbox}>\r\nSubject: Question {number}\r\n"
        f"Message-ID: <{number}.{chance.getrandbits(64):x}@customer.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
    )
    text = " ".join(f"{chance.getrandbits(32):x}" for _ in range(chance.randrange(100, 2_000)))
    body = "\r\n".join(text[i : i + 70] for i in range(0, len(text), 70))
    if number % 5:
        return f"{head}\r\nWhere is position {number}?\r\n{body}\r\n".encode()
    return (
        f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file {number}.\r\n"
        f"--b\r\nContent-Type: application/octet-stream; name=f{number}.bin\r\n\r\n{body}\r\n--b--\r\n"
    ).encode()


def append_all(server: Any, mails: list[bytes], sent: Sent, seconds: float) -> None:
    """Put mails into the mailbox in bursts, spread over a time."""
    client = server.client("desk")
    for at in range(0, len(mails), BURST):
        for raw in mails[at : at + BURST]:
            client.append("INBOX", raw)
            sent.imap.append(hashlib.sha256(raw).hexdigest())
        time.sleep(seconds * BURST / len(mails))
    sent.imap_done = True


def send_all(port: int, mails: list[bytes], sent: Sent, seconds: float) -> None:
    """Hand each mail to our SMTP server until it has said 250, as any mail server does."""
    for at, raw in enumerate(mails):
        while not _sent(port, raw, sent):
            time.sleep(0.2)
        sent.smtp.append(hashlib.sha256(raw).hexdigest())
        if at % BURST == 0:
            time.sleep(seconds * BURST / len(mails))
    sent.smtp_done = True


def _sent(port: int, raw: bytes, sent: Sent) -> bool:
    sent.smtp_tries += 1
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("buyer@customer.example", ["smtp@desk.example"], raw)
        return True
    except (OSError, smtplib.SMTPException):
        return False


def prepare(folder: Path, smtp_port: int) -> None:
    """An empty database, and this process set up to look into it."""
    os.environ |= {
        "COMPTOIR_DATA": str(folder), "COMPTOIR_SMTP_PORT": str(smtp_port), "COMPTOIR_LOG": "ERROR",
    }  # fmt: skip
    os.environ.pop("DATABASE_URL", None)
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")
    from comptoir.lib import postgres

    postgres.ensure(folder)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def furnish(imap_port: int, password: str) -> None:
    """Two inboxes: one read by IMAP, one that our own server takes mail for."""
    from comptoir.cases.models import Inbox
    from comptoir.connect.email.models import Mailbox
    from comptoir.people.models import Department, Team

    team = Team.objects.create(name="Service", department=Department.objects.create(name="Service"))
    imap, _smtp = (
        Inbox.objects.create(name=name, address=f"{name}@desk.example", sender_name=name, team=team)
        for name in ("imap", "smtp")
    )
    Mailbox.objects.create(
        inbox=imap, fetching="idle", imap_host="127.0.0.1", imap_port=imap_port, imap_security="none", imap_user="desk",
        imap_password=password,
    )  # fmt: skip


def asked(question: Callable[[], Any], otherwise: Any = None) -> Any:
    """An answer of the database, or the other value while it is down."""
    from django.db import DatabaseError, InterfaceError, connection

    try:
        return question()
    except (DatabaseError, InterfaceError):
        return otherwise
    finally:
        connection.close()


def waiting() -> tuple[int, int]:
    """How many raw mails there are, and how many of them are not filed."""
    from comptoir.connect.email.models import RawMail

    return RawMail.objects.count(), RawMail.objects.filter(message=None).count()


def torment(
    folder: Path,
    processes: list[Process | Reader],
    victims: list[Process | Reader],
    sent: Sent,
    plan: argparse.Namespace,
) -> tuple[Counter[str], int]:
    """Kill and stop until both the senders and the plan are done: how often each was hit."""
    from comptoir.lib import postgres

    chance, hits, stops = random.Random(plan.seed), Counter[str](), 0
    while not sent.is_done or hits.total() < plan.kills or stops < plan.stops:
        pause_until = time.monotonic() + chance.uniform(0.2, 1.2)
        while time.monotonic() < pause_until:
            for process in processes:
                process.keep_alive()
            time.sleep(0.05)
        victim = chance.choice(victims)
        hits[victim.name] += victim.kill()
        if stops < plan.stops and hits.total() >= plan.kills * (stops + 1) // (plan.stops + 1):
            postgres.stop(folder, "immediate")
            time.sleep(1)
            postgres.ensure(folder)
            stops += 1
    return hits, stops


def drain(processes: list[Process | Reader], expected: int, most_seconds: float) -> float:
    """Let the desk finish undisturbed: the seconds it took."""
    begin = time.monotonic()
    while time.monotonic() - begin < most_seconds:
        for process in processes:
            process.keep_alive()
        there, unfiled = asked(waiting, (0, 1))
        if there >= expected and not unfiled:
            break
        time.sleep(0.5)
    return time.monotonic() - begin


def compare(sent: Sent) -> dict[str, int]:
    """The sender's list against the desk's."""
    from comptoir.cases.models import Message
    from comptoir.connect.email.models import RawMail

    kept = Counter(RawMail.objects.values_list("sha256", flat=True))
    filed = Counter(Message.objects.filter(direction="in").values_list("raw_file__sha256", flat=True))
    handed_over = {*sent.imap, *sent.smtp}
    files = {row.sha256: hashlib.sha256(row.file.read()).hexdigest() for row in RawMail.objects.select_related("file")}
    return {
        "handed over": len(handed_over),
        "kept": kept.total(),
        "filed as messages": filed.total(),
        "lost": len(handed_over - filed.keys()),
        "duplicated": sum(n - 1 for n in (kept | filed).values() if n > 1),
        "unknown": len(kept.keys() - handed_over),
        "damaged files": sum(a != b for a, b in files.items()),
        "unreadable": Message.objects.filter(state="unreadable").count(),
    }


def play(plan: argparse.Namespace, folder: Path, port: int, *, careless: bool) -> dict[str, Any]:
    """One desk from its first mail to its last; careless: marked before committed, by IMAP only."""
    from tests.connect.dovecot import PASSWORD, Dovecot
    from tests.connect.ports import free_port

    server, chance, sent = (
        Dovecot(shutil.which("dovecot", path="/usr/sbin:/usr/bin") or "dovecot"),
        random.Random(plan.seed),
        Sent(),
    )
    server.start()
    furnish(server.port, PASSWORD)
    half = plan.mails if careless else plan.mails // 2
    by_imap = [mail(n, chance, "imap@desk.example") for n in range(half)]
    by_smtp = [mail(n, chance, "smtp@desk.example") for n in range(half, plan.mails)]
    seconds = plan.kills * 1.4
    threading.Thread(target=append_all, args=(server, by_imap, sent, seconds), daemon=True).start()
    threading.Thread(target=send_all, args=(port, by_smtp, sent, seconds), daemon=True).start()
    module = ["bench.faults.careless"] if careless else ["comptoir", "mail"]
    worker = Process("worker", [sys.executable, "-m", "comptoir", "worker"])
    processes: list[Process | Reader] = [Process("mail", [sys.executable, "-m", *module]), worker, Reader(worker)]
    processes.append(
        Process("web", [sys.executable, "-m", "uvicorn", "comptoir.asgi:application", "--port", str(free_port())])
    )
    begin = time.monotonic()
    try:
        victims = processes[:1] if careless else processes  # only the mail process can lose one
        hits, stops = torment(folder, processes, victims, sent, plan)
        took = time.monotonic() - begin
        drained = drain(processes, plan.mails, 60 if careless else DRAIN_SECONDS)
        told = {"kills -9 that hit": hits.total(), "of these": dict(hits), "immediate database stops": stops}
        return (
            told | {"seconds": round(took), "drained in": round(drained), "SMTP tries": sent.smtp_tries} | compare(sent)
        )
    finally:
        for process in processes:
            process.stop()
        server.remove()


def in_folder(act: Callable[[Path], dict[str, Any]], *, smtp_port: int, keep: bool = False) -> dict[str, Any]:
    """What an act on a desk of its own came to; the desk is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="comptoir-faults-"))
    folder.chmod(0o755)
    try:
        prepare(folder, smtp_port)
        return act(folder)
    finally:
        from comptoir.lib import postgres

        postgres.stop(folder, "immediate")
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(postgres.cluster_dir(folder), ignore_errors=True)


def run(plan: argparse.Namespace, *, careless: bool) -> bool:
    """Play one desk in a folder of its own and print what came out; True when it is as it should be."""
    from tests.connect.ports import free_port

    port = free_port()
    result = in_folder(lambda folder: play(plan, folder, port, careless=careless), smtp_port=port, keep=plan.keep)
    print("control: marked before committed" if careless else "mail in under kills", flush=True)
    for name, value in result.items():
        print(f"  {name:26} {value}", flush=True)
    if careless:
        return bool(result["lost"])
    wrong = ("lost", "duplicated", "unknown", "damaged files", "unreadable")
    return result["filed as messages"] == plan.mails and not any(result[name] for name in wrong)


def main() -> int:
    """0 when the desk lost and doubled nothing and the control did lose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--stops", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["run", "control"])
    parser.add_argument("--keep", action="store_true", help="leave the folder with its logs")
    plan = parser.parse_args()
    if plan.only:
        return 0 if run(plan, careless=plan.only == "control") else 1
    shared = ["--seed", str(plan.seed)] + (["--keep"] if plan.keep else [])
    sizes = {
        "run": ["--mails", str(plan.mails), "--kills", str(plan.kills), "--stops", str(plan.stops)],
        "control": [
            "--mails",
            str(max(100, plan.mails // 4)),
            "--kills",
            str(max(10, plan.kills // 3)),
            "--stops",
            "0",
        ],
    }
    commands = [[sys.executable, "-m", "bench.faults.inbound", "--only", name, *sizes[name], *shared] for name in sizes]
    return max(subprocess.run(command, check=False).returncode for command in commands)


if __name__ == "__main__":
    sys.exit(main())
