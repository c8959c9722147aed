"""Was it a machine that wrote? Such mail is kept and never answered by another machine."""

import re
from collections.abc import Mapping

_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+.@-]|$)", re.IGNORECASE)
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_PRESENT = (
    "x-loop",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response-suppress",
    "list-id",
    "list-unsubscribe",
)


def reason(headers: Mapping[str, str], sender: str) -> str:
    """The sign by which a mail shows that a machine sent it, or nothing (RFC 3834, RFC 2919, MS-OXCMAIL).

    `headers` are lower-case names with the first value of each; `sender` is the address in From.
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted[:40]}"
    precedence = headers.get("precedence", "").strip().lower()
    if precedence in _BULK:
        return f"Precedence: {precedence}"
    for name in _PRESENT:
        if headers.get(name, "").strip().lower() not in ("", "none", "no"):
            return name.title()
    if headers.get("return-path", "").strip() == "<>":
        return "Return-Path: <>"
    if headers.get("content-type", "").lower().startswith("multipart/report"):
        return "Content-Type: multipart/report"
    return "From: " + sender.partition("@")[0][:40] if _ROBOTS.match(sender) else ""
