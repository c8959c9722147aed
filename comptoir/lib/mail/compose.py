"""Outgoing mail as bytes. Whatever stands in a name or a subject, it cannot become another header or recipient."""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email import encoders
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Any

_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\x85]+")
_ID = re.compile(r"^<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>$")
_LINK = re.compile(r"\bhttps?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
POLICY = compat32.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file to send."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent; `to` and `cc` are names with addresses, blind copies stand only on the envelope."""

    message_id: str
    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    subject: str
    text: str
    date: datetime
    cc: tuple[tuple[str, str], ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    language: str = ""
    quoted: str = ""
    html: str = ""
    enclosed: tuple[Enclosed, ...] = ()
    is_automatic: bool = False


def compose(mail: Outgoing) -> bytes:
    """The bytes to send. Raises ValueError when an address or the Message-ID cannot stand in a header."""
    whole = _content(mail)
    whole["Message-ID"] = _id(mail.message_id)
    whole["Date"] = format_datetime(mail.date)
    whole["From"] = person(*mail.sender)
    whole["To"] = ", ".join(person(*p) for p in mail.to)
    if mail.cc:
        whole["Cc"] = ", ".join(person(*p) for p in mail.cc)
    whole["Subject"] = Header(_line(mail.subject), None if mail.subject.isascii() else _UTF8, header_name="Subject")
    if mail.in_reply_to:
        whole["In-Reply-To"] = _id(mail.in_reply_to)
    if references := [r for r in mail.references if _ID.match(r)]:
        whole["References"] = " ".join(references)
    if mail.language:
        whole["Content-Language"] = re.sub(r"[^A-Za-z-]", "", mail.language)[:10]
    if mail.is_automatic:
        whole["Auto-Submitted"] = "auto-replied"
        whole["X-Loop"] = ascii_address(mail.sender[1])
    return whole.as_bytes(policy=POLICY)


def person(name: str, address: str) -> str:
    """Name and address for a header."""
    return formataddr((_line(name), ascii_address(address)), _UTF8)


def ascii_address(address: str) -> str:
    """The address as SMTP takes it everywhere, its domain in IDNA. Raises ValueError where that cannot be."""
    local, _at, domain = address.rpartition("@")
    if not local or not domain or _CONTROLS.search(address) or any(c in address for c in ' ,;<>()[]\\"\t'):
        raise ValueError(f"not an address: {address!r}")
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"


def _line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _id(value: str) -> str:
    if not _ID.match(value):
        raise ValueError(f"not a Message-ID: {value!r}")
    return value


def _content(mail: Outgoing) -> "Message[Any, Any]":
    text = f"{mail.text}\n\n{mail.quoted}" if mail.quoted else mail.text
    both = MIMEMultipart("alternative")
    both.attach(_text(text, "plain"))
    both.attach(_text(mail.html or html_of(text), "html"))
    if not mail.enclosed:
        return both
    whole = MIMEMultipart("mixed")
    whole.attach(both)
    for file in mail.enclosed:
        whole.attach(_file(file))
    return whole


def _text(content: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype)
    part.set_payload(content.replace("\r\n", "\n"), _UTF8)
    return part


def _file(file: Enclosed) -> MIMEBase:
    main, _slash, sub = file.content_type.partition("/")
    if main in ("multipart", "message", "") or not sub:  # they may not be encoded (RFC 2046, 5.2.1)
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub)
    part.set_payload(file.data)
    encoders.encode_base64(part)
    name = _line(file.name) or "file"
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    if file.content_id:
        part["Content-ID"] = f"<{re.sub(r'[^!-;=?-~]', '', file.content_id)}>"
    return part


def html_of(text: str) -> str:
    """Plain text as simple HTML: paragraphs, line ends and links."""
    blocks = (_paragraph(block) for block in re.split(r"\n{2,}", text.strip("\n")))
    return f"<!DOCTYPE html><html><body>\n{''.join(blocks)}</body></html>\n"


def _paragraph(block: str) -> str:
    pieces, end = [], 0
    for link in _LINK.finditer(block):
        address = html.escape(link[0])
        pieces += [html.escape(block[end : link.start()]), f'<a href="{address}">{address}</a>']
        end = link.end()
    pieces.append(html.escape(block[end:]))
    return f"<p>{'<br>'.join(''.join(pieces).splitlines())}</p>\n"
