"""What the page of an order tells its customer: every value finished, in their language, from facts alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.html import format_html

from comptoir.customers.models import Link
from comptoir.fulfilment.models import Shipment, ShipmentLine
from comptoir.lib import clock
from comptoir.lib.units import unit_in
from comptoir.orders.models import Line, Order, ScheduleLine
from comptoir.portal.saying import region, spoken, words_of

SAID = {
    "confirmed": "confirmed", "in_fulfilment": "moving", "fulfilled": "done", "closed": "done", "cancelled": "cancelled",
}  # fmt: skip
TONES = {"delivered_all": "ok", "on_its_way": "accent", "partly": "accent", "delayed": "warn"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A day of a delivery or a shipment, with what it is the day of."""

    label: str
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One delivery of a line: how much, how it stands, and its days."""

    quantity: str
    state: str
    tone: str
    facts: list[Fact]
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the order, or a shipment with what is in it."""

    row: Any
    quantity: str
    note: str
    facts: list[Fact]
    parts: list[Part]
    inside: list[str]


class Teller:
    """Tells an order in one language."""

    def __init__(self, language: str) -> None:
        self.language = spoken(language)
        self.locale = region(self.language)
        self.words = words_of("order", self.language)

    def day(self, day: date) -> str:
        """A day with its weekday: Fri, 18 Dec 2026."""
        return str(format_skeleton("yMMMEd", day, locale=self.locale))

    def amount(self, quantity: Decimal, unit: str) -> str:
        """A quantity with its unit."""
        return f"{format_decimal(quantity, '#,##0.###', locale=self.locale)} {unit_in(unit, self.language)}"

    def line(self, line: Line) -> Told:
        """A line with its deliveries; what was cancelled of it is said, not shown as a delivery."""
        said = self.amount(line.quantity, line.unit)
        if line.is_said_otherwise and line.ordered_quantity is not None:
            said = f"{self.amount(line.ordered_quantity, line.ordered_unit)} ({said})"
        gone = line.cancelled_quantity
        note = f"{self.words['cancelled_quantity']}: {self.amount(gone, line.unit)}" if gone else ""
        return Told(line, said, note, [], [self.part(row, line.unit) for row in line.schedule_lines.all()], [])

    def part(self, row: ScheduleLine, unit: str) -> Part:
        """A delivery."""
        state, words = _state(row), self.words
        is_moved = state == "delayed" or row.first_promised_on != row.promised_on
        reason = str(row.delay_reason) if row.delay_reason and is_moved else ""
        facts = [Fact(words["requested"], self.day(row.requested_on))]
        if row.first_promised_on and row.first_promised_on != row.promised_on:
            facts.append(Fact(words["first"], self.day(row.first_promised_on), "gone"))
        if row.promised_on:
            facts.append(Fact(words["promised"], self.day(row.promised_on), "main"))
        if row.expected_on and not row.delivered_on and row.expected_on != row.promised_on:
            facts.append(self._expected(row.expected_on))
        facts += self._done(row, unit)
        return Part(self.amount(row.quantity, unit), words[state], TONES.get(state, ""), facts, reason)

    def _expected(self, day: date) -> Fact:
        """When it should be there; a day that has passed is not expected any more."""
        if day < clock.today():
            return Fact(self.words["was_expected"], self.day(day))
        return Fact(self.words["expected"], self.day(day), "main")

    def _done(self, row: ScheduleLine, unit: str) -> Iterable[Fact]:
        """What has left and arrived; how much, where it was not all of it."""
        for label, on, quantity in (
            ("shipped", row.shipped_on, row.shipped_quantity),
            ("delivered", row.delivered_on, row.delivered_quantity),
        ):
            if on:
                part = "" if quantity == row.quantity else f" · {self.amount(quantity, unit)}"
                yield Fact(self.words[label], self.day(on) + part)

    def shipment(self, shipment: Shipment) -> Told:
        """A shipment with what of this order is in it."""
        words, facts = self.words, [Fact(self.words["shipped"], self.day(shipment.handed_over_on))]
        if shipment.tracking:
            facts.append(Fact(words["tracking"], shipment.tracking, "code"))
        if shipment.delivered_on:
            facts.append(Fact(words["delivered"], self.day(shipment.delivered_on)))
        elif shipment.expected_on:
            facts.append(self._expected(shipment.expected_on))
        inside = [
            f"{self.amount(one.quantity, one.schedule_line.line.unit)} · {one.schedule_line.line.description}"
            for one in shipment.lines.all()
        ]
        return Told(shipment, "", shipment.carrier, facts, [], inside)


def _state(row: ScheduleLine) -> str:
    """How a delivery stands, as one word of the page."""
    if row.delivered_quantity and row.delivered_quantity == row.quantity:
        return "delivered_all"
    if row.shipped_quantity and row.shipped_quantity == row.quantity:
        return "on_its_way"
    if row.shipped_quantity:
        return "partly"
    if row.promised_on is None:
        return "checked"
    late = row.promised_on < clock.today() or (row.expected_on and row.expected_on > row.promised_on)
    return "delayed" if late else "on_time"


def told(order: Order, link: Link) -> dict[str, Any]:
    """Everything the page shows of an order."""
    say = Teller(link.language)
    words, lines, place = say.words, _lines(order), order.ship_to
    standing = _standing(order, lines)
    return {
        "order": order, "language": say.language, "words": words, "title": words["title"].format(number=order.number),
        "heading": format_html(words["title"], number=format_html('<span class="whole">{}</span>', order.number)),
        "lines": [say.line(line) for line in lines],
        "shipments": [say.shipment(one) for one in _shipments(order)],
        "said": words[standing], "tone": {"done": "ok", "cancelled": "gone"}.get(standing, ""),
        "placed": say.day(timezone.localtime(order.placed_at).date()),
        "address": [*place.lines[:-1], place.country_name] if place.country else place.lines,
        "seller": order.site.company or order.site.name, "names_itself": link.contact_id is None,
        "until": words["until"].format(day=say.day(timezone.localtime(link.expires_at).date())).replace("..", "."),
        "as_of": words["as_of"].format(day=say.day(clock.today())),
    }  # fmt: skip


def _standing(order: Order, lines: list[Line]) -> str:
    """How the order stands as a whole: done once every delivery of it has arrived."""
    rows = [row for line in lines for row in line.schedule_lines.all()]
    if rows and all(_state(row) == "delivered_all" for row in rows):
        return "done"
    return SAID.get(order.state, "received")


def _lines(order: Order) -> list[Line]:
    rows = ScheduleLine.objects.exclude(state=ScheduleLine.State.CANCELLED).select_related("delay_reason")
    found = order.lines.select_related("product")
    return list(found.prefetch_related(Prefetch("schedule_lines", rows.order_by("promised_on", "position"))))


def _shipments(order: Order) -> list[Shipment]:
    """What left for this order; what else travels in the same shipment is not told."""
    inside = ShipmentLine.objects.filter(schedule_line__order=order).select_related("schedule_line__line")
    rows = Shipment.objects.filter(lines__schedule_line__order=order, withdrawn_at=None).distinct()
    return list(rows.prefetch_related(Prefetch("lines", inside)).order_by("-handed_over_on", "-pk"))
