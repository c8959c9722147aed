"""What is found of each noun: from some rows, their documents."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import md5
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import MD5, Concat, Left

from comptoir.cases.models import Attachment, Case, CaseLink, Message
from comptoir.catalog.models import Agreement, AgreementLine, CustomerPart, Product
from comptoir.customers.models import Address, Contact, Customer, Identity
from comptoir.fulfilment.models import ShipmentLine
from comptoir.lib.text import fold, key
from comptoir.orders.models import Line, Order, Quote, QuoteLine
from comptoir.search.words import MOST_CHARACTERS, words_of

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
UNSAID = ("undone",)
UNSOUGHT = ("spam", "merged")


@dataclass(frozen=True, slots=True)
class Entry:
    """A document before it is written."""

    noun: str
    object_id: int
    at: datetime
    title: str = ""
    norm: str = ""
    words: str = ""
    case_id: int | None = None
    customer_id: int | None = None
    scope_team: int | None = None
    told: str = ""

    @property
    def digest(self) -> str:
        """Changes with whatever the document says."""
        said = (self.at.isoformat(), self.title, self.norm, self.words, self.case_id, self.customer_id, self.scope_team)
        return self.told or md5(repr(said).encode(), usedforsecurity=False).hexdigest()


def keys_of(*numbers: str, others: Iterable[str] = ()) -> str:
    """Numbers as they are compared, with and without their letters in front, between spaces.

    `others` are numbers of what belongs to the row: they find it too, never as exactly as its own.
    """
    known = dict.fromkeys(_forms(numbers))
    beside = dict.fromkeys(f"~{k}" for k in _forms(others) if k not in known)
    return f" {' '.join((*known, *beside))} " if known or beside else ""


def _forms(numbers: Iterable[str]) -> list[str]:
    whole = [key(number) for number in numbers]
    bare = [k.lstrip("abcdefghijklmnopqrstuvwxyz") for k in whole]
    return [k for k in (*whole, *bare) if len(k) > 2]


def bag(*texts: str) -> str:
    """The words of texts, in one order, so that equal documents are equal."""
    return " ".join(sorted(words_of(*texts)))


def customers(ids: Sequence[int]) -> Iterable[Entry]:
    rows = Customer.objects.filter(pk__in=ids)
    known, places = _by(Identity, "customer_id", ids), _by(Address, "customer_id", ids)
    for row in rows:
        own = [i.normal for i in known[row.pk] if i.contact_id is None]
        theirs = [i.normal for i in known[row.pk] if i.contact_id is not None]
        cities = [f"{a.name} {a.city} {a.postcode}" for a in places[row.pk]]
        yield Entry(
            "customer", row.pk, row.created_at, row.sort_key, keys_of(row.number, row.tax_id, *own, others=theirs),
            bag(row.name, row.number, row.tax_id, *cities, *own, *theirs), customer_id=row.pk,
        )  # fmt: skip


def contacts(ids: Sequence[int]) -> Iterable[Entry]:
    known = _by(Identity, "contact_id", ids)
    for row in Contact.objects.filter(pk__in=ids).select_related("customer"):
        values = [i.normal for i in known[row.pk]]
        yield Entry(
            "contact", row.pk, row.customer.created_at, row.sort_key, keys_of(*values),
            bag(row.name, row.position, row.customer.name, *values), customer_id=row.customer_id,
        )  # fmt: skip


def products(ids: Sequence[int]) -> Iterable[Entry]:
    parts = _by(CustomerPart, "product_id", ids)
    for row in Product.objects.filter(pk__in=ids):
        numbers = [part.part_number for part in parts[row.pk]]
        yield Entry(
            "product", row.pk, EPOCH, row.sort_key, keys_of(row.number, *numbers),
            bag(row.number, row.name, row.description[:500], *numbers),
        )  # fmt: skip


def orders(ids: Sequence[int]) -> Iterable[Entry]:
    lines, tracking = _by(Line, "order_id", ids, "product"), _tracking(ids)
    for row in Order.objects.filter(pk__in=ids).select_related("customer", "contact"):
        sold = [f"{n.product.number} {n.customer_part} {n.description}" for n in lines[row.pk]]
        person = row.contact.name if row.contact else ""
        yield Entry(
            "order", row.pk, row.placed_at, fold(row.number), keys_of(row.number, row.po_number, *tracking[row.pk]),
            bag(row.number, row.po_number, row.customer.name, person, *sold), customer_id=row.customer_id,
        )  # fmt: skip


def quotes(ids: Sequence[int]) -> Iterable[Entry]:
    lines = _by(QuoteLine, "quote_id", ids, "product")
    for row in Quote.objects.filter(pk__in=ids).select_related("customer", "contact"):
        sold = [f"{n.product.number} {n.customer_part} {n.description}" for n in lines[row.pk]]
        yield Entry(
            "quote", row.pk, row.created_at, fold(row.number), keys_of(row.number, row.reference),
            bag(row.number, row.reference, row.customer.name, str(row.contact or ""), *sold), customer_id=row.customer_id,
        )  # fmt: skip


def agreements(ids: Sequence[int]) -> Iterable[Entry]:
    lines = _by(AgreementLine, "agreement_id", ids, "product")
    for row in Agreement.objects.filter(pk__in=ids).select_related("customer"):
        agreed = [f"{line.product.number} {line.product.name}" for line in lines[row.pk]]
        yield Entry(
            "agreement", row.pk, datetime.combine(row.valid_from, time(), UTC), fold(row.number), keys_of(row.number),
            bag(row.number, row.customer.name, row.signed_by, *agreed), customer_id=row.customer_id,
        )  # fmt: skip


def cases(ids: Sequence[int]) -> Iterable[Entry]:
    """Merged cases and spam are found by their number alone."""
    numbers = _order_numbers(ids)
    for row in Case.objects.filter(pk__in=ids).select_related("customer", "contact"):
        told = [
            row.subject,
            row.number,
            row.resolution,
            *numbers[row.pk],
            str(row.customer or ""),
            str(row.contact or ""),
        ]
        sought = row.state not in UNSOUGHT
        yield Entry(
            "case", row.pk, row.last_message_at, fold(row.subject)[:200],
            keys_of(row.number, others=numbers[row.pk] if sought else ()), bag(*told) if sought else "",
            row.pk, row.customer_id, row.team_id,
        )  # fmt: skip


def _tracking(ids: Sequence[int]) -> dict[int, list[str]]:
    """The tracking numbers of orders."""
    found: dict[int, list[str]] = defaultdict(list)
    inside = ShipmentLine.objects.filter(schedule_line__order__in=ids, shipment__withdrawn_at=None)
    named = inside.exclude(shipment__tracking="").values_list("schedule_line__order", "shipment__tracking")
    for order, number in named.distinct().order_by("schedule_line__order", "shipment__tracking"):
        found[order].append(number)
    return found


def _order_numbers(ids: Sequence[int]) -> dict[int, list[str]]:
    """Our and the customers' numbers of the orders that cases are about."""
    links = list(CaseLink.objects.filter(case__in=ids, noun="order").order_by("pk").values_list("case_id", "object_id"))
    known = {o.pk: o for o in Order.objects.filter(pk__in={order for _case, order in links})}
    found: dict[int, list[str]] = defaultdict(list)
    for case, order in links:
        if order in known:
            found[case] += [known[order].number, known[order].po_number]
    return found


def messages(ids: Sequence[int]) -> Iterable[Entry]:
    """What was said in cases that are worked on or were; nothing that was taken back."""
    names: dict[int, list[str]] = defaultdict(list)
    for message, name in Attachment.objects.filter(message__in=ids).order_by("pk").values_list("message_id", "name"):
        names[message].append(name)
    rows = said().filter(pk__in=ids).annotate(told=DIGEST, team=F("case__team_id"), buyer=F("case__customer_id"))
    fields = (
        "pk",
        "occurred_at",
        "subject",
        "text",
        "sender_name",
        "sender_address",
        "case_id",
        "buyer",
        "team",
        "told",
    )
    for pk, at, subject, text, sender, address, case, buyer, team, told in rows.values_list(*fields):
        yield Entry(
            "message", pk, at, "", "", bag(subject, text, sender, address, *names[pk]), case, buyer, team, told
        )  # fmt: skip


def said() -> models.QuerySet[Message]:
    """The messages that can be found."""
    return Message.objects.exclude(state__in=UNSAID).exclude(case__state__in=UNSOUGHT)


BAR = Value("|")
DIGEST = MD5(
    Concat(
        *("subject", BAR, "sender_name", BAR, "sender_address", BAR, Left("text", MOST_CHARACTERS)),
        output_field=models.TextField(),
    )
)
Source = Callable[[Sequence[int]], Iterable[Entry]]
SOURCES: dict[str, tuple[type[models.Model], Source]] = {
    "customer": (Customer, customers),
    "contact": (Contact, contacts),
    "product": (Product, products),
    "order": (Order, orders),
    "quote": (Quote, quotes),
    "agreement": (Agreement, agreements),
    "case": (Case, cases),
    "message": (Message, messages),
}


def _by(model: type[models.Model], field: str, ids: Sequence[int], *related: str) -> dict[int, list[Any]]:
    """Rows of a model grouped by what they belong to, in the order of their ids."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows: Any = model._default_manager.filter(**{f"{field}__in": ids}).order_by("pk")
    for row in rows.select_related(*related) if related else rows:
        found[getattr(row, field)].append(row)
    return found
