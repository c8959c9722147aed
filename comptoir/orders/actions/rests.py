"""What has not left of a schedule line of which part left: a schedule line of its own before anything of it is changed."""

from collections.abc import Callable
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from comptoir.catalog.actions import pass_on, stock_of
from comptoir.events import record
from comptoir.orders import verbs
from comptoir.orders.actions.versions import DELIVER
from comptoir.orders.merging import is_of_rest, plain
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises import actions as promises

Follow = Callable[[ScheduleLine, ScheduleLine, Member], None]
AMOUNTS = (ChangeStep.Type.QUANTITY, ChangeStep.Type.CANCEL)
_FOLLOWING: list[Follow] = []


def follows_rests(follow: Follow) -> Follow:
    """Register what follows when what has left of a schedule line and its rest become two."""
    _FOLLOWING.append(follow)
    return follow


def rest_of(row: ScheduleLine, *, by: Member, but: OrderChange | None = None) -> ScheduleLine:
    """What has not left, as a schedule line of its own: the row itself where nothing has.

    What has left stays on the row, which is shipped then. The rest takes along its goods and what is being negotiated of it
    (but by the change that is carried out), and is promised as the whole was.
    """
    if not row.shipped_quantity:
        return row
    rest = ScheduleLine.objects.create(
        order=row.order, line=row.line, position=next_position(row), quantity=row.unshipped_quantity, state=row.state,
        requested_on=row.requested_on, first_promised_on=row.first_promised_on, promised_on=row.promised_on,
        ship_by_on=row.ship_by_on, supplied_from=row.supplied_from,
    )  # fmt: skip
    row.quantity, row.state = row.shipped_quantity, ScheduleLine.State.SHIPPED
    row.save(update_fields=["quantity", "state"])
    _promise_alike(row, rest, by)
    _negotiate_on(row, rest, but)
    on = [row.order, row, rest, row.order.customer]
    record(verbs.PARTED, by=by, on=on, line=str(row.line), shipped=row.quantity, rest=rest.quantity)
    for follow in _FOLLOWING:
        follow(row, rest, by)
    return rest


def set_apart(row: ScheduleLine, rest: ScheduleLine) -> ChangeStep:
    """The step of a change by which nothing else became of a schedule line than that its rest is one of its own."""
    day = rest.promised_on.isoformat() if rest.promised_on else None
    return ChangeStep(
        type=ChangeStep.Type.SPLIT, schedule_line=row, before=plain(row.quantity + rest.quantity),
        after=[plain(row.quantity), plain(rest.quantity), day],
    )  # fmt: skip


def next_position(row: ScheduleLine) -> int:
    """The position of one more schedule line of the same line."""
    last: int = row.line.schedule_lines.aggregate(last=Max("position"))["last"]
    return last + 1


def _promise_alike(row: ScheduleLine, rest: ScheduleLine, by: Member) -> None:
    """The rest is promised for the same day as the whole; goods that lack, lack to it alone."""
    standing = promises.standing_on(row, DELIVER)
    if standing is not None and row.promised_on is not None:
        first = promises.Due.by_day(row.first_promised_on or row.promised_on, row.zone)
        promises.promise(
            rest, by=by, kind=DELIVER, text=_("Delivery of {line}").format(line=row.line), first=first,
            until=promises.Due.by_day(row.promised_on, row.zone), customer=row.order.customer, case_id=standing.case_id,
            contact=row.order.contact, owner=standing.owner, on=(row.order,),
        )  # fmt: skip
    pass_on(stock_of(row.line.product, row.site), row.pk, rest.pk, cause=standing.cause if standing else {})


def _negotiate_on(row: ScheduleLine, rest: ScheduleLine, but: OrderChange | None) -> None:
    """What is asked for or offered of the row is about the rest, where it can be."""
    steps = ChangeStep.objects.filter(schedule_line=row, change__state__in=OrderChange.OPEN).order_by("pk")
    for step in steps.exclude(change=but):
        if is_of_rest(step, row.quantity):
            about_rest(step, row, rest)
            step.save(update_fields=["schedule_line", "before", "after"])


def about_rest(step: ChangeStep, row: ScheduleLine, rest: ScheduleLine) -> None:
    """Make a step about a schedule line one about what has not left of it."""
    step.schedule_line = rest
    if step.type in (*AMOUNTS, ChangeStep.Type.SPLIT):
        step.before = plain(Decimal(step.before) - row.quantity)
    if step.type in AMOUNTS:
        step.after = plain(Decimal(step.after) - row.quantity)
    elif step.type == ChangeStep.Type.SPLIT:
        step.after = [plain(Decimal(step.after[0]) - row.quantity), *step.after[1:]]
