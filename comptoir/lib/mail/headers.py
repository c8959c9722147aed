"""Header values as text (RFC 2047, tolerantly), dates, and the identifiers of a thread."""

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz

from comptoir.lib.mail.charsets import decode, tidy

HEADER_BYTES = 65_536
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ID = re.compile(r"<[^<>\s]{1,250}>")
# What no line of text has: controls, line ends of any kind, and marks that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_FOLD = re.compile(r"\r?\n[ \t]?|\r")


def text_of(value: str) -> str:
    """A raw header (bytes above 127 as surrogates) as readable text on one line."""
    line = _FOLD.sub(" ", value[:HEADER_BYTES])
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(line):
        between = line[end : word.start()]
        name = word[1].partition("*")[0]
        if pending and (between.strip() or name.lower() != charset.lower()):
            pieces.append(decode(pending, charset))
            pending = b""
        if between.strip() or not end:
            pieces.append(_plain(between))
        pending, charset, end = pending + _bytes_of(word), name, word.end()
    pieces += [decode(pending, charset) if pending else "", _plain(line[end:])]
    return _UNSEEN.sub(" ", "".join(pieces)).strip()


def _plain(text: str) -> str:
    return tidy(text) if text.isascii() else decode(text.encode("utf-8", "surrogateescape"))


def _bytes_of(word: re.Match[str]) -> bytes:
    content = word[3].encode("ascii", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(content, header=True)
    try:
        return base64.b64decode(content.rstrip(b"=") + b"=" * (-len(content.rstrip(b"=")) % 4))
    except binascii.Error:
        return content


def ids_in(value: str, most: int = 100) -> tuple[str, ...]:
    """Every <message-id> of a header in its order; the last ones when there are too many."""
    return tuple(dict.fromkeys(_ID.findall(value[:HEADER_BYTES])))[-most:]


def date_of(value: str) -> datetime | None:
    """The moment a Date header names, in UTC; None when it cannot be read."""
    try:
        parsed = parsedate_tz(value[:200])
        return datetime.fromtimestamp(mktime_tz(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
