"""Reading a raw mail: compat32 parsing with our own decoding, since `policy.default` raises on real mail and takes
quadratic time on some headers. Hostile mails are bounded here by counts, and by the worker in time and memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.feedparser import BytesFeedParser
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from typing import Any, TypeAlias

from comptoir.lib.mail import automatic
from comptoir.lib.mail.addresses import Person, people_in
from comptoir.lib.mail.bodies import Attached, Bodies, gather
from comptoir.lib.mail.bounces import Report, report_in
from comptoir.lib.mail.charsets import tidy
from comptoir.lib.mail.headers import HEADER_BYTES, date_of, ids_in, text_of
from comptoir.lib.mail.limits import MAX_ADDRESSES, MAX_BYTES, MAX_DEPTH, MAX_HEADER, MAX_PARTS, Unreadable
from comptoir.lib.mail.tokens import tokens_in

Mail: TypeAlias = "Message[Any, Any]"


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What a mail says; `text` is what its sender wrote, `quoted` the folded tail, `html` is safe to show."""

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Person
    reply_to: tuple[Person, ...]
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    subject: str
    date: datetime | None
    text: str
    html: str
    attachments: tuple[Attached, ...]
    auto_reason: str
    report: Report | None
    tokens: tuple[str, ...]
    quoted: str = ""
    html_version: int = 0


def parse(raw: bytes) -> ParsedMail:
    """The mail in some bytes, as it stands there: quotes not split, HTML not cleaned. Raises only Unreadable."""
    if len(raw) > MAX_BYTES:
        raise Unreadable("too large")
    if not raw.strip():
        raise Unreadable("empty")
    try:
        mail = _tree(raw)
        return _read(mail, gather(mail))
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("parts nested too deeply") from None
    except MemoryError:
        raise Unreadable("it takes too much memory") from None
    except Exception as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def recipients_of(raw: bytes) -> tuple[Person, ...]:
    """Everybody a mail's header says it went to, the last server's word first; nothing of the body is read."""
    first = _first_values(BytesHeaderParser(policy=compat32).parsebytes(raw[:MAX_HEADER]))
    names = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
    return tuple(person for name in names for person in _people(first.get(name, "")))


class _Part(Message):
    """A part whose charset is a word that can be looked up, whatever is written there."""

    def get_param(self, param: str, *args: Any, **kwargs: Any) -> Any:
        value = super().get_param(param, *args, **kwargs)
        if param != "charset" or not value:
            return value
        return collapse_rfc2231_value(value).encode("ascii", "ignore").decode().replace("\0", "")


def _tree(raw: bytes) -> Mail:
    """The parsed parts, counted while they are made."""
    made = 0

    def part(policy: Any = compat32) -> Mail:
        nonlocal made
        made += 1
        if made > MAX_PARTS + 1:  # the parser makes one to see how
            raise Unreadable("too many parts")
        return _Part(policy=policy)

    parser: Any = BytesFeedParser(part, policy=compat32)
    parser.feed(raw)
    mail: Mail = parser.close()
    if any(depth > MAX_DEPTH for depth in _depths(mail)):
        raise Unreadable("parts nested too deeply")
    return mail


def _depths(mail: Mail) -> Iterator[int]:
    open_parts = [(mail, 0)]
    while open_parts:
        part, depth = open_parts.pop()
        yield depth
        payload: Any = part.get_payload()
        if isinstance(payload, list):
            open_parts += [(child, depth + 1) for child in payload]


def _read(mail: Mail, bodies: Bodies) -> ParsedMail:
    first = _first_values(mail)
    value: Callable[[str], str] = lambda name: first.get(name, "")  # noqa: E731
    sender = _sender(value)
    references = ids_in(value("references"))
    in_reply_to = next(iter(ids_in(value("in-reply-to"))), "")
    return ParsedMail(
        message_id=next(iter(ids_in(value("message-id"))), ""),
        in_reply_to=in_reply_to,
        references=references,
        sender=sender,
        reply_to=_people(value("reply-to")),
        to=_people(value("to")),
        cc=_people(value("cc")),
        subject=text_of(value("subject"))[:1_000],
        date=date_of(value("date")),
        text=bodies.text,
        html=bodies.html,
        attachments=bodies.attached,
        auto_reason=automatic.reason(first, sender[1]),
        report=report_in(mail),
        tokens=tokens_in(*references, in_reply_to, value("to"), value("cc"), value("delivered-to")),
    )


def _first_values(mail: Mail) -> dict[str, str]:
    """Lower-case names with the first value of each header, raw and cut to its limit."""
    first: dict[str, str] = {}
    for name, value in mail.raw_items():
        first.setdefault(name.lower(), str(value)[:HEADER_BYTES])
    return first


def _people(value: str) -> tuple[Person, ...]:
    """Everybody in a header: encoded words are decoded name by name, so that a comma in one does not split it."""
    raw = people_in(tidy(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")), MAX_ADDRESSES)
    return tuple((text_of(name)[:200], address) for name, address in raw)


def _sender(value: Callable[[str], str]) -> Person:
    for name in ("from", "sender", "reply-to", "return-path"):
        people = _people(value(name))
        if people:
            return people[0]
    return "", ""
