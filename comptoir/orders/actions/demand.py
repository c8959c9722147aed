"""Handing demand to planning, nothing twice; and taking in what planning says."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Text, action
from comptoir.events import record
from comptoir.lib import clock, days
from comptoir.orders import demand, verbs
from comptoir.orders.models import DemandRelease, Order
from comptoir.people import any_member
from comptoir.people.models import Member

State = DemandRelease.State
LABELS = {"day": gettext_lazy("Planned for"), "lines": gettext_lazy("Acknowledgements")}


def order_of(one: DemandRelease) -> Order:
    return one.schedule_line.order


@action("orders.release_demand", subject=None, authority=any_member, title=gettext_lazy("Release to planning"))
def release_demand(*, by: Member) -> list[DemandRelease]:
    """Tell planning everything it does not know yet, once: new lines, other quantities and days, and what is gone."""
    with connection.cursor() as cursor:  # one release at a time, whoever asks
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('orders.release_demand', 0))")
    found = demand.unreleased()
    if not found:
        raise ActionError(_("Planning knows everything already."))
    now, told = clock.now(), [one.told for one in found if one.told]
    for before in told:
        gone = next(one for one in found if one.told is before).change == "gone"
        before.state = State.WITHDRAWN if gone else State.SUPERSEDED
    DemandRelease.objects.bulk_update(told, ["state"])
    made = DemandRelease.objects.bulk_create(
        DemandRelease(
            schedule_line=one.row, revision=(one.told.revision if one.told else _last(one)) + 1, quantity=one.quantity,
            needed_on=one.needed_on, released_at=now, released_by=by,
        )
        for one in found
        if one.change != "gone"
    )  # fmt: skip
    for one in found:
        record(
            verbs.DEMAND_RELEASED, by=by, on=[one.row, one.row.order], line=str(one.row.line), quantity=one.quantity,
            day=one.needed_on,
        )  # fmt: skip
    return made


def _last(one: demand.Demand) -> int:
    """The last revision of a line whose release was withdrawn."""
    last = one.row.releases.order_by("-revision").values_list("revision", flat=True).first()
    return last or 0


@action(
    "orders.acknowledge_demand", subject=DemandRelease, root=order_of, authority=any_member,
    title=gettext_lazy("Acknowledge"), labels=LABELS,
)  # fmt: skip
def acknowledge_demand(one: DemandRelease, *, by: Member, day: date, reason: str = "") -> DemandRelease:
    """Planning takes it in for a day; another day than it has to leave stays a difference until the promise follows."""
    _refuse_replaced(one)
    if day < clock.today():
        raise ActionError(_("{day} is over.").format(day=days.day(day)))
    one.state, one.day, one.reason = State.ACKNOWLEDGED, day, reason[:300]
    _answered(one, by)
    record(
        verbs.DEMAND_ACKNOWLEDGED, by=by, on=[one.schedule_line, order_of(one)], line=str(one.schedule_line.line),
        needed=one.needed_on, day=day,
    )  # fmt: skip
    return one


@action(
    "orders.refuse_demand", subject=DemandRelease, root=order_of, authority=any_member,
    title=gettext_lazy("Cannot be made"), labels=LABELS,
)  # fmt: skip
def refuse_demand(one: DemandRelease, *, by: Member, reason: Text) -> DemandRelease:
    """Planning cannot make it, and why."""
    _refuse_replaced(one)
    one.state, one.day, one.reason = State.REFUSED, None, reason[:300]
    _answered(one, by)
    on = [one.schedule_line, order_of(one)]
    record(verbs.DEMAND_REFUSED, by=by, on=on, line=str(one.schedule_line.line), reason=reason[:200])
    return one


def _refuse_replaced(one: DemandRelease) -> None:
    if one.state in (State.SUPERSEDED, State.WITHDRAWN):
        raise ActionError(_("{number} was replaced by a later release.").format(number=one))


def _answered(one: DemandRelease, by: Member) -> None:
    one.answered_at, one.answered_by = clock.now(), by
    one.save(update_fields=["state", "day", "reason", "answered_at", "answered_by"])


def take_answers(answers: list[demand.Answer], *, by: Member) -> dict[int, str]:
    """Take in the rows of a file one by one; what could not be done, by its row. The rest is done."""
    refused = {}
    for answer in answers:
        one = answer.release
        if answer.fate not in ("acknowledges", "refuses") or one is None:
            continue
        try:
            if answer.is_yes and answer.day:
                acknowledge_demand(one, by=by, day=answer.day, reason=answer.reason)
            else:
                refuse_demand(one, by=by, reason=Text(answer.reason))
        except ActionError as error:
            refused[answer.line] = error.sentence
    return refused
