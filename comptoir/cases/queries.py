"""What the desk's pages read of cases: finished rows, few queries."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from comptoir.actions.models import Approval
from comptoir.cases import handoff_queries
from comptoir.cases.models import Ask, Attachment, Case, CaseLink, Draft, Message, Presence, Recipient
from comptoir.customers.models import Alert, Identity
from comptoir.customers.queries import alerts_of
from comptoir.events.models import Event
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.invariants import Finding
from comptoir.lib.numbers import row_id
from comptoir.orders.models import InboundDocument, Order, OrderVersion
from comptoir.people.models import Member
from comptoir.promises.models import Promise

VIEWS = ("mine", "unassigned", "waiting", "snoozed", "all")
PAGE = 50
SHOWN = 30
QUIET = {
    "cases.opened",
    "cases.received",
    "cases.replied",
    "cases.noted",
    "cases.logged",
    "cases.sent",
    "cases.ask_added",
}
UNTIL = Case.WaitingOn.UNTIL
# What a row of the list shows; another column here would be asked for row by row.
ROW = (
    "number", "subject", "snippet", "channel", "flag", "is_unread", "last_message_at", "next_update_at", "state",
    "customer__name", "contact__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of a view: its cases, each view's count, and whether there is more."""

    view: str
    cases: list[Case]
    counts: dict[str, int]
    next_before: str


def queue(member: Member, view: str = "mine", before: str = "") -> Queue:
    """The cases of a view, newest first; `before` is the key of the last row seen."""
    rows = in_view(member, view).select_related("customer", "contact").only(*ROW)
    if before:
        rows = rows.filter(_after_key(before))
    cases = list(rows.order_by("-last_message_at", "-pk")[: PAGE + 1])
    more = len(cases) > PAGE
    last = cases[PAGE - 1] if more else None
    return Queue(view, cases[:PAGE], counts(member), f"{last.last_message_at.isoformat()}_{last.pk}" if last else "")


def _after_key(before: str) -> Q:
    at, _underscore, pk = before.rpartition("_")
    number = row_id(pk)
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        return Q()
    if number is None:
        return Q()
    return Q(last_message_at__lt=moment) | Q(last_message_at=moment, pk__lt=number)


def in_view(member: Member, view: str) -> QuerySet[Case]:
    """The cases of one of the views."""
    return Case.objects.visible_to(member).filter(_condition(view, member))


def _condition(view: str, member: Member) -> Q:
    snoozed = Q(state="waiting", waiting_on=UNTIL)
    conditions = {
        "mine": Q(owner=member, state__in=("new", "open")),
        "unassigned": Q(owner=None, state__in=("new", "open")),
        "waiting": Q(state="waiting") & ~Q(waiting_on=UNTIL),
        "snoozed": snoozed,
        "all": ~Q(state__in=("merged", "spam")),
        "spam": Q(state="spam"),
    }
    return conditions.get(view, conditions["mine"])


def counts(member: Member) -> dict[str, int]:
    """How many cases each view holds, in one query; `all` counts those worked on."""
    rows = Case.objects.visible_to(member).worked_on()
    found = rows.aggregate(
        **{view: Count("pk", filter=_condition(view, member)) for view in VIEWS if view != "all"}, all=Count("pk")
    )
    return {view: found[view] or 0 for view in VIEWS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a case's thread: a message or an event, by when it happened."""

    at: datetime
    message: Message | None = None
    event: Event | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a case's page shows."""

    case: Case
    entries: list[Entry]
    older: int
    last_message_id: int | None
    last_heard: Message | None
    asks: list[Ask]
    promises: list[Promise]
    approvals: list[Approval]
    orders: list[tuple[CaseLink, Order]]
    others: list[tuple[CaseLink, Case]]
    alerts: list[Alert]
    reach: list[Identity]
    drafts: dict[str, Draft]
    tags: list[Any]
    is_followed: bool

    @property
    def promised(self) -> list[Promise]:
        """What stands promised besides answers to asks."""
        answers = {ask.promise_id for ask in self.asks}
        return [promise for promise in self.promises if promise.pk not in answers]

    @property
    def open_asks(self) -> list[Ask]:
        return [ask for ask in self.asks if ask.state in ("open", "promised")]


@dataclass(frozen=True, slots=True)
class Said:
    """The thread of a case: its newest messages with what happened between them, and how many are older."""

    entries: list[Entry]
    messages: list[Message]
    older: int


def thread(case: Case, member: Member, show_all: bool = False) -> Said:
    """What was said in a case and what happened meanwhile, in its order; `messages` are the newest first.

    What is told of another team's case is hidden; what the case went through in earlier teams is its own.
    """
    messages = list(_messages(case).order_by("-occurred_at", "-pk")[: None if show_all else SHOWN])
    total = len(messages) if len(messages) < SHOWN or show_all else case.messages.count()
    told = story(case, limit=60)
    events = [e for e in told if e.verb not in QUIET and not e.verb.startswith("cases.ask_")]
    own = {case.team_id, *(e.scope_team_id for e in told if e.verb == "cases.moved")}
    oldest = min((m.occurred_at for m in messages), default=case.created_at)
    entries = [Entry(m.occurred_at, message=m) for m in messages]
    entries += [
        Entry(e.occurred_at, event=e, is_hidden=e.scope_team_id not in own and e.is_hidden_from(member))
        for e in events
        if show_all or e.occurred_at >= oldest
    ]
    return Said(sorted(entries, key=lambda e: (e.at, e.message is None)), messages, total - len(messages))


def case_page(case: Case, member: Member, show_all: bool = False) -> CasePage:
    """The page of a case the member may see."""
    said = thread(case, member, show_all)
    links = list(case.links.all())
    latest = OrderVersion.objects.filter(order=OuterRef("pk")).order_by("-version").values("pk")[:1]
    orders = Order.objects.filter(pk__in=[n.object_id for n in links if n.noun == "order"])
    orders = orders.select_related("customer", "ship_to").annotate(version_pk=Subquery(latest))
    cases = Case.objects.visible_to(member).filter(pk__in=[n.object_id for n in links if n.noun == "case"])
    return CasePage(
        case=case,
        entries=said.entries,
        older=said.older,
        last_message_id=max((m.pk for m in said.messages), default=None),
        last_heard=next((m for m in said.messages if m.direction == "in" and m.sender_address), None),
        asks=list(case.asks.select_related("promise__owner")),
        promises=list(Promise.objects.standing().filter(case_id=case.pk).select_related("owner").order_by("due_at")),
        approvals=approvals_about(case),
        orders=_paired(links, "order", orders),
        others=_paired(links, "case", cases),
        alerts=list(alerts_of(case.customer)) if case.customer else [],
        reach=_reach(case),
        drafts={d.kind: d for d in case.drafts.filter(member=member).prefetch_related("files__quote")},
        tags=list(case.tags.all()),
        is_followed=case.follows.filter(member=member).exists(),
    )


def _reach(case: Case) -> list[Identity]:
    """How the contact is reached, the preferred way first; without a contact how the company is."""
    if case.customer_id is None:
        return []
    whose = Q(contact_id=case.contact_id) if case.contact_id else Q(customer_id=case.customer_id, contact=None)
    rows = Identity.objects.filter(whose, kind__in=("email", "phone", "fax"))
    return list(rows.order_by("-is_preferred", "kind", "pk"))


def _messages(case: Case) -> QuerySet[Message]:
    """A message's HTML is long and shown in a frame of its own: here it is only known whether there is any."""
    rows: QuerySet[Message] = (
        case.messages.select_related("conversation", "author")
        .defer("html", "references")
        .annotate(has_html=~Q(html=""), **_offered("message"))
    )
    return rows.prefetch_related(
        Prefetch("recipients", Recipient.objects.order_by("pk")),
        Prefetch("attachments", Attachment.objects.annotate(**_offered("attachment")).order_by("pk")),
    )


def _offered(noun: str) -> dict[str, Subquery]:
    """Whether a message or an attachment was read as an order: the document, its state, and the order it became."""
    rows = InboundDocument.objects.filter(source_noun=noun, source_id=OuterRef("pk"))
    return {
        "document_id": Subquery(rows.values("pk")[:1]),
        "document_state": Subquery(rows.values("state")[:1]),
        "document_order": Subquery(rows.values("order__number")[:1]),
    }


def _paired(links: list[CaseLink], noun: str, rows: Any) -> list[tuple[CaseLink, Any]]:
    by_id = {row.pk: row for row in rows}
    return [(link, by_id[link.object_id]) for link in links if link.noun == noun and link.object_id in by_id]


def approvals_about(case: Case) -> list[Approval]:
    """What was asked in the case's context and is not settled, or was within the last day."""
    rows = Approval.objects.filter(about__contains=[["cases.Case", case.pk]]).select_related("requester", "decided_by")
    recent = clock.now() - timedelta(days=1)
    return list(rows.filter(Q(state="pending") | Q(decided_at__gte=recent)).order_by("-requested_at"))


def has_just_said(case: Case, member: Member, text: str) -> bool:
    """True when the member has sent just this within a minute: a draft saved on the way must not come back."""
    said = Message.objects.filter(
        case=case, author=member, text=text, recorded_at__gte=clock.now() - timedelta(minutes=1)
    )
    return bool(text) and said.exclude(state="undone").exists()


def present(case: Case, member: Member) -> list[Presence]:
    """Who else looks at the case now, and who writes."""
    rows = Presence.objects.filter(case=case, until__gte=clock.now()).exclude(member=member)
    return list(rows.select_related("member").order_by("-is_writing", "member__name"))


def cases_of(promises: list[Promise], member: Member) -> dict[int, Case]:
    """The cases promises were made in, as far as the member sees them."""
    ids = {p.case_id for p in promises if p.case_id}
    return {case.pk: case for case in Case.objects.visible_to(member).filter(pk__in=ids)}


def cases_about(order: Order, member: Member) -> list[Case]:
    """The cases linked to an order that the member sees, the latest first."""
    links = CaseLink.objects.filter(noun="order", object_id=order.pk).exclude(how="suggested")
    rows = Case.objects.visible_to(member).filter(pk__in=links.values("case_id")).exclude(state__in=("merged", "spam"))
    return list(rows.select_related("owner").order_by("-last_message_at", "-pk")[:20])


def invariants() -> list[Finding]:
    """Open cases that nobody will be told about, and answers to more than one raw mail."""
    silent = Case.objects.worked_on().filter(next_update_at=None, flag="")
    doubled = (
        Message.objects.filter(direction="in", raw_file__isnull=False)
        .values("raw_file", "case__inbox")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    return [
        Finding("Open cases without a next update", silent.count(), list(silent.values_list("number", flat=True)[:5])),
        Finding("A raw mail filed twice in one inbox", doubled.count(), [str(d["raw_file"]) for d in doubled[:5]]),
        *handoff_queries.invariants(),
    ]
