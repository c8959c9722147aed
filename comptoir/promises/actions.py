"""Making, moving, keeping and breaking promises.

Called by the actions that promise (an order confirmed, a question answered "by Friday"), and by the tick.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.actions.due import due, take
from comptoir.actions.rows import insert_each
from comptoir.customers.models import Contact, Customer
from comptoir.events import Verb, record
from comptoir.lib import clock
from comptoir.people import any_member, system
from comptoir.people.models import Member
from comptoir.promises import verbs
from comptoir.promises.models import STANDING, Promise

State = Promise.State
MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """When something is promised for: a moment, or a day that ends in a zone's calendar."""

    at: datetime
    on: date | None
    zone: str

    @classmethod
    def by_day(cls, day: date, zone: str = "") -> "Due":
        """Until the day has ended there."""
        name = zone or settings.TIME_ZONE
        end = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(name))
        return cls(end, day, name)

    @classmethod
    def at_moment(cls, moment: datetime, zone: str = "") -> "Due":
        return cls(moment, None, zone or settings.TIME_ZONE)


@dataclass(frozen=True, slots=True)
class New:
    """A promise to be made about a row; `first`: when it was due at first."""

    row: models.Model
    text: str
    until: Due
    first: Due | None = None


def promise(
    row: models.Model,
    *,
    by: Member,
    kind: Promise.Kind,
    text: str,
    until: Due,
    customer: Customer | None,
    contact: Contact | None = None,
    case_id: int | None = None,
    owner: Member | None = None,
    first: Due | None = None,
    on: tuple[models.Model, ...] = (),
) -> Promise:
    """Promise something about a row; at most one promise of a kind stands on it. `first`: when it was due at first."""
    new = New(row, text, until, first)
    return promise_each(
        [new], by=by, kind=kind, customer=customer, contact=contact, case_id=case_id, owner=owner, on=on
    )[0]


def promise_each(
    news: Sequence[New],
    *,
    by: Member,
    kind: Promise.Kind,
    customer: Customer | None,
    contact: Contact | None = None,
    case_id: int | None = None,
    owner: Member | None = None,
    on: tuple[models.Model, ...] = (),
) -> list[Promise]:
    """Several promises to one customer, written by one statement."""
    now = clock.now()
    made = [
        Promise(
            kind=kind, text=new.text[:300], customer=customer, contact=contact,
            subject_noun=new.row._meta.model_name or "", subject_id=new.row.pk, case_id=case_id, made_by=by,
            owner=owner or by, made_at=now, due_at=new.until.at, due_on=new.until.on, zone=new.until.zone,
            original_due_at=(new.first or new.until).at,
        )
        for new in news
    ]  # fmt: skip
    insert_each(made)
    for new, one in zip(news, made, strict=True):
        _say(verbs.MADE, one, by, new.row, *on, due=one.due)
    return made


def revise(
    standing: Promise, row: models.Model, *, by: Member, until: Due, reason: str, on: tuple[models.Model, ...] = ()
) -> Promise:
    """Replace a standing promise by one with another due moment; the first due moment stays known."""
    before = standing.due
    _close(standing, State.REVISED, reason=reason)
    made = Promise.objects.create(
        kind=standing.kind, text=standing.text, customer=standing.customer, contact=standing.contact,
        subject_noun=standing.subject_noun, subject_id=standing.subject_id, case_id=standing.case_id, made_by=by,
        owner=standing.owner, made_at=clock.now(), due_at=until.at, due_on=until.on, zone=until.zone,
        original_due_at=standing.original_due_at, strength=standing.strength,
    )  # fmt: skip
    standing.revised_to = made
    standing.save(update_fields=["revised_to"])
    _say(verbs.REVISED, made, by, row, *on, before=before, after=made.due)
    return made


def keep(
    standing: Promise,
    evidence: models.Model,
    *,
    by: Member,
    on: tuple[models.Model, ...] = (),
    at: datetime | None = None,
) -> Promise:
    """The promise is kept, by this row; late when its moment has passed `at` the moment it happened, now when none is named."""
    if not standing.is_standing:
        raise ActionError(_("This promise no longer stands: {state}.").format(state=State(standing.state).label))
    late = (at or clock.now()) > standing.due_at + timedelta(minutes=standing.grace_minutes)
    standing.evidence_noun, standing.evidence_id = evidence._meta.model_name or "", evidence.pk
    _close(standing, State.KEPT_LATE if late else State.KEPT)
    verb = verbs.KEPT_LATE if late else verbs.KEPT
    _say(verb, standing, by, *on)
    return standing


def stand_again(kept: Promise, *, by: Member, on: tuple[models.Model, ...] = ()) -> Promise:
    """What was to keep the promise did not happen: somebody waits for it as before."""
    kept.state, kept.closed_at, kept.evidence_noun, kept.evidence_id = State.OPEN, None, "", None
    kept.save(update_fields=["state", "closed_at", "evidence_noun", "evidence_id"])
    _say(verbs.STANDS_AGAIN, kept, by, *on, due=kept.due)
    return kept


def endanger(
    standing: Promise, cause: Mapping[str, Any], *, by: Member | None = None, on: tuple[models.Model, ...] = ()
) -> None:
    """What the promise relies on is missing, by this cause; whoever was told of a smaller lack has to be told again."""
    known = standing.at_risk_at is not None
    if known and Decimal(cause["lacks"]) <= Decimal(standing.cause.get("lacks", "0")):
        standing.cause = {**standing.cause, "lacks": cause["lacks"]}
        standing.save(update_fields=["cause"])
        return
    standing.cause = dict(cause) if cause.get("kind") or not known else {**standing.cause, **cause}
    standing.at_risk_at = standing.at_risk_at or clock.now()
    standing.told_at, standing.told_by = None, ""
    if standing.state == State.OPEN:
        standing.state = State.AT_RISK
    standing.save(update_fields=["cause", "at_risk_at", "state", "told_at", "told_by"])
    _say(verbs.AT_RISK, standing, by or system(), standing.owner, *on, due=standing.due)


def relieve(standing: Promise, *, by: Member | None = None, on: tuple[models.Model, ...] = ()) -> None:
    """What the promise relies on is there again; one whose moment is near or over stays as it is."""
    standing.at_risk_at, standing.cause = None, {}
    if standing.state == State.AT_RISK:
        standing.state = State.OPEN
    standing.save(update_fields=["at_risk_at", "cause", "state"])
    _say(verbs.SAFE, standing, by or system(), standing.owner, *on, due=standing.due)


def withdraw(standing: Promise, *, by: Member, reason: str, on: tuple[models.Model, ...] = ()) -> Promise:
    """Nobody waits for it any longer."""
    _close(standing, State.WITHDRAWN, reason=reason)
    _say(verbs.WITHDRAWN, standing, by, *on)
    return standing


def standing_on(row: models.Model, kind: Promise.Kind) -> Promise | None:
    """The promise of a kind that stands on a row."""
    return Promise.objects.standing().on(row).filter(kind=kind).first()


def subjects(standing: Promise, *rows: models.Model | None) -> list[models.Model]:
    """What an event about a promise is about."""
    return [row for row in (standing, *rows, standing.customer) if row is not None]


def _say(verb: Verb, row: Promise, by: Member, *on: models.Model | None, **data: Any) -> None:
    """Tell the story of a promise; one made in a case stays among those who see the case's team."""
    case = apps.get_model("cases.Case")._base_manager.filter(pk=row.case_id) if row.case_id else None
    team_id = case.values_list("team_id", flat=True).first() if case is not None else None
    record(verb, by=by, on=subjects(row, *on), scope_team=team_id, text=row.text, **data)


def _close(standing: Promise, state: State, reason: str = "") -> None:
    standing.state, standing.closed_at = state, clock.now()
    standing.reason = reason[:300] or standing.reason
    standing.at_risk_at = None
    standing.save(update_fields=["state", "closed_at", "reason", "evidence_noun", "evidence_id", "at_risk_at"])


@action(
    "promises.take_over",
    subject=Promise,
    authority=any_member,
    title=gettext_lazy("Take over the promise"),
)
def take_over(standing: Promise, *, by: Member) -> Promise:
    """Answer for a colleague's promise from now on."""
    if not standing.is_standing:
        raise ActionError(_("This promise no longer stands: {state}.").format(state=State(standing.state).label))
    standing.owner = by
    standing.save(update_fields=["owner"])
    _say(verbs.TAKEN_OVER, standing, by, *_told(standing))
    return standing


@action(
    "promises.note_told",
    subject=Promise,
    authority=any_member,
    title=gettext_lazy("The customer knows"),
    labels={"channel": gettext_lazy("Told by")},
)
def note_told(standing: Promise, *, by: Member, channel: Promise.Channel) -> Promise:
    """Note on which way the customer was told how it stands with a promise."""
    if not standing.is_standing:
        raise ActionError(_("This promise no longer stands: {state}.").format(state=State(standing.state).label))
    mark_told(standing, channel, by=by, on=tuple(_told(standing)))
    return standing


def mark_told(
    standing: Promise, channel: str, *, by: Member, message_id: int | None = None, on: tuple[models.Model, ...] = (),
    change: Mapping[str, str | None] = MappingProxyType({}),
) -> None:  # fmt: skip
    """The customer was told of the promise as it stands now, by this message where there is one, with this change."""
    standing.told_at, standing.told_by, standing.told_message_id = clock.now(), channel, message_id
    standing.told_change = dict(change)
    standing.save(update_fields=["told_at", "told_by", "told_message_id", "told_change"])
    _say(verbs.TOLD, standing, by, *on, channel=Promise.Channel(channel).label)


def untell(message_id: int) -> None:
    """What a message was to tell was not told: it was taken back before it left."""
    told = Promise.objects.filter(told_message_id=message_id)
    told.update(told_at=None, told_by="", told_message_id=None, told_change={})


@due("promises.at_risk")
def mark_at_risk(now: datetime) -> int:
    """Promises whose moment is near are at risk."""
    near = Promise.objects.filter(state=State.OPEN, due_at__lte=now + MARGIN, due_at__gt=now)
    return take(near, lambda row: _mark(row, State.AT_RISK, verbs.AT_RISK))


@due("promises.broken")
def mark_broken(now: datetime) -> int:
    """Promises whose moment and grace have passed are broken."""
    grace = models.F("grace_minutes") * timedelta(minutes=1)
    late = Promise.objects.filter(state__in=(State.OPEN, State.AT_RISK)).annotate(
        last_at=models.ExpressionWrapper(models.F("due_at") + grace, output_field=models.DateTimeField())
    )
    return take(late.filter(last_at__lte=now), lambda row: _mark(row, State.BROKEN, verbs.BROKEN))


def _mark(row: Promise, state: State, verb: Any) -> None:
    row.state = state
    row.save(update_fields=["state"])
    _say(verb, row, system(), *_told(row), due=row.due)


def _told(row: Promise) -> list[models.Model]:
    """The row promised about, the owner and the case, whose pages show it."""
    found: list[models.Model] = [row.owner]
    labels = [(row.subject_noun, row.subject_id), ("case", row.case_id)]
    by_noun = {str(m._meta.model_name): m for m in apps.get_models() if m.__module__.startswith("comptoir.")}
    for noun, pk in labels:
        model = by_noun.get(noun)
        target = model._base_manager.filter(pk=pk).first() if model and pk else None
        if target is not None:
            found.append(target)
    return found


def hand_over(member: Member, to: Member, *, by: Member) -> None:
    """Give the promises a member still has to keep to somebody else."""
    for one in Promise.objects.filter(owner=member, state__in=STANDING).order_by("pk"):
        one.owner = to
        one.save(update_fields=["owner"])
        _say(verbs.HANDED_OVER, one, by, member, to, before=member, after=to)
