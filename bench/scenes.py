"""What is measured: each scene does some pieces of one kind of work and returns when all that follows from them is done."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from secrets import token_hex
from typing import Any

from bench import mails
from bench.browser import Session
from bench.desk import Desk, rows, value
from bench.words import COMMON, RARE, Writer
from comptoir.lib import clock

REP, SENIOR = "emma@lyskamp.example", "marc@lyskamp.example"
PARTS = ("head", "thread", "context")
PAGE_CASES = """
    SELECT c.number FROM cases_case c WHERE c.state IN ('open', 'waiting') AND c.team_id = %s
    AND (SELECT count(*) FROM cases_message m WHERE m.case_id = c.id) = 20 ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of work: its name, what we aim at and what the best others need (CPU ms), pieces a run, and the work."""

    name: str
    pieces: int
    run: Callable[[int], int]
    aim: float | None = None
    others: float | None = None
    prepare: Callable[[int], None] | None = None


class Stage:
    """The scenes of one desk."""

    def __init__(self, desk: Desk, seed: int = 1) -> None:
        self.desk, self.seed, self.writer = desk, seed, Writer(Random(seed))
        self.rep, self.senior = Session(desk.port, REP), Session(desk.port, SENIOR)
        team = value("SELECT team_id FROM cases_inbox WHERE language = 'fr'")
        self.numbers = cycle([number for (number,) in rows(PAGE_CASES, team)])
        self.waiting: list[tuple[str, str, bytes]] = []
        self.orders: Iterator[int] = iter(())
        self.moves: Iterator[tuple[Any, ...]] = iter(())

    def scenes(self) -> list[Scene]:
        found = [
            Scene("Mail in, by SMTP", 200, self.mail_in, 5, 26, self.write_mails),
            Scene("Case page, 20 messages", 60, self.pages("/cases/{n}/"), 30, 156),
            Scene("Case panes (key j)", 60, self.pages("/cases/{n}/", X_Panes="1")),
            Scene("Thread refreshed", 60, self.pages("/cases/{n}/?part=thread", HX_Request="true")),
            Scene("Queue page, Mine", 60, self.pages("/?view=mine"), 40, 204),
            Scene("Queue page, All", 60, self.pages("/?view=all"), 40, 204),
            Scene("Reply, sent", 40, self.reply),
            Scene("Confirm an order of five lines", 15, self.confirm, prepare=self.place_orders),
            Scene("Pull in a date", 30, self.pull_in, prepare=self.find_dates),
            Scene("Note, heard by another page", 30, self.note_heard),
        ]
        if self.rep.request("GET", "/find/?q=x", headers={"HX-Request": "true"})[0] == 200:
            common, rare = COMMON["fr"], RARE
            found[6:6] = [
                Scene("Search, common word", 60, self.pages(f"/find/?q={common}", HX_Request="true"), 40, 192),
                Scene("Search, rare word", 60, self.pages(f"/find/?q={rare}", HX_Request="true"), 40, 192),
            ]
        return found

    def write_mails(self, pieces: int) -> None:
        self.seed += 1
        self.waiting = mails.write(pieces, self.seed)

    def mail_in(self, pieces: int) -> int:
        return mails.send(self.desk, self.waiting)

    def pages(self, path: str, **headers: str) -> Callable[[int], int]:
        """Pages of ever other cases."""

        def run(pieces: int) -> int:
            for _ in range(pieces):
                self.rep.get(path.format(n=next(self.numbers)), **headers)
            return pieces

        return run

    def reply(self, pieces: int) -> int:
        for _ in range(pieces):
            text = self.writer.text("fr", median=300)
            self.rep.post(f"/cases/{next(self.numbers)}/reply/", text=text, kind="reply")
        self.desk.settle()
        return pieces

    def place_orders(self, pieces: int) -> None:
        """Orders of five lines that nobody has confirmed; those of earlier runs are confirmed by then."""
        from comptoir.catalog.models import Product, Site
        from comptoir.customers.models import Customer
        from comptoir.orders.actions import NewLine, place
        from comptoir.people import system

        self.seed += 1
        site = Site.objects.order_by("pk")[0]
        products = list(Product.objects.order_by("pk")[:40])
        customers = Customer.objects.filter(currency="EUR", addresses__isnull=False).distinct().order_by("pk")[:pieces]
        wanted, made = clock.today() + timedelta(days=60), []
        for turn, customer in enumerate(customers):
            lines = [NewLine(products[(turn + at * 7) % 40], Decimal(1), wanted) for at in range(5)]
            address = customer.addresses.order_by("pk").first()
            order = place(
                customer, by=system(), lines=lines, ship_to=address, po_number=f"BENCH-{token_hex(6)}", site=site
            )  # fmt: skip
            made.append(order.pk)
        self.desk.settle()
        self.orders = iter(made)

    def confirm(self, pieces: int) -> int:
        for _ in range(pieces):
            self.rep.post(f"/do/orders.confirm/{next(self.orders)}/")
        self.desk.settle()
        return pieces

    def find_dates(self, pieces: int) -> None:
        """Schedule lines of one order each whose date can come forward."""
        found = rows(
            "SELECT DISTINCT ON (s.order_id) s.id, s.promised_on, a.country FROM orders_scheduleline s JOIN orders_order o "
            "ON o.id = s.order_id JOIN customers_address a ON a.id = o.ship_to_id WHERE s.state = 'promised' "
            "AND s.promised_on > current_date + 15 ORDER BY s.order_id LIMIT %s OFFSET %s",
            pieces, self.seed * pieces,
        )  # fmt: skip
        self.seed += 1
        self.moves = iter(found)

    def pull_in(self, pieces: int) -> int:
        from comptoir.lib.calendar import is_business_day

        reason = str(value("SELECT id FROM orders_reason WHERE kind = 'date' ORDER BY id LIMIT 1"))
        for _ in range(pieces):
            pk, day, country = next(self.moves)
            day -= timedelta(days=3)
            while not is_business_day(day, country):
                day -= timedelta(days=1)
            self.senior.post(f"/do/orders.pull_in/{pk}/", to=day.isoformat(), reason=reason, initiator="customer")
        self.desk.settle()
        return pieces

    def note_heard(self, pieces: int) -> int:
        """Each note is heard on the stream of another member's page, which fetches its fragments again."""
        for _ in range(pieces):
            number = next(self.numbers)
            stream = Stream(self.desk.port, self.senior.cookie, f"case:{_case(number)}")
            self.rep.post(f"/cases/{number}/note/", text="The planner calls back at three.", kind="note")
            stream.wait()
            for part in PARTS:
                self.senior.get(f"/cases/{number}/?part={part}", HX_Request="true")
            stream.close()
        self.desk.settle()
        return pieces

    def latency(self, count: int) -> tuple[float, float]:
        """Milliseconds from the post of a note until another page's stream says so: median and 95th percentile."""
        taken = []
        for _ in range(count):
            number = next(self.numbers)
            stream = Stream(self.desk.port, self.senior.cookie, f"case:{_case(number)}")
            begin = time.monotonic()
            self.rep.post(f"/cases/{number}/note/", text="Heard?", kind="note")
            stream.wait()
            taken.append((stream.heard_at - begin) * 1000)
            stream.close()
        return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


def _case(number: str) -> int:
    return int(value("SELECT id FROM cases_case WHERE number = %s", number))


class Stream:
    """One open stream of live pages."""

    def __init__(self, port: int, cookie: str, topics: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        request = f"GET /live?topics={topics} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        self.socket.sendall(request.encode())
        self.seen, self.heard_at = b"", 0.0
        self._read_until(b"event: reset\ndata: []\n\n")

    def wait(self) -> None:
        """Until something is told."""
        self._read_until(b"data: [")
        self.heard_at = time.monotonic()

    def _read_until(self, sign: bytes) -> None:
        while sign not in self.seen:
            more = self.socket.recv(65_536)
            if not more:
                raise RuntimeError("The stream ended.")
            self.seen += more
        self.seen = self.seen.partition(sign)[2]

    def close(self) -> None:
        self.socket.close()
