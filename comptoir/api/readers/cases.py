"""Cases; one read alone comes with its messages, requests and links."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.apps import apps
from django.db.models import Prefetch

from comptoir.api.reading import Filter, Reader, Rows, moment, of_row, one_of, reader
from comptoir.cases.models import Ask, Attachment, Case, CaseLink, Message, Recipient
from comptoir.customers.models import Customer
from comptoir.people.models import Member, Team

MESSAGES = 200


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a message, by its name."""

    id: int
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """To whom a message goes or went."""

    role: str
    name: str
    address: str
    state: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """Something said: `in` by the customer, `out` to the customer, `internal` among ourselves."""

    id: int
    direction: str
    channel: str
    state: str
    author: str | None
    sender_name: str
    sender_address: str
    recipients: list[RecipientRow]
    subject: str
    text: str
    occurred_at: datetime
    files: list[FileRow]


@dataclass(frozen=True, slots=True)
class AskRow:
    """One question or wish of the customer."""

    id: int
    text: str
    state: str
    promise_id: int | None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A row the case is about, and how it was found."""

    id: int
    noun: str
    object_id: int
    how: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A piece of work for a customer."""

    id: int
    number: str
    subject: str
    type: str
    priority: str
    state: str
    waiting_on: str
    waiting_until: datetime | None
    customer: str | None
    contact_id: int | None
    team: str
    owner: str | None
    language: str
    channel: str
    tags: list[str]
    created_at: datetime
    last_message_at: datetime
    next_update_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    resolution: str
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class FullCase:
    """A case with its latest messages (at most 200, oldest first), requests and links."""

    case: CaseRow
    messages: list[MessageRow]
    asks: list[AskRow]
    links: list[LinkRow]


def with_people(rows: Rows) -> Rows:
    """Read together with whom it is for and who works on it."""
    return rows.select_related("customer", "team", "owner", "merged_into").prefetch_related("tags")


def shapes(member: Member, rows: Sequence[Case]) -> list[CaseRow]:
    """The cases without what was said in them."""
    hidden = {case.merged_into_id for case in rows if case.merged_into_id}
    if hidden:
        hidden -= set(Case.objects.visible_to(member).filter(pk__in=hidden).values_list("pk", flat=True))
    return [_case(row, hidden) for row in rows]


def _case(row: Case, hidden: set[int]) -> CaseRow:
    into = row.merged_into if row.merged_into_id not in hidden else None
    same = {f.name: getattr(row, f.name) for f in fields(CaseRow) if f.name not in NAMED}
    return CaseRow(
        **same, customer=row.customer.number if row.customer else None, team=row.team.name,
        owner=row.owner.email if row.owner else None, tags=sorted(tag.name for tag in row.tags.all()),
        merged_into=into.number if into else None,
    )  # fmt: skip


NAMED = {"customer", "team", "owner", "tags", "merged_into"}


def full(member: Member, row: Case) -> FullCase:
    """A case with what was said in it, as far as the member may see it."""
    said = Message.objects.visible_to(member).filter(case=row).select_related("author", "conversation")
    said = said.prefetch_related(
        Prefetch("recipients", Recipient.objects.order_by("pk")),
        Prefetch("attachments", Attachment.objects.order_by("pk")),
    )
    latest = list(said.order_by("-occurred_at", "-pk")[:MESSAGES])
    asks = Ask.objects.visible_to(member).filter(case=row).order_by("pk")
    return FullCase(
        case=shapes(member, [row])[0],
        messages=[_message(one) for one in reversed(latest)],
        asks=[AskRow(one.pk, one.text, one.state, one.promise_id) for one in asks],
        links=_links(member, row),
    )


def _links(member: Member, row: Case) -> list[LinkRow]:
    """The rows the case is about; of other cases, those the member may see."""
    links = list(CaseLink.objects.visible_to(member).filter(case=row).order_by("pk"))
    others = [link.object_id for link in links if link.noun == "case"]
    seen = set(Case.objects.visible_to(member).filter(pk__in=others).values_list("pk", flat=True)) if others else set()
    shown = [link for link in links if link.noun != "case" or link.object_id in seen]
    return [LinkRow(one.pk, one.noun, one.object_id, one.how) for one in shown]


def _message(row: Message) -> MessageRow:
    return MessageRow(
        id=row.pk, direction=row.direction, channel=row.conversation.channel, state=row.state,
        author=row.author.email if row.author else None, sender_name=row.sender_name, sender_address=row.sender_address,
        recipients=[RecipientRow(r.role, r.name, r.address, r.state) for r in row.recipients.all()],
        subject=row.subject, text=row.text, occurred_at=row.occurred_at,
        files=[FileRow(f.pk, f.name, f.content_type, f.size) for f in row.attachments.all()],
    )  # fmt: skip


def _about(rows: Rows, value: str, member: Member) -> Rows:
    """Cases linked to an order, named by its number or id."""
    from comptoir.api.references import find

    found = find(apps.get_model("orders.Order")._default_manager.visible_to(member), value)
    if found is None:
        return rows.none()
    return rows.filter(pk__in=CaseLink.objects.filter(noun="order", object_id=found.pk).values("case_id"))


reader(
    Reader(
        "cases", "cases", "Cases; read alone, with their messages", Case, CaseRow, shapes, with_people,
        {
            "state": one_of("state", Case.State.values),
            "type": one_of("type", Case.Type.values),
            "priority": one_of("priority", Case.Priority.values),
            "customer": of_row("customer", Customer),
            "owner": of_row("owner", Member),
            "team": of_row("team", Team),
            "order_number": Filter({"type": "string", "description": "The number or id of an order"}, str, _about),
            "message_since": moment("last_message_at__gte"),
        },
        FullCase, full,
    )
)  # fmt: skip
