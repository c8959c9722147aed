"""What was promised to whom by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from comptoir.api.reading import Reader, Rows, moment, of_row, one_of, reader
from comptoir.customers.models import Customer
from comptoir.people.models import Member
from comptoir.promises.models import Promise


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise: `due_on` where a day was promised, `due_at` the moment it ends; `about` is the noun and id of its row."""

    id: int
    kind: str
    text: str
    state: str
    strength: str
    customer: str | None
    about: str
    about_id: int
    case_id: int | None
    owner: str
    made_at: datetime
    due_at: datetime
    due_on: date | None
    zone: str
    original_due_at: datetime
    reason: str
    told_at: datetime | None
    closed_at: datetime | None


def shape(row: Promise) -> PromiseRow:
    """One promise, read with its customer and owner."""
    return PromiseRow(
        id=row.pk, kind=row.kind, text=row.text, state=row.state, strength=row.strength,
        customer=row.customer.number if row.customer else None, about=row.subject_noun, about_id=row.subject_id,
        case_id=row.case_id, owner=row.owner.email, made_at=row.made_at, due_at=row.due_at, due_on=row.due_on,
        zone=row.zone, original_due_at=row.original_due_at, reason=row.reason, told_at=row.told_at, closed_at=row.closed_at,
    )  # fmt: skip


def shapes(member: Member, rows: Sequence[Promise]) -> list[PromiseRow]:
    return [shape(row) for row in rows]


def with_people(rows: Rows) -> Rows:
    """Read together with the customer and who answers for it."""
    return rows.select_related("customer", "owner")


def on_rows(member: Member, noun: str, ids: Sequence[int]) -> dict[int, list[Any]]:
    """The promises about rows of a noun, by row, as far as the member may see them."""
    rows: Any = with_people(Promise.objects.visible_to(member)).filter(subject_noun=noun, subject_id__in=ids)
    found: dict[int, list[Any]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(row.subject_id, []).append(shape(row))
    return found


reader(
    Reader(
        "promises", "promises", "Promises", Promise, PromiseRow, shapes, with_people,
        {
            "state": one_of("state", Promise.State.values),
            "kind": one_of("kind", Promise.Kind.values),
            "customer": of_row("customer", Customer),
            "owner": of_row("owner", Member),
            "due_before": moment("due_at__lt"),
            "due_from": moment("due_at__gte"),
        },
    )
)  # fmt: skip
