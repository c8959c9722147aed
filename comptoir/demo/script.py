"""Threads: what is said in a case, by whom, and how long after; the cast is put in later."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from string import Template
from typing import Any

from comptoir.demo import CONTENT, content

LANGUAGES = ("en", "fr", "da", "sk", "bg")
INTERNAL = ("note", "call", "visit")  # written in the house's language
LOGGED = {"call": "phone", "letter": "letter", "fax": "fax", "visit": "visit"}

# What a matter makes of a case: its type.
MATTERS = {
    "late": "delivery", "pull_in": "change", "push_out": "change", "wrong_part": "return", "damage": "complaint",
    "short": "delivery", "price": "billing", "invoice": "billing", "certificate": "inquiry", "quote": "inquiry",
    "complaint": "complaint", "pickup": "return", "lost": "delivery", "duplicate": "order", "ship_to": "change",
    "technical": "inquiry", "customs": "delivery", "praise": "feedback", "escalation": "complaint",
    "chasing": "delivery", "ooo": "inquiry", "spam": "inquiry", "cancel": "change", "callback": "inquiry",
    "order": "order", "status": "inquiry",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Say:
    """One message: who (customer, us, note, call, letter, fax, visit, stranger) and hours after the one before.

    `by` names a colleague who wrote a note; `files` are kinds of attachments (see papers); `html`: written with formats.
    """

    who: str
    text: str
    after: float = 0
    by: str = ""
    files: tuple[str, ...] = ()
    html: bool = False

    @property
    def is_inbound(self) -> bool:
        return self.who in ("customer", "stranger") or self.who in LOGGED


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation with its outcome; `needs` and `kind` say what the order and the product have to be like."""

    language: str
    matter: str
    subject: str
    says: tuple[Say, ...]
    needs: str = "any"
    state: str = "open"
    priority: str = "normal"
    waiting_on: str = ""
    promise: str = ""
    promise_kind: str = "answer"
    resolution: str = ""
    is_automatic: bool = False
    tags: tuple[str, ...] = field(default=())
    kind: str = ""
    country: str = ""
    owner: str = ""
    flag: str = ""
    bounce: str = ""
    is_snoozed: bool = False

    @property
    def type(self) -> str:
        return MATTERS[self.matter]

    @property
    def has_ended(self) -> bool:
        return self.state in ("resolved", "closed")

    @property
    def least(self) -> int:
        """The smallest quantity the text makes sense with."""
        names = set(names_in(self))
        return 4 if "half" in names else 2 if names & {"quantity", "rest"} else 1

    @property
    def is_about_order(self) -> bool:
        """True when it names the order, so that the case is linked with it."""
        return bool(set(names_in(self)) & {"po", "order", "invoice", "tracking"})


@cache
def written() -> tuple[Thread, ...]:
    """The threads written by hand, in all languages, in the order of their files."""
    names = sorted(path.stem for path in (CONTENT / "threads").glob("*.toml"))
    return tuple(_thread(name[:2], row) for name in names for row in content(f"threads/{name}")["threads"])


def _thread(language: str, row: dict[str, Any]) -> Thread:
    told = {k: v for k, v in row.items() if k not in ("say", "auto", "tags", "snoozed")}
    if row.get("state", "open") in ("open", "waiting"):
        told.setdefault("owner", content("plan")[language]["desk"])
    says = tuple(
        Say(
            s["who"],
            s["text"].strip(),
            s.get("after", 0),
            s.get("by", ""),
            tuple(s.get("files", ())),
            s.get("html", False),
        )
        for s in row["say"]
    )
    return Thread(
        language=language, says=says, is_automatic=row.get("auto", False), tags=tuple(row.get("tags", ())),
        is_snoozed=row.get("snoozed", False), **told,
    )  # fmt: skip


def fill(text: str, names: dict[str, str]) -> str:
    """The text with its $names; an unknown one is an error."""
    return Template(text).substitute(names)


def names_in(thread: Thread) -> Iterator[str]:
    """Every $name a thread uses."""
    for text in (thread.subject, *(say.text for say in thread.says)):
        yield from re.findall(r"\$([a-z_]+)", text)
