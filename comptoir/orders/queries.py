"""Reads about orders, and the orders a text speaks of."""

import re
from dataclasses import dataclass

from comptoir.customers.models import Customer
from comptoir.lib.invariants import Finding
from comptoir.lib.numbers import valid
from comptoir.lib.text import fold, key
from comptoir.orders.models import Line, Order
from comptoir.promises.models import STANDING, Promise

NUMBER = re.compile(r"\bSO[- ]?(\d{4,12})\b", re.IGNORECASE)
TOKEN = re.compile(r"[0-9A-Za-zА-Яа-я][0-9A-Za-zА-Яа-я/._-]*\d[0-9A-Za-zА-Яа-я/._-]*")
SPACED = re.compile(r"\b([A-Z]{1,4})[ -](\d{3,10})\b")
POSITION = re.compile(
    r"\b(?:pos(?:ition|te|\.|icia|ition)?|ligne|linje|linie|line|item|riadok|polozka|pozicia|pozitsiya|red)"
    r"\s*(?:n[o°.]*|nr\.?|no\.?|#)?\s*(\d{1,4})\b"
)


@dataclass(frozen=True, slots=True)
class Found:
    """An order a text names, how it was recognised, and the positions named; `is_certain` when it is this customer's."""

    order: Order
    how: str
    positions: tuple[int, ...]
    is_certain: bool


def positions_in(text: str) -> tuple[int, ...]:
    """Positions of an order named in a text in any of our languages, in the order of their first mention."""
    return tuple(dict.fromkeys(int(n) for n in POSITION.findall(fold(text))))


def find_in_text(text: str, customer: Customer | None) -> list[Found]:
    """The orders a text names by our number (its check digit holds) or by the customer's purchase order number."""
    text = text[:20_000]
    positions = positions_in(text)
    found: dict[int, Found] = {}
    numbers = {f"SO-{n}" for n in NUMBER.findall(text) if valid(n)}
    for order in Order.objects.filter(number__in=numbers).select_related("customer"):
        mine = customer is None or order.customer_id == customer.pk
        found[order.pk] = Found(order, "number", positions, mine)
    keys = {key(t) for t in TOKEN.findall(text)} | {key(a + b) for a, b in SPACED.findall(text)}
    keys = {k for k in keys if len(k) >= 4 and any(c.isdigit() for c in k)}
    if customer is not None:
        for order in Order.objects.filter(customer=customer).exclude(po_key="").select_related("customer"):
            if order.po_key in keys or _digits_named(order.po_key, keys):
                found.setdefault(order.pk, Found(order, "po", positions, True))
    else:
        for order in Order.objects.filter(po_key__in=keys).select_related("customer")[:5]:
            found.setdefault(order.pk, Found(order, "po", positions, False))
    return list(found.values())


def _digits_named(po_key: str, keys: set[str]) -> bool:
    """«n° 77341» for PO-77341: the digits alone, when there are five or more."""
    digits = re.sub(r"\D", "", po_key)
    return len(digits) >= 5 and digits in keys


def lines_of(order: Order) -> list[Line]:
    """The order's lines with products and schedule lines (two queries)."""
    return list(order.lines.select_related("product").prefetch_related("schedule_lines"))


def invariants() -> list[Finding]:
    """Quantities that do not add up, and dates that are not their promise's."""
    from django.db.models import F, Sum

    sums = Line.objects.annotate(planned=Sum("schedule_lines__quantity"))
    off = sums.exclude(planned=F("quantity") - F("cancelled_quantity"))
    rows = [str(line.pk) for line in off[:5]]
    from comptoir.orders.models import ScheduleLine

    dates = dict(
        Promise.objects.filter(subject_noun="scheduleline", kind="deliver", state__in=STANDING).values_list(
            "subject_id", "due_on"
        )
    )
    apart = [
        str(pk)
        for pk, day in ScheduleLine.objects.filter(pk__in=dates).values_list("pk", "promised_on")
        if dates[pk] != day
    ]
    return [
        Finding("Schedule lines do not add up to their line", off.count(), rows),
        Finding("A promised date is not its promise's", len(apart), apart[:5]),
    ]
