"""Delivery reports (RFC 3464): which address a mail did not reach, and which mail that was."""

import re
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeAlias

from comptoir.lib.mail.addresses import people_in
from comptoir.lib.mail.headers import ids_in, text_of

Mail: TypeAlias = "Message[Any, Any]"
_ADDRESS_TYPE = re.compile(r"^[\w-]+\s*;\s*")


@dataclass(frozen=True, slots=True)
class Report:
    """The addresses a mail did not reach for good, why, and the Message-ID of that mail."""

    message_id: str
    failed: tuple[tuple[str, str], ...]

    @property
    def bounced(self) -> tuple[str, ...]:
        return tuple(address for address, _reason in self.failed)


def report_in(mail: Mail) -> Report | None:
    """The report a mail is, or None."""
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    message_id, failed = "", []
    parts: Any = mail.get_payload()
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failed += _failures(part)
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            message_id = message_id or _id_of_original(part)
    return Report(message_id, tuple(failed[:100]))


def _failures(part: Mail) -> list[tuple[str, str]]:
    blocks: Any = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        if _field(block, "action").lower() != "failed":
            continue
        named = _ADDRESS_TYPE.sub("", _field(block, "original-recipient") or _field(block, "final-recipient"))
        for _name, address in people_in(named, 1):
            why = _ADDRESS_TYPE.sub("", _field(block, "diagnostic-code")) or _field(block, "status")
            found.append((address, why[:300]))
    return found


def _field(block: Mail, name: str) -> str:
    return text_of(str(block.get(name) or ""))


def _id_of_original(part: Mail) -> str:
    payload: Any = part.get_payload()
    if isinstance(payload, list) and payload:
        value = str(payload[0].get("message-id") or "")
    else:
        found = re.search(r"^message-id:\s*(<[^>\r\n]{1,250}>)", str(payload)[:65_536], re.IGNORECASE | re.MULTILINE)
        value = found[1] if found else ""
    return next(iter(ids_in(value)), "")
