"""What planning was told of the orders, and what it has said: nearly all planned, some later, some not at all, some waiting."""

from datetime import datetime, time, timedelta

from django.db.models import F

from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.orders import demand
from comptoir.orders.models import DemandRelease, ScheduleLine
from comptoir.people import system
from comptoir.people.models import Member

State = DemandRelease.State
UNTOLD, WAITING = 9, 12  # lines planning does not know yet, and those it has not answered; the newest ones
LATER = (  # working days later than they have to leave, and why
    (3, "Castings come a week late"), (5, "Test bench is full until the 14th"), (2, "Seals on back order"),
    (8, "Motor supplier is closed for stocktaking"), (1, "Paint shop overtime refused"), (4, "Shaft had to be re-ground"),
)  # fmt: skip
IMPOSSIBLE = ("Pattern of this size was scrapped", "Certificate 3.2 cannot be had from this foundry")


def build() -> None:
    """In bulk: every promised line once, in the order in which they were placed."""
    open_quantity = F("quantity") - F("shipped_quantity")
    rows = ScheduleLine.objects.filter(state__in=demand.WAITS, ship_by_on__isnull=False).exclude(
        quantity=F("shipped_quantity")
    )
    found = rows.order_by("order__placed_at", "pk").values_list("pk", open_quantity, "ship_by_on", "order__placed_at")
    told, by, now = list(found)[:-UNTOLD], system(), clock.now()
    planner = Member.objects.filter(department__name="Planning", is_active=True).order_by("pk").first() or by
    releases = [
        DemandRelease(
            schedule_line_id=pk, revision=1, quantity=quantity, needed_on=needed_on, released_by=by,
            released_at=min(datetime.combine(placed_at.date(), time(17, 30), now.tzinfo), now - timedelta(hours=2)),
        )
        for pk, quantity, needed_on, placed_at in told
    ]  # fmt: skip
    answered = releases[:-WAITING]
    for one in answered:
        one.state, one.day, one.answered_by = State.ACKNOWLEDGED, one.needed_on, planner
        one.answered_at = min(one.released_at + timedelta(hours=5), now)
    _disagree(answered)
    DemandRelease.objects.bulk_create(releases, 2_000)


def _disagree(answered: list[DemandRelease]) -> None:
    """Some that leave in the coming weeks are planned later than promised, and two cannot be made."""
    soon = [one for one in answered if one.needed_on > clock.today() + timedelta(days=2)]
    picked = soon[:: max(len(soon) // (len(LATER) + len(IMPOSSIBLE)), 1)]
    for one, (days, reason) in zip(picked, LATER, strict=False):
        one.day, one.reason = add_business_days(one.needed_on, days, "BE"), reason
    for one, reason in zip(picked[len(LATER) :], IMPOSSIBLE, strict=False):
        one.state, one.day, one.reason = State.REFUSED, None, reason
