"""Where an answer ends and what it quotes begins. The tail is folded, never deleted."""

import re

_WROTE = (
    r"wrote|writes|a écrit|écrivait|skrev|schrieb|schreef|geschreven|napísala?|napísal\(a\)|napisała?|napsala?|napsal\(a\)"
    r"|написа|писа|написал|ha scritto|escribió|escreveu"
)
_ATTRIBUTION = re.compile(rf"(?:\b(?:{_WROTE})\b|\b(?:{_WROTE}))[^\n]{{0,160}}:\s*$", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:on|le|den|d\.|dňa|dne|dnia|am|op|il|el|em|на|в|fre|man|tir|ons|tor|lør|søn|po|ut|st|št|pi|so|ne)\b.{4,}|^.{3,80}<[^<>\s]+@[^<>\s]+>|^\d.{3,}",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"^[\s>]*[-_–—*]{2,}\s*(?:original message|original appointment|message d.origine|message original|oprindelig meddelelse"
    r"|oprindelig besked|pôvodná správa|původní zpráva|оригинално съобщение|първоначално съобщение|оригинално писмо"
    r"|исходное сообщение|ursprüngliche nachricht|originalnachricht|oorspronkelijk bericht)\s*[-_–—*]{2,}\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:from|de|fra|od|von|van|от|da)\s?:\*?\s*\S", re.IGNORECASE)
_MORE = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|cc|envoyé|objet|à|sendt|dato|til|emne|odoslané|dátum|komu|pre|predmet|odesláno|datum|předmět"
    r"|изпратено|дата|до|относно|тема|gesendet|an|betreff|verzonden|aan|onderwerp)(?:\s(?:le|dne|am|den))?\s?:\*?",
    re.IGNORECASE,
)
LONGEST_LINE = 1_000
MOST_LINES = 20_000


def split(text: str) -> tuple[str, str]:
    """What was written now, and the quoted tail; joined they are the text. An answer between quotes is not folded."""
    lines = text.splitlines(keepends=True)
    if len(lines) > MOST_LINES:
        return text, ""
    at = _begin_of_tail(lines)
    if at is None or not "".join(lines[:at]).strip():
        return text, ""
    return "".join(lines[:at]), "".join(lines[at:])


def _begin_of_tail(lines: list[str]) -> int | None:
    """The first line of the tail: a mark after which all is quoted, or the last run of `>` lines up to the end."""
    run = _begin_of_run(lines)
    for at, line in enumerate(lines):
        if run is not None and at >= run:
            return run
        if len(line) <= LONGEST_LINE and (_MARK.match(line) or _is_header_block(lines, at)):
            return at
    return run


def _is_header_block(lines: list[str], at: int) -> bool:
    """Outlook's way: From, then at least two of sent, to, subject within the next five lines."""
    if not _FROM.match(lines[at]):
        return False
    return sum(bool(_MORE.match(line[:LONGEST_LINE])) for line in lines[at + 1 : at + 7]) >= 2


def _begin_of_run(lines: list[str]) -> int | None:
    at = len(lines)
    while at and (lines[at - 1].lstrip().startswith(">") or not lines[at - 1].strip()):
        at -= 1
    if not any(line.lstrip().startswith(">") for line in lines[at:]):
        return _begin_of_unmarked(lines)
    return _with_attribution(lines, at)


def _with_attribution(lines: list[str], at: int) -> int:
    """The run together with the line or two that say who wrote it."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    above = at
    while above and not lines[above - 1].strip():
        above -= 1
    for length in (1, 2, 3):
        begin = above - length
        if begin >= 0 and _is_attribution("".join(lines[begin:above])):
            return begin
    return at


def _is_attribution(text: str) -> bool:
    line = " ".join(text.split())
    return len(line) < 400 and bool(_ATTRIBUTION.search(line)) and bool(_OPENING.match(line))


def _begin_of_unmarked(lines: list[str]) -> int | None:
    """A mail program that quotes without marks: all after an attribution that names an address or a date."""
    for at, line in enumerate(lines):
        if len(line) > LONGEST_LINE or not line.rstrip().endswith(":"):
            continue
        for length in (1, 2):
            block = "".join(lines[max(0, at + 1 - length) : at + 1])
            if _is_attribution(block) and re.search(r"@|\d{4}|\d{1,2}[.:]\d{2}", block):
                return max(0, at + 1 - length)
    return None
