"""Who a thread is about: an order that fits what it says, with its customer, contact and words."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from comptoir.customers.models import Contact, Customer, Identity
from comptoir.demo import content
from comptoir.demo.script import Thread
from comptoir.orders.models import Order, ScheduleLine

HOME = ZoneInfo("Europe/Brussels")
DAY = {"en": "d MMMM", "fr": "d MMMM", "da": "d. MMMM", "sk": "d. MMMM", "bg": "d MMMM"}
DELIVERED, PROMISED = ScheduleLine.State.DELIVERED, ScheduleLine.State.PROMISED
NEEDS = ("any", "placed", "open", "late", "delivered")
KINDS = {
    "pump": {"NB", "NK", "VM", "DP"}, "valve": {"BF", "BFA", "BV", "GV", "CV", "SV"}, "coupling": {"JC", "DC", "TC"},
    "part": {"MS", "RK", "GK"}, "actuator": {"BFA"}, "flanged": {"NB", "NK", "BF", "GV", "CV"}, "seal": {"MS"},
    "dosing": {"DP"}, "booster": {"VM"}, "norm": {"NB", "NK"},
    "pressure": {"NB", "NK", "VM", "BF", "BFA", "GV", "CV", "BV"}, "metal": {"NB", "NK", "BV", "GV", "CV", "SV", "BFA"},
}  # fmt: skip
# How somebody is greeted: plainly, and in a letter; {first} and {family} are theirs.
GREETINGS = {
    "en": (("Hello {first}", "Dear Ms {family}"), ("Hello {first}", "Dear Mr {family}")),
    "fr": (("Bonjour Madame {family}", "Madame"), ("Bonjour Monsieur {family}", "Monsieur")),
    "da": (("Hej {first}", "Kære {first} {family}"), ("Hej {first}", "Kære {first} {family}")),
    "sk": (("Dobrý deň, pani {family}", "Vážená pani {family}"), ("Dobrý deň, pán {family}", "Vážený pán {family}")),
    "bg": (("Здравейте, госпожо {family}", "Уважаема госпожо {family}"),
           ("Здравейте, господин {family}", "Уважаеми господин {family}")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cast:
    """What fills a thread."""

    row: ScheduleLine
    contact: Contact
    email: str

    @property
    def order(self) -> Order:
        return self.row.order

    @property
    def customer(self) -> Customer:
        return self.row.order.customer

    def names(self, language: str) -> dict[str, str]:
        """The $names of a thread."""
        row, order = self.row, self.row.order
        quantity = int(row.quantity)
        first, family = _parted(self.contact.name)
        plain, letter = GREETINGS[language][0 if first in _women() else 1]
        return {
            "po": order.po_number, "order": order.number, "position": str(row.line.position),
            "product": row.line.product.number, "product_name": row.line.product.name, "quantity": str(quantity),
            "half": str(quantity // 2), "rest": str(quantity - 1), "promised": day_in(row.promised_on, language),
            "requested": day_in(row.requested_on, language), "delivered": day_in(row.delivered_on, language),
            "contact": self.contact.name, "first": first, "family": family, "customer": self.customer.name,
            "city": order.ship_to.city, "invoice": f"R-{order.placed_at:%y}{order.pk:05d}",
            "tracking": f"LYK{order.pk:06d}{row.line.position:03d}", "hello": plain.format(first=first, family=family),
            "dear": letter.format(first=first, family=family), "post": self.contact.position,
        }  # fmt: skip


@cache
def _women() -> frozenset[str]:
    return frozenset(name for facts in content("countries").values() for name in facts["women"])


def _parted(name: str) -> tuple[str, str]:
    """First and family name; some first names are two words."""
    words = name.split(" ")
    cut = 2 if " ".join(words[:2]) in _women() else 1
    return " ".join(words[:cut]), " ".join(words[cut:])


def day_in(day: date | None, language: str) -> str:
    """A day as it is written in a sentence of the language."""
    if day is None:
        return ""
    text = str(format_date(day, DAY[language], locale=language))
    return text.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else text


@dataclass(frozen=True, slots=True)
class Window:
    """When a thread about a schedule line may begin."""

    row: ScheduleLine
    begin: datetime
    end: datetime


class Casting:
    """Finds orders by language and by what a thread needs; each is used as seldom as possible."""

    def __init__(self, now: datetime, random: Random) -> None:
        self.now, self.random = now, random
        self.used: dict[int, int] = defaultdict(int)
        self.pools: dict[tuple[str, str], list[Window]] = defaultdict(list)
        self.fitting: dict[tuple[Any, ...], list[Window]] = {}
        addresses = Identity.objects.filter(kind="email").exclude(contact=None)
        self.email = dict(addresses.values_list("contact_id", "value"))
        rows = ScheduleLine.objects.exclude(order__po_number="PO-77341").filter(quantity__gt=0)
        rows = rows.select_related("order__customer", "order__ship_to", "order__contact", "line__product")
        for row in rows.filter(order__contact__in=list(self.email)).order_by("pk"):
            row.line.order = row.order
            for need in NEEDS:
                window = _window(row, need, now)
                if window is not None and window.begin < min(window.end, now):
                    self.pools[row.order.customer.language, need].append(window)

    def candidates(self, thread: Thread, most: int = 80) -> list[Window]:
        """Whom the thread could be about, those used least first."""
        fitting = [
            *self._fitting(thread.language, thread.needs, thread.kind, thread.least, thread.has_ended, thread.country)
        ]
        self.random.shuffle(fitting)
        fitting.sort(key=lambda w: self.used[w.row.order_id])
        return fitting[:most]

    def _fitting(self, *asked: Any) -> list[Window]:
        """Those that fit what threads ask for, which many ask alike."""
        if asked not in self.fitting:
            language, needs, kind, least, has_ended, country = asked
            kinds = KINDS.get(kind)
            self.fitting[asked] = [
                w for w in self.pools[language, needs]
                if w.row.quantity >= least
                and (kinds is None or w.row.line.product.number.split("-")[0] in kinds)
                and (needs != "late" or (w.row.state == DELIVERED) == has_ended)
                and country in ("", w.row.order.ship_to.country)
            ]  # fmt: skip
        return self.fitting[asked]

    def take(self, row: ScheduleLine) -> Cast:
        """The cast around a schedule line, which counts as used from now on."""
        self.used[row.order_id] += 1
        contact = row.order.contact
        assert contact is not None
        return Cast(row, contact, self.email[contact.pk])


def _window(row: ScheduleLine, need: str, now: datetime) -> Window | None:
    """The time in which what the thread needs was true of the schedule line."""
    placed = row.order.placed_at
    if need == "placed":
        return Window(row, placed - timedelta(hours=20), placed - timedelta(minutes=20))
    if row.promised_on is None:
        return None
    if need == "any":
        return Window(row, placed + timedelta(hours=3), placed + timedelta(days=110))
    if need == "delivered":
        day = row.delivered_on
        return Window(row, _at(day, 12), _at(day, 12) + timedelta(days=12)) if day else None
    if row.state == PROMISED:
        late = row.promised_on < now.astimezone(HOME).date()
        if late != (need == "late"):
            return None
        return Window(row, _at(row.promised_on, 9) + timedelta(days=1) if late else placed + timedelta(hours=31), now)
    if row.state != DELIVERED or row.delivered_on is None or row.shipped_on is None:
        return None
    if need == "late":
        return Window(row, _at(row.promised_on, 9) + timedelta(days=1), _at(row.delivered_on, 9))
    return Window(row, placed + timedelta(hours=31), _at(row.shipped_on, 7) - timedelta(days=1))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), HOME)
