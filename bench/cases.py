"""Ten thousand cases with their conversations, messages, raw mails, asks, links and events, written by COPY."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, models

from bench import clone
from bench.words import COMMON, RARE, Writer
from comptoir.cases import verbs
from comptoir.cases.models import Ask, Case, CaseLink, Conversation, Inbox, Message, Recipient
from comptoir.connect.email.models import RawMail
from comptoir.customers.models import Identity
from comptoir.demo.ledger import copy
from comptoir.demo.stage import DESKS, numbers
from comptoir.events import Verb
from comptoir.events.models import Event, EventSubject
from comptoir.files.models import File, path_of
from comptoir.orders.models import Order
from comptoir.people import system
from comptoir.people.models import Member

STATES = {"new": 3, "open": 8, "waiting": 5, "resolved": 4, "closed": 80}
WORKED_ON = ("new", "open", "waiting")
EVERY_RARE = 1_500  # one case in so many says the rare word
SUBJECTS = {
    "en": "{po}: position {pos}", "fr": "{po} : position {pos}", "da": "{po}: linje {pos}", "sk": "{po}: položka {pos}",
    "bg": "{po}: позиция {pos}",
}  # fmt: skip
PAGE_MESSAGES = 20


class Table:
    """Rows of a model to be written by COPY, each with an id of its own; columns nobody names get their defaults."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model, self.rows = model, list[tuple[Any, ...]]()
        fields = [f for f in model._meta.concrete_fields if not f.generated]
        self.columns = [f'"{f.column}"' for f in fields]
        self.names = {f.attname: place for place, f in enumerate(fields)}
        self.makers: list[Callable[[], Any]] = [f._get_default for f in fields]  # type: ignore[attr-defined]
        self.next = 1 if "id" not in self.names else (model._base_manager.aggregate(m=models.Max("pk"))["m"] or 0) + 1

    def add(self, **values: Any) -> int:
        """Note a row; its id."""
        row: list[Any] = [values.pop(name) if name in values else make() for name, make in self._pairs()]
        if values:
            raise TypeError(f"{self.model.__name__} has no {sorted(values)}.")
        if "id" in self.names:
            row[self.names["id"]] = self.next
        self.rows.append(tuple(json.dumps(v) if isinstance(v, dict | list) else v for v in row))
        self.next += 1
        return self.next - 1

    def _pairs(self) -> list[tuple[str, Callable[[], Any]]]:
        return list(zip(self.names, self.makers, strict=True))

    def write(self) -> None:
        copy(self.model._meta.db_table, self.columns, self.rows)
        self.rows.clear()

    def finish(self) -> None:
        self.write()
        if "id" in self.names:
            clone.restart(self.model)


@dataclass(frozen=True, slots=True)
class Client:
    """Who writes: a person, their company, an order of it, and what our side is."""

    customer_id: int
    contact_id: int
    name: str
    email: str
    language: str
    orders: Sequence[tuple[int, str, str]]


class Pen:
    """Everything the cases are written with."""

    def __init__(self, now: datetime, random: Random) -> None:
        self.now, self.random, self.writer = now, random, Writer(random)
        kinds: list[type[models.Model]] = [
            Case, Conversation, File, Message, Recipient, RawMail, Ask, CaseLink, Event, EventSubject,
        ]  # fmt: skip
        self.tables = {kind: Table(kind) for kind in kinds}
        self.system = system()
        self.members = {m.name: m for m in Member.objects.all()}
        self.inboxes = {i.language: i for i in Inbox.objects.exclude(name="Accounts")}
        self.clients = _clients()
        self.serial = 0

    def add(self, model: type[models.Model], **values: Any) -> int:
        return self.tables[model].add(**values)

    def event(self, verb: Verb, by: Member, on: list[tuple[str, int]], at: datetime, team: int, **data: Any) -> None:
        event = self.add(
            Event, verb=verb.name, actor_id=by.pk, data=verb.encode(data), occurred_at=at, recorded_at=at,
            scope_team_id=team,
        )  # fmt: skip
        for noun, pk in on:
            self.add(EventSubject, noun=noun, object_id=pk, occurred_at=at, event_id=event)


def _clients() -> list[Client]:
    orders: dict[int, list[tuple[int, str, str]]] = {}
    for pk, customer, number, po in Order.objects.values_list("pk", "customer_id", "number", "po_number"):
        orders.setdefault(customer, []).append((pk, number, po))
    rows = Identity.objects.filter(kind="email").exclude(contact=None).select_related("customer", "contact")
    return [
        Client(
            row.customer_id, row.contact_id, row.contact.name, row.value, row.customer.language, orders[row.customer_id]
        )
        for row in rows.order_by("pk")
        if row.customer_id in orders
    ]


def write(count: int, now: datetime, random: Random) -> None:
    """Write the cases, oldest first."""
    pen = Pen(now, random)
    states = random.choices(list(STATES), weights=list(STATES.values()), k=count)
    ages = sorted((_age(state, random), state) for state in states)[::-1]
    for serial, (number, (age, state)) in enumerate(zip(numbers(count), ages, strict=True)):
        _Writing(pen, number, state, now - timedelta(hours=age), serial).write()
        if serial % 500 == 499:
            for table in pen.tables.values():
                table.write()
    with connection.cursor() as cursor:
        for table in pen.tables.values():
            table.finish()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _age(state: str, random: Random) -> float:
    """How many hours ago a case's last message came."""
    least, most = {
        "new": (0.3, 20), "open": (0.5, 90), "waiting": (4, 200), "resolved": (24, 330), "closed": (340, 17_000),
    }[state]  # fmt: skip
    return random.uniform(least, most)


class _Writing:
    """One case under way."""

    def __init__(self, pen: Pen, number: str, state: str, last_at: datetime, serial: int) -> None:
        self.pen, self.number, self.state, self.last_at, self.serial = pen, number, state, last_at, serial
        random = pen.random
        self.client = random.choice(pen.clients)
        self.language = self.client.language
        self.inbox = pen.inboxes[self.language]
        self.rep = pen.members[random.choice(DESKS[self.language])]
        self.order = random.choice(self.client.orders)
        self.subject = SUBJECTS[self.language].format(po=self.order[2], pos=random.randint(1, 6) * 10)
        self.known: list[str] = []
        self.case = self.conversation = 0
        self.last_text = ""

    def write(self) -> None:
        random = self.pen.random
        size = PAGE_MESSAGES if self.serial % 2 else max(1, round(random.gauss(20, 6)))
        gaps = [random.expovariate(1 / 9) + 0.05 for _ in range(size)]
        moments = [self.last_at - timedelta(hours=sum(gaps[at + 1 :])) for at in range(size)]
        self.case = self.pen.tables[Case].next
        self.conversation = self.pen.tables[Conversation].next
        said = [self._say(moment, at, size) for at, moment in enumerate(moments)]
        self._open(moments, said)

    def _open(self, moments: list[datetime], said: list[tuple[str, str]]) -> None:
        pen, now, is_done = self.pen, self.pen.now, self.state in ("resolved", "closed")
        inbound = [at for at, (direction, _t) in zip(moments, said, strict=True) if direction == "in"]
        outbound = [at for at, (direction, _t) in zip(moments, said, strict=True) if direction == "out"]
        until = now + timedelta(hours=pen.random.uniform(6, 120)) if self.state == "waiting" else None
        pen.add(
            Case, number=self.number, subject=self.subject, type=pen.random.choice(("inquiry", "delivery", "change")),
            state=self.state, waiting_on=pen.random.choice(("customer", "until", "department")) if until else "",
            waiting_until=until, customer_id=self.client.customer_id, contact_id=self.client.contact_id,
            inbox_id=self.inbox.pk, team_id=self.inbox.team_id,
            owner_id=None if self.state == "new" else self.rep.pk, language=self.language,
            snippet=" ".join(said[-1][1].split())[:160], is_unread=not is_done and said[-1][0] == "in",
            created_at=moments[0], last_message_at=moments[-1], last_inbound_at=inbound[-1],
            next_update_at=None if is_done else until or now + timedelta(hours=pen.random.uniform(-4, 30)),
            first_response_at=outbound[0] if outbound else None,
            resolved_at=moments[-1] + timedelta(minutes=9) if is_done else None,
            resolution="Settled with the customer" if is_done else "", solved_in_contact=False if is_done else None,
        )  # fmt: skip
        pen.add(
            Conversation, case_id=self.case, channel="email", inbox_id=self.inbox.pk, subject=self.subject,
        )  # fmt: skip
        pen.add(CaseLink, case_id=self.case, noun="order", object_id=self.order[0], how="po", positions=[10])
        on = [("case", self.case), ("customer", self.client.customer_id)]
        team = self.inbox.team_id
        pen.event(verbs.OPENED, pen.system, on, moments[0], team, subject=self.subject)
        pen.event(
            verbs.LINKED, pen.system, [("case", self.case), ("order", self.order[0])], moments[0], team,
            to=self.order[1], how="po",
        )  # fmt: skip
        if is_done:
            pen.event(
                verbs.RESOLVED, self.rep, on, moments[-1] + timedelta(minutes=9), team, resolution="Settled"
            )  # fmt: skip

    def _say(self, at: datetime, place: int, size: int) -> tuple[str, str]:
        roll = self.pen.random.random()
        text = self.pen.writer.text(self.language, self.order[2])
        if place == 0 and self.serial % EVERY_RARE == 7:
            text += f" {RARE}"
        if place == 0 and self.serial % 4 == 0:
            text += f" {COMMON[self.language]}"
        direction = "in" if place == 0 or roll < 0.5 else "out" if roll < 0.9 else "internal"
        if self.state == "new":
            direction = "in"
        {"in": self._in, "out": self._out, "internal": self._note}[direction](at, text, place)
        if direction != "internal":
            self.last_text = text
        return direction, text

    def _message(self, at: datetime, text: str, direction: str, **more: Any) -> int:
        return self.pen.add(
            Message, case_id=self.case, conversation_id=self.conversation, direction=direction, text=text,
            language=self.language, occurred_at=at, recorded_at=at, **more,
        )  # fmt: skip

    def _in(self, at: datetime, text: str, place: int) -> None:
        pen, client = self.pen, self.client
        message_id = self._message_id(client.email.split("@")[1])
        file = self._raw(at, text, message_id) if self.state in WORKED_ON else None
        pk = self._message(
            at, text, "in", contact_id=client.contact_id, sender_name=client.name, sender_address=client.email,
            subject=self.subject, quoted=self._quoted(), html=pen.writer.html(text) if pen.random.random() < 0.3 else "",
            message_id=message_id, in_reply_to=self.known[-2] if place else "", raw_file_id=file,
        )  # fmt: skip
        pen.add(Recipient, message_id=pk, role="to", name=self.inbox.sender_name, address=self.inbox.address)
        self._received(pk, at, file)
        if place == 0:
            self._ask(pk, at, text)

    def _raw(self, at: datetime, text: str, message_id: str) -> int:
        """The bytes of a mail whose case is still worked on lie on disk as those of a real one do."""
        raw = f"Message-ID: {message_id}\r\nSubject: {self.subject}\r\n\r\n{text}\r\n".encode()
        digest = hashlib.sha256(raw).hexdigest()
        path = path_of(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return self.pen.add(File, sha256=digest, size=len(raw), content_type="message/rfc822", created_at=at)

    def _received(self, pk: int, at: datetime, file: int | None) -> None:
        pen = self.pen
        if file is not None:
            digest = hashlib.sha256(f"{pk}".encode()).hexdigest()
            pen.add(
                RawMail, inbox_id=self.inbox.pk, source="pipe", key=digest, sha256=digest, file_id=file, received_at=at,
                state="filed", message_id=pk,
            )  # fmt: skip
        on = [("case", self.case), ("customer", self.client.customer_id)]
        pen.event(verbs.RECEIVED, pen.system, on, at, self.inbox.team_id, channel="E-mail", sender=self.client.name)

    def _ask(self, pk: int, at: datetime, text: str) -> None:
        wish = text.split("\n")[0][:200]
        state = "open" if self.state in WORKED_ON else "answered"
        self.pen.add(Ask, case_id=self.case, text=wish, state=state, message_id=pk, created_at=at)
        self.pen.event(verbs.ASK_ADDED, self.pen.system, [("case", self.case)], at, self.inbox.team_id, text=wish)

    def _out(self, at: datetime, text: str, place: int) -> None:
        pen, inbox = self.pen, self.inbox
        answered = self.known[-1]
        pk = self._message(
            at, f"{text}\n\n{self.rep.signature}", "out", state="sent", author_id=self.rep.pk,
            sender_name=f"{self.rep.name} – {inbox.sender_name}", sender_address=inbox.address,
            subject=f"Re: {self.subject}", message_id=self._message_id("lyskamp.example"), in_reply_to=answered,
            references=" ".join(self.known[-20:-1]),
        )  # fmt: skip
        pen.add(
            Recipient, message_id=pk, role="to", name=self.client.name, address=self.client.email, state="sent", tries=1,
            at=at,
        )  # fmt: skip
        on = [("case", self.case), ("customer", self.client.customer_id)]
        pen.event(verbs.REPLIED, self.rep, on, at, inbox.team_id, to=self.client.email)
        pen.event(verbs.SENT, pen.system, on, at + timedelta(seconds=12), inbox.team_id, to=self.client.email)

    def _note(self, at: datetime, text: str, place: int) -> None:
        self._message(at, text[:300], "internal", author_id=self.rep.pk, sender_name=self.rep.name)
        self.pen.event(verbs.NOTED, self.rep, [("case", self.case)], at, self.inbox.team_id)

    def _quoted(self) -> str:
        return "\n".join(f"> {line}" for line in self.last_text.splitlines())

    def _message_id(self, host: str) -> str:
        self.pen.serial += 1
        made = f"<{self.pen.serial:07d}.{self.pen.random.getrandbits(40):010x}@{host}>"
        self.known.append(made)
        return made
