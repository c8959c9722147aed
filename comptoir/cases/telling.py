"""Whom to tell: orders of which goods lack, why, what is possible instead, and a notice ready in the customer's language."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from django.db.models import F, Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from comptoir.cases.models import Case, CaseLink
from comptoir.cases.models.case import WORKED_ON
from comptoir.customers.models import Identity
from comptoir.lib import days
from comptoir.lib.units import unit_in
from comptoir.orders.actions.versions import language_of
from comptoir.orders.models import Order, ScheduleLine
from comptoir.orders.possible import arrivals
from comptoir.people.models import Member
from comptoir.promises.models import Promise

MOST = 200
SENTENCES = Path(__file__).resolve().parent / "notices.toml"


@cache
def words_of(language: str) -> dict[str, str]:
    """The sentences of a notice; English where we have none in that language."""
    known: dict[str, dict[str, str]] = tomllib.loads(SENTENCES.read_text())
    return {**known.get(language, known["en"]), "language": language if language in known else "en"}


@dataclass(frozen=True, slots=True)
class Risk:
    """A schedule line that lacks goods: its promise, why, how much is missing, and the first day it can arrive instead."""

    row: ScheduleLine
    promise: Promise
    cause: str
    lacks: Decimal
    possible_on: date | None

    @property
    def is_to_tell(self) -> bool:
        """True when it cannot be kept and the customer does not know yet."""
        return not self.is_kept and not self.promise.told_at

    @property
    def is_kept(self) -> bool:
        """True when it can be kept after all, as soon as the lines that take its goods before it are moved."""
        return None not in (self.possible_on, self.row.promised_on) and self.possible_on <= self.row.promised_on  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Telling:
    """A customer to be told about one order: what is at risk, in which case, to which address, and the notice."""

    order: Order
    risks: list[Risk]
    case: Case | None
    to: str
    language: str
    text: str

    @property
    def told(self) -> Promise | None:
        """The promise that says when and how the customer was told, when there is nothing else to tell."""
        told = [risk.promise for risk in self.risks if risk.promise.told_at]
        return told[0] if told and not self.to_tell else None

    @property
    def to_tell(self) -> list[Risk]:
        """What cannot be kept and the customer does not know yet."""
        return [risk for risk in self.risks if risk.is_to_tell]


def whom_to_tell(member: Member, only: Order | None = None) -> list[Telling]:
    """What lacks goods, one entry an order, the first promised first; `only` one of them (eight queries)."""
    by_order = defaultdict[Order, list[Risk]](list)
    for risk in risks_of(member, None if only is None else [only.pk]):
        by_order[risk.row.order].append(risk)
    cases, addresses = cases_of(by_order, member), addresses_of(by_order)
    return [
        Telling(
            order, risks, cases.get(order.pk), addresses.get(order.pk, ""), language_of(order), _notice(order, risks)
        )
        for order, risks in by_order.items()
    ]


def risks_of(member: Member, orders: Collection[int] | None = None) -> list[Risk]:
    """What lacks goods of these orders, else of all the first two hundred; the first promised first (five queries).

    Whatever else lacks the same products is counted in: nobody's possible day rests on the goods of another.
    """
    risky = Promise.objects.visible_to(member).standing().filter(subject_noun="scheduleline", at_risk_at__isnull=False)
    rows = ScheduleLine.objects.visible_to(member).select_related(
        "line__product", "order__customer__owner", "order__contact", "order__ship_to", "order__site",
        "supplied_from",
    )  # fmt: skip
    if orders is not None:
        own = ScheduleLine.objects.filter(order__in=orders, pk__in=risky.values("subject_id"))
        rivals = ScheduleLine.objects.filter(line__product__in=own.values("line__product"))
        risky = risky.filter(subject_id__in=rivals.values("pk"))
    most = MOST if orders is None else None
    by_row = {promise.subject_id: promise for promise in risky.order_by("due_at", "pk")[:most]}
    found = sorted(rows.filter(pk__in=by_row), key=lambda row: (by_row[row.pk].due_at, row.pk))
    possible = arrivals(found)
    wanted = [row for row in found if orders is None or row.order_id in orders]
    return [_risk(row, by_row[row.pk], possible[row.pk]) for row in wanted]


def _risk(row: ScheduleLine, promise: Promise, possible: date | None) -> Risk:
    return Risk(row, promise, cause_of(promise), Decimal(promise.cause.get("lacks", "0")), possible)


def untold(member: Member) -> int:
    """How many of the member's customers' promises lack goods and were not told yet (one query)."""
    risky = Promise.objects.standing().filter(subject_noun="scheduleline", at_risk_at__isnull=False, told_at=None)
    return risky.filter(customer__owner=member.pk).count()


def cases_of(orders: Iterable[Order], member: Member) -> dict[int, Case]:
    """The open case about each order that was heard of last, of those the member sees (one query)."""
    links = CaseLink.objects.filter(noun="order", object_id__in=[order.pk for order in orders]).exclude(how="suggested")
    links = links.filter(case__in=Case.objects.visible_to(member).filter(state__in=WORKED_ON))
    return {link.object_id: link.case for link in links.select_related("case").order_by("case__last_message_at")}


def addresses_of(orders: Iterable[Order]) -> dict[int, str]:
    """Where each order's contact is written to, else the company (one query)."""
    orders = list(orders)
    people = Q(contact__in=[order.contact_id for order in orders if order.contact_id])
    firms = Q(contact=None, customer__in=[order.customer_id for order in orders])
    rows = Identity.objects.filter(people | firms, kind="email")
    ways = list(rows.order_by(F("bounced_at").desc(nulls_first=True), "-is_preferred", "pk"))
    found = {}
    for order in orders:
        fits = (
            w for w in ways if w.contact_id == order.contact_id and (w.contact_id or w.customer_id == order.customer_id)
        )
        found[order.pk] = getattr(next(fits, None), "value", "")
    return found


def cause_of(promise: Promise) -> str:
    """Why goods lack, for the reps who read it."""
    told, receipt = promise.cause, promise.cause.get("receipt") or _("A receipt")
    before, after = _shown(told.get("before")), _shown(told.get("after"))
    sentences = {
        "later": _("{receipt} comes later: {before} → {after}"),
        "less": _("{receipt} brings less: {before} → {after}"),
        "dropped": _("{receipt} of {before} will not come"),
        "counted": _("Counted: {before} → {after}"),
    }
    sentence = sentences.get(told.get("kind", ""), _("Goods lack"))
    return sentence.format(receipt=receipt, before=before, after=after)


def _shown(value: str | None) -> str:
    day = parse_date(value) if value and len(value) == 10 else None
    return days.day(day) if day else value or "–"


def _notice(order: Order, risks: list[Risk]) -> str:
    """The prepared message about what cannot be kept."""
    risks, words = [risk for risk in risks if not risk.is_kept] or risks, words_of(language_of(order))
    hello = words["hello"].format(name=order.contact.name) if order.contact else words["hello_all"]
    cause = words.get(risks[0].promise.cause.get("kind", ""), words["later"])
    lines = [_line(risk, words) for risk in risks]
    why = words["why"].format(po=order.po_number or order.number, cause=cause)
    return "\n".join([hello, "", why, "", *lines, "", words["bye"]])


def subject_of(order: Order) -> str:
    """The subject of a new message about it."""
    return words_of(language_of(order))["subject"].format(po=order.po_number or order.number)


def _line(risk: Risk, words: dict[str, str]) -> str:
    row, line, form = risk.row, risk.row.line, words["row"] if risk.possible_on else words["open"]
    language = words["language"]
    quantity = f"{format_decimal(row.quantity, '#,##0.###', locale=language)} {unit_in(line.unit, language)}"
    what = f"{quantity} {line.customer_part or line.product.number} {line.description}"
    return form.format(what=what, promised=_day(row.promised_on, language), possible=_day(risk.possible_on, language))


def _day(day: date | None, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language) if day else "–"
