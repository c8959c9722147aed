"""What a customer's page reads: who they are, what is open, and one story across cases, orders and promises."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils.dateparse import parse_datetime

from comptoir.cases.models import Case
from comptoir.catalog.models import CustomerPart, Price
from comptoir.customers.models import Address, Alert, Contact, Customer, Identity
from comptoir.customers.queries import alerts_of
from comptoir.events.models import Event, EventSubject
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise

SHOWN = 8
STORY = 30
MOST = 300
MOST_PROMISES = 60
UNDER_WAY = ("confirmed", "in_fulfilment")
CONTACTS = ("cases.received", "cases.replied", "cases.logged")
TABS: dict[str, Q] = {
    "all": Q(),
    "cases": Q(verb__startswith="cases."),
    "orders": Q(verb__startswith="orders."),
    "promises": Q(verb__startswith="promises."),
    "contacts": Q(verb__in=CONTACTS),
}
REACH = ("pk", "kind", "value", "normal", "is_preferred", "verified_at", "bounced_at")
MONEY = DecimalField(max_digits=18, decimal_places=4)


@dataclass(slots=True)
class Person:
    """A contact, or the company itself (None), with every way to reach them."""

    contact: Contact | None
    identities: list[Identity] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order under way: what is left to deliver, when the next of it is promised, and whether that day has passed."""

    order: Order
    left: Money
    next_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the story, or a run of lines of other teams' cases, which are only counted."""

    event: Event | None
    at: datetime
    hidden: int = 0
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One page of the story: its lines, the key of the last one, and whether there is more."""

    tab: str
    entries: list[Entry]
    last: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Everything a customer's page shows at once; parts and prices are read when they are looked at."""

    customer: Customer
    alerts: list[Alert]
    company: Person
    people: list[Person]
    gone: list[Person]
    addresses: list[Address]
    cases: list[Case]
    orders: list[OpenOrder]
    promises: list[Promise]
    deliveries: list[Promise]

    @property
    def open_value(self) -> Money:
        """What is ordered and not delivered, in the customer's currency."""
        return Money(self.customer.open_value, self.customer.currency).quantized()  # type: ignore[attr-defined]

    @property
    def credit_share(self) -> Decimal | None:
        """Open order value over the credit limit."""
        limit = self.customer.credit_limit
        return self.open_value.amount / limit if limit else None

    @property
    def credit_percent(self) -> int:
        return round(100 * (self.credit_share or 0))

    @property
    def kept_percent(self) -> int | None:
        """Of the promises that fell due within a year, how many were kept in time; None without any."""
        due = self.customer.promises_due  # type: ignore[attr-defined]
        return round(100 * self.customer.promises_kept / due) if due else None  # type: ignore[attr-defined]

    @property
    def hidden_cases(self) -> int:
        """How many open cases other teams have."""
        return self.customer.all_cases - self.customer.open_cases  # type: ignore[attr-defined, no-any-return]


def customers(member: Member) -> QuerySet[Customer]:
    """Customers with their figures as far as the member may count them (one query)."""
    mine = OuterRef("pk")
    cases = Case.objects.visible_to(member).filter(customer=mine)
    orders = Order.objects.visible_to(member).filter(state__in=UNDER_WAY, customer=mine)
    waiting = _undelivered().filter(order__customer=mine, order__currency=OuterRef("currency"))
    value = Sum(F("quantity") * F("line__unit_price") / F("line__per"), output_field=MONEY)
    recent = Promise.objects.filter(customer=mine, due_at__gte=clock.now() - timedelta(days=365))
    rows: QuerySet[Customer] = Customer.objects.visible_to(member)
    return rows.select_related("owner", "sponsor", "parent").annotate(
        companies=ArraySubquery(
            Customer.objects.filter(parent=mine)
            .order_by("sort_key")
            .values(row=JSONObject(number="number", name="name"))
        ),
        reach=_reach(Q(customer=OuterRef("pk"), contact=None)),
        open_cases=_count(cases.worked_on(), "customer"),
        all_cases=_count(Case.objects.filter(customer=mine).worked_on(), "customer"),
        last_contact_at=Subquery(cases.order_by().values("customer").annotate(at=Max("last_message_at")).values("at")),
        open_orders=_count(orders, "customer"),
        late_lines=_count(
            _undelivered().filter(order__customer=mine, promised_on__lt=clock.today()), "order__customer"
        ),
        open_value=Coalesce(
            Subquery(waiting.order_by().values("order__customer").annotate(v=value).values("v"), output_field=MONEY),
            Value(Decimal(0), output_field=MONEY),
        ),
        promises_due=_count(recent.filter(state__in=("kept", "kept_late", "broken")), "customer"),
        promises_kept=_count(recent.filter(state="kept"), "customer"),
    )


def _undelivered() -> QuerySet[ScheduleLine]:
    return ScheduleLine.objects.filter(order__state__in=UNDER_WAY).exclude(state__in=ScheduleLine.DONE)


def _count(rows: QuerySet[Any], by: str) -> Any:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0))


def customer_page(customer: Customer, member: Member) -> CustomerPage:
    """The page of a customer that came from `customers()` (seven queries)."""
    company, people = people_of(customer)
    promises = list(standing_promises(customer, member)[:MOST_PROMISES])
    return CustomerPage(
        customer=customer,
        alerts=list(alerts_of(customer).select_related("by").order_by("-created_at")),
        company=company,
        people=[p for p in people if p.contact and p.contact.is_active],
        gone=[p for p in people if p.contact and not p.contact.is_active],
        addresses=sorted(customer.addresses.all(), key=lambda a: (not a.roles, -len(a.roles), a.pk)),
        cases=list(open_cases(customer, member)[: SHOWN + 1]),
        orders=open_orders(customer, member, clock.today()),
        promises=[p for p in promises if not _is_under_way(p)],
        deliveries=[p for p in promises if _is_under_way(p)],
    )


def _is_under_way(promise: Promise) -> bool:
    """True for a delivery that is not in danger: it stands with its order."""
    return promise.kind in (Promise.Kind.DELIVER, Promise.Kind.SHIP) and promise.state == Promise.State.OPEN


def _reach(owner: Q) -> ArraySubquery:
    """The identities of a customer or a person, the preferred first, as rows of an array."""
    rows = JSONObject(contact="contact_id", **{name: name for name in REACH})
    return ArraySubquery(Identity.objects.filter(owner).order_by("kind", "-is_preferred", "pk").values(row=rows))


def people_of(customer: Any) -> tuple[Person, list[Person]]:
    """The company's own identities, and every person with theirs (one query)."""
    own = Contact.objects.filter(customer=customer).annotate(reach=_reach(Q(contact=OuterRef("pk"))))
    people = [Person(c, [_identity(row) for row in c.reach]) for c in own.order_by("sort_key", "pk")]
    return Person(None, [_identity(row) for row in customer.reach]), people


def _identity(row: dict[str, Any]) -> Identity:
    moments = {name: parse_datetime(row[name]) if row[name] else None for name in ("verified_at", "bounced_at")}
    return Identity(contact_id=row["contact"], **{name: row[name] for name in REACH} | moments)


def open_cases(customer: Customer, member: Member) -> QuerySet[Case]:
    """The customer's cases that are worked on, the latest first."""
    rows = Case.objects.visible_to(member).worked_on().filter(customer=customer)
    return rows.select_related("owner").order_by("-last_message_at", "-pk")


def open_orders(customer: Customer, member: Member, today: date) -> list[OpenOrder]:
    """The customer's orders under way, the next promised first; one more than is shown where there are more."""
    left = Q(schedule_lines__in=_undelivered().filter(order__customer=customer))
    value = F("schedule_lines__quantity") * F("schedule_lines__line__unit_price") / F("schedule_lines__line__per")
    rows = Order.objects.visible_to(member).filter(state__in=UNDER_WAY, customer=customer)
    found = rows.annotate(
        next_on=Min("schedule_lines__promised_on", filter=left),
        left=Coalesce(Sum(value, filter=left, output_field=MONEY), Value(Decimal(0), output_field=MONEY)),
    ).order_by(F("next_on").asc(nulls_last=True), "pk")
    return [
        OpenOrder(o, Money(o.left, o.currency).quantized(), o.next_on, o.next_on is not None and o.next_on < today)
        for o in found[: SHOWN + 1]
    ]


def standing_promises(customer: Customer, member: Member) -> QuerySet[Promise]:
    """What the customer waits for, the first due first, with the number of the case or order it is about."""
    seen = Case.objects.visible_to(member).filter(pk=OuterRef("case_id"))
    order = Order.objects.visible_to(member).filter(schedule_lines__pk=OuterRef("subject_id"))
    rows = Promise.objects.visible_to(member).standing().filter(customer=customer).select_related("owner")
    return rows.annotate(
        case_number=Subquery(seen.values("number")[:1]),
        order_number=Subquery(order.filter(Exists(_is_line())).values("number")[:1]),
    ).order_by("due_at", "pk")


def _is_line() -> QuerySet[Promise]:
    return Promise.objects.filter(pk=OuterRef(OuterRef("pk")), subject_noun="scheduleline")


def story_of(customer: Customer, member: Member, tab: str = "all", before: str = "", until: str = "") -> Story:
    """One story across the customer's cases, orders and promises, newest first (one query).

    `before` is the key of the last line seen; `until` asks for everything down to a line, for a page that refreshes itself.
    """
    tab = tab if tab in TABS else "all"
    subjects = EventSubject.objects.filter(noun="customer", object_id=customer.pk)
    if TABS[tab]:
        subjects = subjects.filter(Exists(Event.objects.filter(TABS[tab], pk=OuterRef("event_id"))))
    subjects = subjects.filter(_earlier(before), ~_earlier(until) if until else Q())
    length = MOST if until else STORY
    rows = Event.objects.select_related("actor", "approver").annotate(
        case_number=_number_of("case", Case.objects.visible_to(member)),
        order_number=_number_of("order", Order.objects.visible_to(member)),
    )
    ids = subjects.order_by("-occurred_at", "-event_id").values("event_id")[: length + 1]
    events = list(rows.filter(pk__in=ids).order_by("-occurred_at", "-pk"))
    shown = events[:length]
    last = f"{shown[-1].occurred_at.isoformat()}_{shown[-1].pk}" if shown else ""
    return Story(tab, _entries(shown, member), last, len(events) > length)


def _number_of(noun: str, rows: QuerySet[Any]) -> Subquery:
    """The number of the case or order among an event's subjects, if the member may see it."""
    named = EventSubject.objects.filter(noun=noun, event_id=OuterRef(OuterRef("pk"))).values("object_id")
    return Subquery(rows.filter(pk__in=named).order_by("pk").values("number")[:1])


def _earlier(before: str) -> Q:
    at, _underscore, pk = before.rpartition("_")
    try:
        moment, number = datetime.fromisoformat(at), int(pk)
    except ValueError:
        return Q()
    return Q(occurred_at__lt=moment) | Q(occurred_at=moment, event_id__lt=number)


def _entries(events: list[Event], member: Member) -> list[Entry]:
    """Lines of the story; neighbours that the member may not read become one line with their number."""
    entries: list[Entry] = []
    for event in events:
        if not event.is_hidden_from(member):
            entries.append(_entry(event))
        elif entries and entries[-1].hidden:
            entries[-1] = Entry(None, entries[-1].at, entries[-1].hidden + 1)
        else:
            entries.append(Entry(None, event.occurred_at, 1))
    return entries


def _entry(event: Any) -> Entry:
    if event.case_number:
        return Entry(event, event.occurred_at, url=f"/cases/{event.case_number}/", label=event.case_number)
    if event.order_number:
        return Entry(event, event.occurred_at, url=f"/orders/{event.order_number}/", label=event.order_number)
    return Entry(event, event.occurred_at)


def parts_of(customer: Customer, member: Member) -> list[CustomerPart]:
    """The customer's own part numbers."""
    rows = CustomerPart.objects.visible_to(member).filter(customer=customer).select_related("product")
    return list(rows.order_by("part_number"))


def prices_of(customer: Customer, member: Member, on: date) -> list[Price]:
    """The prices agreed with the customer that hold now or will, by part and quantity."""
    rows = (
        Price.objects.visible_to(member).filter(customer=customer).filter(Q(valid_until=None) | Q(valid_until__gte=on))
    )
    return list(rows.select_related("product").order_by("product__number", "valid_from", "minimum_quantity"))
