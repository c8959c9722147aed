"""Bytes from mails as text that a database takes: real mail lies about its charset, so what is proven comes first."""

import codecs
import re

from charset_normalizer import from_bytes

SAMPLE_BYTES = 32_768
# Escape-sequence charsets are valid ASCII and UTF-8 too: for them the declaration comes first.
_STATEFUL = re.compile(r"^(iso2022|hz|utf[_-]?7|utf[_-]?16|utf[_-]?32)", re.IGNORECASE)
# Codecs that Python counts as text but that no mail is written in; some take quadratic time.
_NEVER = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"}
# Labels as the WHATWG Encoding Standard reads them: the superset that senders mean.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "ansi": "cp1252",
    "x-sjis": "cp932",
    "cp-850": "cp850",
    "x-mac-cyrillic": "mac_cyrillic",
}
_LIKELY = [
    "cp1250",
    "cp1251",
    "cp1252",
    "koi8_r",
    "iso8859_2",
    "iso8859_5",
    "cp1253",
    "cp1254",
    "gb18030",
    "cp932",
    "big5",
]


def decode(data: bytes, declared: str = "") -> str:
    """The text in some bytes: as UTF-8, else as declared, else as recognised, else as Latin-1; it never fails."""
    codec = codec_of(declared)
    if codec and _STATEFUL.match(codec):
        return tidy(_strictly(data, codec) or data.decode(codec, "replace"))
    for candidate in ("utf-8-sig", codec):
        text = _strictly(data, candidate)
        if text is not None:
            return tidy(text)
    if codec == "utf-8":
        return tidy(data.decode("utf-8", "replace")) if _mostly_utf8(data) else tidy(_recognised(data))
    return tidy(_recognised(data))


def codec_of(label: str) -> str:
    """Python's name for a charset label, or nothing when there is none we would trust."""
    name = label.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name if name else ""
    except (LookupError, ValueError):
        return ""
    return "" if found in _NEVER else _MEANT.get(found, found)


def tidy(text: str) -> str:
    """The text without what PostgreSQL refuses: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _strictly(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        return data.decode(codec)
    except (LookupError, ValueError):  # UnicodeDecodeError is one; a codec that is not for text raises LookupError
        return None


def _mostly_utf8(data: bytes) -> bool:
    wrong = data.decode("utf-8", "replace").count("\ufffd")
    return wrong * 20 < max(1, sum(byte > 127 for byte in data[:SAMPLE_BYTES]))


def _recognised(data: bytes) -> str:
    best = from_bytes(data[:SAMPLE_BYTES], cp_isolation=_LIKELY).best()
    text = _strictly(data, best.encoding) if best else None
    return text if text is not None else data.decode("latin-1")
