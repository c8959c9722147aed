"""The list of customers: found by name, number, place, person, e-mail or phone; filtered; read page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from comptoir.cases.models import Case
from comptoir.customers.models import Address, Alert, Contact, Customer, Identity
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.lib.text import fold
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member

PAGE = 50
MOST_EXPORTED = 20_000
VIEWS = ("all", "mine", "prospects", "alerts", "cases", "late")
UNDER_WAY = ("confirmed", "in_fulfilment")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list: a view, words to find, and filters; empty ones hold nothing back."""

    view: str = "all"
    q: str = ""
    stage: str = ""
    customer_class: str = ""
    country: str = ""
    owner: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.stage or self.customer_class or self.country or self.owner)


@dataclass(frozen=True, slots=True)
class Clientele:
    """One page of the list, how many each view holds, and the key of the last row where there is more."""

    wanted: Wanted
    customers: list[Customer]
    counts: dict[str, int]
    after: str

    @property
    def total(self) -> int:
        return self.counts[self.wanted.view]


def clientele(member: Member, wanted: Wanted, after: str = "") -> Clientele:
    """A page of the customers wanted, by name (two queries)."""
    rows = matching(member, wanted)
    found = rows.filter(view_condition(wanted.view, member))
    if after:
        found = found.filter(_behind(after))
    page = list(_shown(found, member).order_by("sort_key", "pk")[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return Clientele(wanted, page[:PAGE], _counts(rows, member), f"{last.pk}_{last.sort_key}" if last else "")


def matching(member: Member, wanted: Wanted) -> QuerySet[Customer]:
    """The customers that fit the words and the filters, in whatever view."""
    rows: QuerySet[Customer] = Customer.objects.visible_to(member)
    given = {"stage": wanted.stage, "customer_class": wanted.customer_class, "country": wanted.country}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if wanted.owner:
        rows = rows.filter(owner_id=row_id(wanted.owner))
    return rows.filter(_found(wanted.q)) if wanted.q.strip() else rows


def _found(text: str) -> Q:
    """By name or number, by a person's name, a city, an e-mail address or a phone number; every word has to be there."""
    words, digits = fold(text), "".join(c for c in text if c.isdigit())
    condition = Q(number__icontains=text.strip())
    condition |= _all_words("sort_key", words)
    condition |= Q(pk__in=Contact.objects.filter(_all_words("sort_key", words)).values("customer_id"))
    condition |= Q(pk__in=Address.objects.filter(city_key__startswith=words).values("customer_id"))
    if "@" in text or "." in text:
        mail = Identity.objects.filter(kind="email", normal__contains=text.strip().lower())
        condition |= Q(pk__in=mail.values("customer_id"))
    if len(digits) >= 4 and not any(c.isalpha() for c in text):
        phone = Identity.objects.filter(kind__in=("phone", "fax"), normal__contains=digits.lstrip("0"))
        condition |= Q(pk__in=phone.values("customer_id"))
    return condition


def _all_words(column: str, words: str) -> Q:
    condition = Q()
    for word in words.split():
        condition &= Q(**{f"{column}__contains": word})
    return condition


def view_condition(view: str, member: Member) -> Q:
    """What one of the views holds."""
    today = clock.today()
    alerts = Alert.objects.filter(customer=OuterRef("pk"), cleared_at=None)
    conditions = {
        "mine": Q(owner=member),
        "prospects": Q(stage="prospect"),
        "alerts": Q(Exists(alerts.filter(Q(until_on=None) | Q(until_on__gte=today)))),
        "cases": Q(Exists(Case.objects.visible_to(member).worked_on().filter(customer=OuterRef("pk")))),
        "late": Q(Exists(_late(today).filter(order__customer=OuterRef("pk")))),
    }
    return conditions.get(view, Q())


def _late(today: date) -> QuerySet[ScheduleLine]:
    late = ScheduleLine.objects.filter(order__state__in=UNDER_WAY, promised_on__lt=today)
    return late.exclude(state__in=ScheduleLine.DONE)


def _counts(rows: QuerySet[Customer], member: Member) -> dict[str, int]:
    views = {view: Count("pk", filter=view_condition(view, member)) for view in VIEWS if view != "all"}
    found = rows.aggregate(**views, all=Count("pk"))
    return {view: found[view] or 0 for view in VIEWS}


def _behind(after: str) -> Q:
    pk, _underscore, key = after.partition("_")
    last = row_id(pk)
    return Q() if last is None else Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=last)


def _shown(rows: QuerySet[Customer], member: Member) -> QuerySet[Any]:
    """What a row says beside the name."""
    mine = OuterRef("pk")
    places = Address.objects.filter(customer=mine).order_by("pk")
    cases = Case.objects.visible_to(member).filter(customer=mine).order_by()
    orders = Order.objects.visible_to(member).filter(customer=mine, state__in=UNDER_WAY).order_by()
    late = _late(clock.today()).filter(order__customer=mine).order_by().values("order__customer")
    return rows.select_related("owner").annotate(
        city=Subquery(places.values("city")[:1]),
        open_cases=Coalesce(Subquery(cases.worked_on().values("customer").annotate(n=Count("pk")).values("n")), 0),
        open_orders=Coalesce(Subquery(orders.values("customer").annotate(n=Count("pk")).values("n")), 0),
        late_lines=Coalesce(Subquery(late.annotate(n=Count("pk")).values("n")), 0),
        last_contact_at=Subquery(cases.values("customer").annotate(at=Max("last_message_at")).values("at")),
        has_alert=view_condition("alerts", member),
    )


def countries(member: Member) -> list[str]:
    """The countries there are customers in."""
    rows = Customer.objects.visible_to(member).order_by().values_list("country", flat=True).distinct()
    return list(rows)


def owners(member: Member) -> QuerySet[Member]:
    """The members who look after customers, by name."""
    owned = Customer.objects.visible_to(member).exclude(owner=None).order_by().values("owner_id")
    return Member.objects.visible_to(member).filter(pk__in=owned).order_by("name")


def exported(member: Member, wanted: Wanted) -> Iterator[Any]:
    """The rows of an export, by name, under the same filters as the list."""
    rows = matching(member, wanted).filter(view_condition(wanted.view, member))
    first = Identity.objects.filter(customer=OuterRef("pk")).order_by(
        F("bounced_at").desc(nulls_first=True), "-is_preferred", F("contact").asc(nulls_first=True), "pk"
    )
    shown = _shown(rows, member).annotate(
        email=Subquery(first.filter(kind="email").values("value")[:1]),
        phone=Subquery(first.filter(kind="phone").values("normal")[:1]),
    )
    return iter(shown.order_by("sort_key", "pk")[:MOST_EXPORTED])
