"""Who a thread is about: an order that fits what it says, with its customer, contact and words."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from babel.dates import format_date

from comptoir.customers.models import Contact, Customer, Identity
from comptoir.demo.script import Thread
from comptoir.orders.models import Order, ScheduleLine

DAY = {"en": "d MMMM", "fr": "d MMMM", "da": "d. MMMM", "sk": "d. MMMM", "bg": "d MMMM"}
DELIVERED, PROMISED = ScheduleLine.State.DELIVERED, ScheduleLine.State.PROMISED


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
        return {
            "po": order.po_number, "order": order.number, "position": str(row.line.position),
            "product": row.line.product.number, "product_name": row.line.product.name, "quantity": str(quantity),
            "half": str(quantity // 2), "promised": _day(row.promised_on, language),
            "requested": _day(row.requested_on, language), "delivered": _day(row.delivered_on, language),
            "contact": self.contact.name, "first": self.contact.name.split()[0], "customer": self.customer.name,
            "city": order.ship_to.city, "invoice": f"R-{order.placed_at:%y}{order.pk:05d}",
            "tracking": f"LYK{order.pk:06d}{row.line.position:03d}",
        }  # fmt: skip


def _day(day: date | None, language: str) -> str:
    return format_date(day, DAY[language], locale=language) if day else ""


class Casting:
    """Finds orders by language and by what a thread needs; each is used as seldom as possible."""

    def __init__(self, today: date, random: Random) -> None:
        self.today, self.random = today, random
        self.used: dict[int, int] = defaultdict(int)
        self.pools: dict[tuple[str, str], list[ScheduleLine]] = defaultdict(list)
        rows = (
            ScheduleLine.objects.exclude(order__po_number="PO-77341").exclude(promised_on=None).filter(quantity__gt=0)
        )
        rows = rows.select_related(
            "order__customer", "order__ship_to", "order__contact", "line__product", "line__order"
        )
        for row in rows.order_by("pk"):
            for need in self._fits(row):
                self.pools[row.order.customer.language, need].append(row)
        addresses = Identity.objects.filter(kind="email").exclude(contact=None)
        self.email = dict(addresses.values_list("contact_id", "value"))

    def _fits(self, row: ScheduleLine) -> list[str]:
        assert row.promised_on is not None
        if row.state == DELIVERED:
            return ["any", "delivered"]
        if row.state != PROMISED:
            return []
        return ["any", "late"] if row.promised_on < self.today else ["any", "open"]

    def find(self, thread: Thread, before: datetime) -> Cast | None:
        """Somebody to whom the thread could have happened, with an order placed before it began."""
        fitting = [row for row in self.pools[thread.language, thread.needs] if self._suits(row, thread, before)]
        if not fitting:
            return None
        least = min(self.used[row.order_id] for row in fitting)
        row = self.random.choice([row for row in fitting if self.used[row.order_id] == least])
        self.used[row.order_id] += 1
        contact = row.order.contact
        assert contact is not None
        return Cast(row, contact, self.email[contact.pk])

    def _suits(self, row: ScheduleLine, thread: Thread, before: datetime) -> bool:
        if row.order.contact_id not in self.email or row.order.placed_at >= before:
            return False
        if thread.needs == "delivered" and (row.delivered_on is None or row.delivered_on >= before.date()):
            return False
        if thread.needs == "late" and (row.promised_on is None or row.promised_on >= before.date()):
            return False
        return row.quantity >= 4 or not thread.needs_half
