"""What a picker offers for what was typed: rows of one noun, found by themselves or by what belongs to them."""

from collections.abc import Sequence
from typing import Any

from comptoir.cases.models import Case
from comptoir.customers.models import Contact, Customer
from comptoir.lib.text import fold
from comptoir.orders.models import Order
from comptoir.people.models import Member
from comptoir.search.asking import Asked, read
from comptoir.search.models import Document
from comptoir.search.queries import EXACT, LOADERS, Ids, ids_of

OFFERED = 8
OWNED = ("contact", "order", "case")


def suggest(member: Member, noun: str, text: str, customer: int | None = None, limit: int = OFFERED) -> list[Any]:
    """Rows to choose from, best first; of one customer where one is named; without a text, the usual ones.

    A number, phone, address or PO finds whatever belongs to the same customer too.
    """
    wanted = read(text)
    if not wanted.is_enough:
        return _usual(member, noun, [customer] if customer else None, limit)
    found = _ids(member, noun, wanted, customer, limit)
    rows = _loaded(member, noun, list(found.get(noun, {})))
    if len(rows) < limit and noun != "product":
        known = {row.pk for row in rows}
        buyers = _customers_of(member, found, customer)
        rows += [row for row in _usual(member, noun, buyers, limit) if row.pk not in known] if buyers else []
    return rows[:limit]


def exact(member: Member, noun: str, text: str, customer: int | None = None) -> list[Any]:
    """The rows whose number or name is just what was typed."""
    wanted = read(text)
    found = _ids(member, noun, wanted, customer, OFFERED).get(noun, {}) if wanted.is_enough else {}
    rows = _loaded(member, noun, list(found))
    named = [row for row in rows if fold(str(getattr(row, "name", ""))) == wanted.folded]
    return [row for row in rows if found[row.pk] == EXACT] or named


def _ids(member: Member, noun: str, wanted: Asked, customer: int | None, limit: int) -> Ids:
    nouns = ("product",) if noun == "product" else (noun, *(n for n in ("customer", *OWNED) if n != noun))
    return ids_of(member, wanted, limit, nouns, customer)


def _loaded(member: Member, noun: str, ids: Sequence[int]) -> list[Any]:
    by_id = {row.pk: row for row in LOADERS[noun](member, ids)} if ids else {}
    return [by_id[pk] for pk in ids if pk in by_id and getattr(by_id[pk], "state", "") not in ("merged", "spam")]


def _customers_of(member: Member, found: Ids, customer: int | None) -> list[int]:
    """The customers of what was found; of cases only those the member may see."""
    buyers = list(found.get("customer", {}))
    for noun in ("contact", "order"):
        rows = Document.objects.filter(noun=noun, object_id__in=found.get(noun, {}))
        buyers += [pk for pk in rows.values_list("customer_id", flat=True) if pk] if noun in found else []
    if "case" in found:
        seen = Case.objects.visible_to(member).filter(pk__in=found["case"])
        buyers += [pk for pk in seen.values_list("customer_id", flat=True) if pk]
    return [pk for pk in dict.fromkeys(buyers) if customer in (None, pk)]


def _usual(member: Member, noun: str, customers: Sequence[int] | None, limit: int) -> list[Any]:
    """The latest rows, of some customers or of those the member deals with."""
    if noun == "product":
        return []
    if customers is None:
        mine = Case.objects.visible_to(member).filter(owner=member).exclude(customer=None)
        recent = mine.order_by("-last_message_at").values_list("customer_id", flat=True)[:30]
        customers = [pk for pk in dict.fromkeys(recent) if pk is not None][:limit]
    if noun == "customer":
        by_id = {row.pk: row for row in Customer.objects.visible_to(member).filter(pk__in=customers)}
        return [by_id[pk] for pk in customers if pk in by_id][:limit]
    if noun == "contact":
        people = Contact.objects.visible_to(member).filter(customer__in=customers, is_active=True)
        return list(people.select_related("customer").prefetch_related("identities").order_by("sort_key")[:limit])
    if noun == "order":
        orders = Order.objects.visible_to(member).filter(customer__in=customers)
        return list(orders.select_related("customer").order_by("-placed_at")[:limit])
    cases = Case.objects.visible_to(member).filter(customer__in=customers).exclude(state__in=("merged", "spam"))
    related = cases.select_related("customer", "contact", "owner", "merged_into")
    return list(related.order_by("-last_message_at")[:limit])
