"""A raw mail as a desk keeps it: parsed, its HTML made safe, its quotes folded. Runs inside the worker's limits."""

from dataclasses import replace

from comptoir.lib.mail import clean, plain, quotes
from comptoir.lib.mail.charsets import tidy
from comptoir.lib.mail.parse import ParsedMail, parse


def read(raw: bytes) -> ParsedMail:
    """The mail in some bytes, ready to be filed. Raises only Unreadable."""
    mail = parse(raw)
    html = clean.clean_html(mail.html) if mail.html else ""
    text = mail.text
    if not text.strip() and mail.html:
        text = tidy(plain.text_of_clean(html) if html else plain.text_of_raw(mail.html))
    fresh, quoted = quotes.split(text)
    return replace(
        mail,
        text=fresh.strip("\n"),
        quoted=quoted.strip("\n"),
        html=tidy(html or ""),
        html_version=clean.CLEANER_VERSION,
    )
