"""Tags and filters of every template: icons, avatars, moments, days, money, tones."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import lucide
from django import template
from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.lib import clock, days
from comptoir.lib.calendar import next_business_day
from comptoir.lib.money import Money
from comptoir.lib.said_days import as_typed

register = template.Library()

CHANNEL_ICONS = {
    "email": "mail",
    "phone": "phone",
    "letter": "mailbox",
    "fax": "printer",
    "visit": "store",
    "chat": "message-circle",
    "web": "globe",
    "note": "sticky-note",
    "portal": "globe",
    "edi": "arrow-left-right",
}
TONES = {
    "accent": {"new", "queued", "sent", "in_transit", "requested", "pending", "promised", "entered"},
    "ok": {"open", "kept", "delivered", "paid", "approved", "answered", "confirmed", "available", "shipped", "done"},
    "warn": {
        "waiting",
        "at_risk",
        "on_hold",
        "held",
        "kept_late",
        "stale",
        "returned",
        "partial",
        "revised",
        "due",
        "verifying",
        "discrepant",
        "clarifying",
    },
    "bad": {"late", "broken", "failed", "bounced", "rejected", "refused", "spam", "overdue", "quarantined", "blocked"},
}
VERB_ICONS = {
    "catalog.agreement_offered": "send", "catalog.agreement_countered": "reply", "catalog.agreement_signed": "signature",
    "catalog.agreement_review_due": "hourglass", "catalog.agreement_renewed": "calendar-plus",
    "catalog.agreement_ended": "calendar-x", "catalog.agreement_drafted": "handshake",
    "catalog.agreement_filed": "paperclip", "catalog.agreement_file_removed": "paperclip",
    "cases.received": "mail", "cases.replied": "reply", "cases.logged": "phone", "cases.resolved": "check",
    "cases.opened": "inbox", "cases.noted": "sticky-note", "cases.reopened": "rotate-ccw", "orders.shipped": "truck",
    "orders.delivered": "package-check", "orders.date_moved": "calendar", "orders.held": "hand", "orders.cancelled": "ban",
    "orders.confirmed": "file-check", "customers.alert_raised": "triangle-alert", "customers.added": "sparkles",
    "cases.linked": "link",
}  # fmt: skip
PACKAGE_ICONS = {
    "actions": "badge-check",
    "cases": "message-square", "orders": "package", "promises": "handshake", "customers": "square-pen", "catalog": "box",
}  # fmt: skip
VERB_TONES = {
    "promises.kept": "ok", "promises.kept_late": "warn", "promises.broken": "bad", "promises.at_risk": "warn",
    "orders.delivered": "ok", "orders.held": "warn", "orders.cancelled": "bad", "cases.resolved": "ok",
    "customers.alert_raised": "warn", "cases.send_failed": "bad",
}  # fmt: skip
TONE_OF = {word: tone for tone, words in TONES.items() for word in words}
SOON = timedelta(hours=1)
VERY_SOON = timedelta(minutes=15)


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """A line icon; decorative unless it gets a label."""
    return _drawn(str(name), size, str(label))


@lru_cache(1024)
def _drawn(name: str, size: int, label: str) -> SafeString:
    spoken = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    drawn = lucide._render_icon(name, size, stroke_width="1.75", **spoken)
    return mark_safe(" ".join(drawn.split()))


@register.filter
def channel_icon(channel: object) -> str:
    """The icon's name of a channel."""
    return CHANNEL_ICONS.get(str(channel), "message-square")


@register.filter
def tone(state: object) -> str:
    """The tone of a state's word: neutral, accent, ok, warn or bad."""
    return TONE_OF.get(str(state), "neutral")


@register.filter
def verb_icon(name: str) -> str:
    """The icon's name of what happened."""
    return VERB_ICONS.get(name) or PACKAGE_ICONS.get(name.partition(".")[0], "dot")


@register.filter
def verb_tone(name: str) -> str:
    """The tone of what happened."""
    return VERB_TONES.get(name, "neutral")


@register.filter
def initials(name: object) -> str:
    """One or two letters of a name."""
    words = [word for word in str(name or "?").split() if word[0].isalnum()] or ["?"]
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


@register.filter
def hue(name: object) -> int:
    """0 to 9, always the same for a name."""
    return crc32(str(name).encode()) % 10


@register.filter
def mail(address: str) -> SafeString:
    """An e-mail address that goes on in the next line after its @ where it is too long for one."""
    return SafeString(escape(address).replace("@", "@<wbr>"))


@register.filter
def local(moment: datetime) -> datetime:
    """The moment in the member's time zone."""
    return timezone.localtime(moment)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as a reader wants it: "Fri 20 Nov", with the year when it is not this one."""
    return days.day(value) if value else ""


@register.filter
def typed_day(value: object) -> object:
    """A day as people type it into a field: 24.12.2026; what was typed otherwise as it is."""
    return as_typed(value)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in full: "Fri 20 Nov 14:31"."""
    return days.moment(value) if value else ""


@register.filter
def hour(value: datetime | None) -> str:
    """The hour and minute of a moment."""
    return f"{timezone.localtime(value):%H:%M}" if value else ""


def short_span(span: timedelta) -> str:
    """A length of time in its largest unit: 4m, 3h, 2d."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes < 60:
        return _("{n}m").format(n=minutes)
    if minutes < 48 * 60:
        return _("{n}h").format(n=minutes // 60)
    return _("{n}d").format(n=minutes // 1440)


def ago_text(value: datetime) -> str:
    """Relative within a day, else the day."""
    passed = clock.now() - value
    if abs(passed) >= timedelta(hours=24):
        return day(value)
    if abs(passed) < timedelta(minutes=1):
        return _("now")
    return short_span(passed) if passed > timedelta(0) else _("in {span}").format(span=short_span(passed))


@register.filter
def ago(value: datetime | None) -> str:
    """A <time> that says how long ago, with the full moment as its title; the page keeps it fresh."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-time="ago">{}</time>', value.isoformat(), moment(value), ago_text(value)
    )


@register.filter
def at(value: datetime | None) -> str:
    """A <time> with the full moment; today is only the hour."""
    if value is None:
        return ""
    here = timezone.localtime(value)
    text = hour(value) if here.date() == timezone.localtime(clock.now()).date() else moment(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), moment(value), text)


@register.filter
def full_day(value: date | None) -> str:
    """A <time> with a day and its year, for what holds over years."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value, "j M Y")) if value else ""


@register.filter
def on_day(value: date | None) -> str:
    """A <time> with a day."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day(value)) if value else ""


@register.inclusion_tag("parts/due.html")
def due(value: datetime | None, label: str = "") -> dict[str, Any]:
    """A pill for a moment that comes: neutral beyond an hour, amber within, red in the last quarter or when late."""
    if value is None:
        return {"value": None}
    left = value - clock.now()
    tone_name = "bad" if left <= VERY_SOON else "warn" if left <= SOON else "neutral"
    spoken = _("late by {span}") if left < timedelta(0) else _("due in {span}")
    return {
        "value": value,
        "tone": tone_name,
        "late": left < timedelta(0),
        "text": _("{span} late").format(span=short_span(left)) if left < timedelta(0) else _soon_or_day(value, left),
        "spoken": spoken.format(span=short_span(left)),
        "label": label,
    }


def _soon_or_day(value: datetime, left: timedelta) -> str:
    return short_span(left) if left < timedelta(hours=48) else day(value)


@register.filter
def money(value: Money | None, language: str = "") -> str:
    """The amount as the reader's language writes it."""
    return value.format(language or translation.get_language() or "en") if value is not None else ""


@register.filter
def price(value: Any, currency: str) -> str:
    """A unit price with its currency and all of its decimals, two at least."""
    if value is None:
        return ""
    return Money(Decimal(value), currency).exactly(translation.get_language() or "en")


@register.filter
def quantity(value: Any) -> str:
    """A number without idle zeros, with the language's separators."""
    if value is None:
        return ""
    plain = format(value, "f") if not isinstance(value, int) else str(value)
    trimmed = plain.rstrip("0").rstrip(".") if "." in plain else plain
    places = len(trimmed.partition(".")[2])
    return formats.number_format(value, places, use_l10n=True, force_grouping=True)


@register.filter
def plain(value: Decimal) -> str:
    """A number as a form takes it: no idle zeros, a point before the decimals, no grouping."""
    return f"{value.normalize():f}"


@register.filter
def percent(share: Any) -> int:
    """A share of 0..1 as whole percents within 0..100."""
    return max(0, min(100, round(float(share or 0) * 100)))


@register.filter
def share_tone(share: Any) -> str:
    """The tone of a meter: warn above 80 %, bad when it is full."""
    used = float(share or 0)
    return "bad" if used >= 1 else "warn" if used > 0.8 else "accent"


ADDRESS = re.compile(r"""\bhttps?://[^\s<>"']+[^\s<>"'.,;:!?)\]]|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b""")

OUTWARDS = 'target="_blank" rel="noopener noreferrer nofollow"'


@register.filter(is_safe=True)
def linked(text: object) -> SafeString:
    """The text with its web and mail addresses as links; what merely looks like a host name stays a word."""
    raw, pieces, at = str(text or ""), list[str](), 0
    for found in ADDRESS.finditer(raw):
        shown, is_web = escape(found[0]), "://" in found[0]
        link = f'{shown}" {OUTWARDS}' if is_web else f'mailto:{shown}"'
        pieces += [escape(raw[at : found.start()]), f'<a href="{link}>{shown}</a>']
        at = found.end()
    return mark_safe("".join([*pieces, escape(raw[at:])]))


@register.filter
def count_of(number: int, words: str) -> str:
    """`{{ n|count_of:"line,lines" }}`: the number with the right word."""
    one, many = words.split(",")
    return f"{number} {ngettext(one, many, number)}"


@register.simple_tag
def moments(name: str) -> list[tuple[str, str]]:
    """Moments often chosen for an input, as (words, value): what is past for when something took place."""
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    if name == "occurred_at":
        spans = ((_("Now"), 0), (_("15 minutes ago"), 15), (_("An hour ago"), 60))
        return [(label, f"{now - timedelta(minutes=m):%Y-%m-%dT%H:%M}") for label, m in spans]
    tomorrow = next_business_day(now.date() + timedelta(days=1), settings.COUNTRY)
    monday = next_business_day(now.date() + timedelta(days=7 - now.weekday()), settings.COUNTRY)
    found = [(_("Today {hour}"), now.date(), 16)] if now.hour < 15 else []
    found += [(_("Tomorrow {hour}") if (tomorrow - now.date()).days == 1 else f"{day(tomorrow)} {{hour}}", tomorrow, hour)
              for hour in (9, 15)]  # fmt: skip
    found += [(f"{day(monday)} {{hour}}", monday, 9)] if monday != tomorrow else []
    return [(label.format(hour=f"{hour}:00"), f"{on}T{hour:02}:00") for label, on, hour in found]


@register.filter
def language_name(code: object) -> str:
    """A language in the reader's own words."""
    known = dict(settings.LANGUAGES)
    return str(known.get(str(code), code))


@register.filter
def hour_there(zone: object) -> str:
    """The hour and minute it is now in a time zone."""
    try:
        return f"{clock.now().astimezone(ZoneInfo(str(zone))):%H:%M}"
    except (ZoneInfoNotFoundError, ValueError):
        return ""


@register.filter
def spoken_key(key: str) -> str:
    """A key as aria-keyshortcuts wants it."""
    return key.replace("Ctrl", "Control").replace(" ", "+") if len(key) > 1 else key
