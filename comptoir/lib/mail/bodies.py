"""The parts of a mail: the text, the HTML, and what is attached."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any, TypeAlias

from comptoir.lib.mail.charsets import decode, tidy
from comptoir.lib.mail.flowed import unfold
from comptoir.lib.mail.headers import text_of

Mail: TypeAlias = "Message[Any, Any]"
LONGEST_NAME = 200
TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_TYPE = re.compile(r"^[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}$")
_ENDINGS = {
    "message/rfc822": "eml", "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/rfc822-headers": "txt",
    "message/delivery-status": "txt", "message/disposition-notification": "txt", "application/pgp-encrypted": "txt",
    "application/pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m",
}  # fmt: skip
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a mail."""

    name: str
    content_type: str
    content_id: str
    data: bytes


@dataclass(slots=True)
class Bodies:
    """What the parts of a mail hold."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(text.strip("\n") for text in self.texts if text.strip())

    @property
    def html(self) -> str:
        return "\n<hr>\n".join(self.htmls)

    @property
    def attached(self) -> tuple[Attached, ...]:
        return tuple(self.files)


def gather(mail: Mail) -> Bodies:
    """Sort every part; attached mails stay whole as .eml files."""
    bodies = Bodies()
    for part in _leaves(mail):
        content_type = type_of(part)
        if content_type in TNEF:
            _open_tnef(part, bodies)
        elif _is_text(part, content_type):
            _add_text(part, content_type, bodies)
        else:
            bodies.files.append(_attached(part, content_type, len(bodies.files)))
    return bodies


def _leaves(mail: Mail) -> Iterator[Mail]:
    """Parts without parts in their order; a mail inside counts as one."""
    open_parts = [mail]
    while open_parts:
        part = open_parts.pop()
        children: Any = part.get_payload()
        if isinstance(children, list) and (part is mail or part.get_content_maintype() == "multipart"):
            open_parts += reversed(children)
        else:
            yield part


def type_of(part: Mail) -> str:
    """The content type in its plain form; anything odd is only bytes."""
    name = part.get_content_type().lower()
    return name if _TYPE.match(name) else "application/octet-stream"


def _is_text(part: Mail, content_type: str) -> bool:
    if isinstance(part.get_payload(), list) or disposition_of(part) == "attachment":
        return False
    if content_type.startswith("multipart/"):  # a multipart without parts: its text stands where they should be
        return True
    return content_type in ("text/plain", "text/html") and not name_of(part)


def _add_text(part: Mail, content_type: str, bodies: Bodies) -> None:
    text = decode(data_of(part), parameter(part, "charset")).replace("\r\n", "\n").replace("\r", "\n")
    if content_type == "text/html":
        bodies.htmls.append(text)
        return
    if parameter(part, "format").lower() == "flowed":
        text = unfold(text, delete_space=parameter(part, "delsp").lower() == "yes")
    bodies.texts.append(text)


def _attached(part: Mail, content_type: str, position: int) -> Attached:
    content_id = text_of(str(part.get("content-id") or "")).strip("<> ")[:200]
    name = name_of(part) or _default_name(content_type, position)
    return Attached(name, content_type, content_id, data_of(part))


def _default_name(content_type: str, position: int) -> str:
    ending = _ENDINGS.get(content_type) or content_type.rpartition("/")[2].split("+")[0].removeprefix("x-")[:10]
    return f"part-{position + 1}.{ending}"


def data_of(part: Mail) -> bytes:
    """The decoded bytes of a part; of a mail inside, the mail."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return b"\r\n".join(_whole(child) for child in payload)
    try:
        data: Any = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        data = None
    return data if isinstance(data, bytes) else str(payload or "").encode("utf-8", "surrogateescape")


def _whole(mail: Mail) -> bytes:
    try:
        return mail.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError):
        return str(mail.get_payload()).encode("utf-8", "surrogateescape")


def name_of(part: Mail) -> str:
    """The file name a part was sent under, without folders, controls and direction marks."""
    raw = parameter(part, "filename", "content-disposition") or parameter(part, "name")
    plain = _UNSAFE_NAME.sub(" ", text_of(raw).replace("\\", "/").rpartition("/")[2])
    return _shortened(" ".join(plain.split()).strip(". "))


def _shortened(name: str) -> str:
    """At most so many characters, and still with its ending."""
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    end = dot + ending if stem and len(ending) <= 10 else ""
    return name[: LONGEST_NAME - len(end)] + end


def disposition_of(part: Mail) -> str:
    return str(part.get("content-disposition") or "").partition(";")[0].strip().lower()


def parameter(part: Mail, name: str, header: str = "content-type") -> str:
    """A parameter of a header, RFC 2231 put together; empty when it is missing or broken."""
    try:
        value: Any = part.get_param(name, header=header)
        return tidy(collapse_rfc2231_value(value)) if value else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _open_tnef(part: Mail, bodies: Bodies) -> None:
    """Outlook's winmail.dat: its files and its text; where it cannot be opened, itself."""
    from tnefparse import TNEF as Opened  # loaded when needed: few mails have one

    data = data_of(part)
    try:
        opened = Opened(data)
        files = [_from_tnef(found, len(bodies.files) + at) for at, found in enumerate(opened.attachments)]
        html, text = opened.htmlbody, opened.body
    except Exception:
        bodies.files.append(_attached(part, TNEF[0], len(bodies.files)))
        return
    bodies.files += files
    if html and not bodies.htmls:
        bodies.htmls.append(decode(html) if isinstance(html, bytes) else tidy(str(html)))
    if text and not bodies.texts:
        bodies.texts.append(decode(text) if isinstance(text, bytes) else tidy(str(text)))


def _from_tnef(found: Any, position: int) -> Attached:
    name = " ".join(_UNSAFE_NAME.sub(" ", tidy(str(found.long_filename() or found.name or ""))).split())[:200]
    return Attached(name or f"part-{position + 1}.bin", "application/octet-stream", "", bytes(found.data))
