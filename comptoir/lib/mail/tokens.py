"""The signed token by which an answer finds its case: it stands in our Message-IDs, so it comes back in References."""

import base64
import hashlib
import hmac
import re

TOKEN = re.compile(r"\bct(\d{1,15})-([a-z2-7]{26})\b", re.IGNORECASE)


def make(key: str, case_id: int) -> str:
    """The token of a case: its id and 128 bits of an HMAC-SHA256 over it."""
    return f"ct{case_id}-{_signature(key, case_id)}"


def verify(key: str, token: str) -> int | None:
    """The case a token was made for with this key, or None."""
    found = TOKEN.fullmatch(token)
    if found is None:
        return None
    case_id, signature = int(found[1]), found[2].lower()
    return case_id if hmac.compare_digest(signature, _signature(key, case_id)) else None


def tokens_in(*texts: str) -> tuple[str, ...]:
    """Everything in headers that looks like one of our tokens."""
    return tuple(dict.fromkeys(found[0] for text in texts for found in TOKEN.finditer(text)))


def _signature(key: str, case_id: int) -> str:
    digest = hmac.new(key.encode(), f"comptoir.thread.{case_id}".encode(), hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()
