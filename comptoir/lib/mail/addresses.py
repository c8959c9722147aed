"""Address lists as they stand in headers, read in one pass: any input takes time in proportion to its length."""

import re

Person = tuple[str, str]
_PAIRS = {'"': '"', "(": ")", "<": ">", "[": "]"}
_SPACE = re.compile(r"\s+")
_BARE = re.compile(r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+")


def people_in(text: str, most: int = 500) -> tuple[Person, ...]:
    """Name and address of everybody in a decoded header, at most so many; entries without an address are left out."""
    found: list[Person] = []
    for entry in _entries(text):
        person = _person(entry)
        if person:
            found.append(person)
        if len(found) == most:
            break
    return tuple(found)


def _entries(text: str) -> list[str]:
    """The parts between commas and semicolons that stand outside quotes, comments and brackets."""
    entries, begin, closing, escaped = [], 0, "", False
    for at, sign in enumerate(text):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif closing:
            closing = "" if sign == closing else closing
        elif sign in _PAIRS and text.find(_PAIRS[sign], at + 1, at + 1_000) > 0:
            closing = _PAIRS[sign]
        elif sign in ",;":
            entries.append(text[begin:at])
            begin = at + 1
    return [*entries, text[begin:]]


def _person(entry: str) -> Person | None:
    opened, closed = entry.rfind("<"), entry.rfind(">")
    if 0 <= opened < closed:
        return _made(entry[:opened], entry[opened + 1 : closed])
    found = _BARE.search(entry[:1_000])
    if found is None:
        return None
    return _made(entry[found.end() :].strip(" ()"), found[0])


def _made(name: str, address: str) -> Person | None:
    address = _SPACE.sub("", address.split(":")[-1])
    if address.count("@") < 1 or len(address) > 254 or address.startswith("@") or address.endswith("@"):
        return None
    if name.count(":") == 1 and '"' not in name:  # the display name of a group stands before its first member
        name = name.partition(":")[2]
    name = _SPACE.sub(" ", name.replace("\\", "")).strip().strip("\"'").strip()
    return name[:200], address
