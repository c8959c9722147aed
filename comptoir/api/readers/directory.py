"""What other inputs name: members, teams, sites, reasons; and the requests that wait for somebody's agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comptoir.actions.models import Approval
from comptoir.api.reading import Reader, one_of, reader
from comptoir.catalog.models import Site
from comptoir.lib.money import Money
from comptoir.lib.roles import Role
from comptoir.orders.models import Reason
from comptoir.people.models import Member, Team


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Whoever acts: a person, a bot, an assistant or the system."""

    id: int
    email: str
    name: str
    kind: str
    role: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A group of members who share a queue."""

    id: int
    name: str
    department: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A place that keeps stock."""

    id: int
    code: str
    name: str
    country: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A coded reason, with its words in the reader's language."""

    id: int
    code: str
    kind: str
    label: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of what an act would change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An act that waits, or waited, for somebody with more authority."""

    id: int
    action: str
    subject: str
    state: str
    reason: str
    amount: Money | None
    requester: str
    requested_at: datetime
    required_role: str
    decided_by: str | None
    decided_at: datetime | None
    answer: str
    changes: list[ChangeRow]


def _members(member: Member, rows: Sequence[Member]) -> list[MemberRow]:
    return [MemberRow(r.pk, r.email, r.name, r.kind, r.role, r.is_active) for r in rows]


def _teams(member: Member, rows: Sequence[Team]) -> list[TeamRow]:
    return [TeamRow(r.pk, r.name, r.department.name, r.is_active) for r in rows]


def _sites(member: Member, rows: Sequence[Site]) -> list[SiteRow]:
    return [SiteRow(r.pk, r.code, r.name, r.country, r.time_zone) for r in rows]


def _reasons(member: Member, rows: Sequence[Reason]) -> list[ReasonRow]:
    return [ReasonRow(r.pk, r.code, r.kind, str(r), r.is_active) for r in rows]


def _approvals(member: Member, rows: Sequence[Any]) -> list[ApprovalRow]:
    return [
        ApprovalRow(
            id=r.pk, action=r.action, subject=r.subject_label, state=r.state, reason=r.reason, amount=r.money,
            requester=r.requester.email, requested_at=r.requested_at, required_role=r.required_role.value,
            decided_by=r.decided_by.email if r.decided_by else None, decided_at=r.decided_at, answer=r.answer,
            changes=[ChangeRow(c.label, c.before, c.after) for c in r.changes],
        )
        for r in rows
    ]  # fmt: skip


reader(
    Reader(
        "members", "directory", "Members", Member, MemberRow, _members, is_told=False,
        filters={"kind": one_of("kind", Member.Kind.values), "role": one_of("role", Role.values)},
    )
)  # fmt: skip
reader(
    Reader(
        "teams",
        "directory",
        "Teams",
        Team,
        TeamRow,
        _teams,
        lambda rows: rows.select_related("department"),
        is_told=False,
    )
)
reader(Reader("sites", "directory", "Sites", Site, SiteRow, _sites, is_told=False))
reader(
    Reader(
        "reasons", "directory", "Reasons", Reason, ReasonRow, _reasons, is_told=False,
        filters={"kind": one_of("kind", Reason.Kind.values)},
    )
)  # fmt: skip
reader(
    Reader(
        "approvals", "approvals", "Requests for approval", Approval, ApprovalRow, _approvals,
        lambda rows: rows.select_related("requester", "decided_by"),
        {"state": one_of("state", Approval.State.values)},
    )
)  # fmt: skip
