"""A change of a confirmed order: agreed at once, or asked for, offered, answered, and then carried out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, Text, Verdict, action, book_on, give_back
from comptoir.actions.due import due, take
from comptoir.catalog.actions import pledge, release
from comptoir.events import journal, record
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import verbs
from comptoir.orders.actions.changes import confirm_anew, refuse_unready
from comptoir.orders.actions.entry import hold_for
from comptoir.orders.actions.steps import Doing, Step, carry_out, lock_goods, written
from comptoir.orders.actions.weighing import verdict, weigh
from comptoir.orders.fields import Disputed
from comptoir.orders.keeping import Kept, more_kept, set_aside
from comptoir.orders.merging import Conflict, Merged, Type, merge, plain, read, sentence
from comptoir.orders.models import ChangeStep, Order, OrderChange, Reason
from comptoir.orders.reasons import ChangeReason
from comptoir.orders.versions import step_change
from comptoir.people import any_member, system
from comptoir.people.models import Member

State, Initiator, Outcome = OrderChange.State, OrderChange.Initiator, ChangeStep.Outcome
VALID_FOR = timedelta(days=7)
MOST = 400  # letters of what the journal says of a change
LABELS = {
    "steps": gettext_lazy("What is changed"),
    "initiator": gettext_lazy("Asked for by"),
    "valid_until": gettext_lazy("The customer may answer until"),
    "counters": gettext_lazy("In place of"),
    "said_by": gettext_lazy("Who said so"),
    "keep": gettext_lazy("Left as it stands now"),
    "take": gettext_lazy("Changed all the same"),
}


def may_change(member: Member, order: Order, inputs: Mapping[str, Any]) -> Verdict:
    """Any member, within what prices, minimums and the limit for extra freight let their role do."""
    try:
        steps = written(OrderChange(order=order), inputs["steps"])
    except ActionError:
        return ALLOWED  # the action says what is wrong with it
    return verdict(member, order, steps, inputs.get("freight_cost"))


def may_apply(member: Member, change: OrderChange, inputs: Mapping[str, Any]) -> Verdict:
    """As for any change, where it is only asked for; what we offered was agreed to then."""
    if change.state != State.REQUESTED:
        return ALLOWED
    left = {step.pk for step in inputs.get("keep", ())}
    return verdict(member, change.order, [s for s in read(change) if s.pk not in left], change.freight)


def change_changes(order: Order, inputs: Mapping[str, Any]) -> list[Change]:
    """What is changed, before and after."""
    change = OrderChange(order=order)
    return [step_change(step) for step in written(change, inputs["steps"])]


CHANGE: dict[str, Any] = {
    "subject": Order,
    "authority": may_change,
    "spends": True,
    "stale": ("version", "state"),
    "diff": change_changes,
    "labels": LABELS,
}


@action("orders.change", title=gettext_lazy("Change the order"), **CHANGE)
def change(
    order: Order,
    *,
    by: Member,
    steps: list[Step],
    reason: ChangeReason | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    freight_cost: Money | None = None,
    counters: OrderChange | None = None,
    note: Text = Text(""),
) -> OrderChange:
    """Change a confirmed order as agreed with the customer already: all of it, at once, for one new version.

    Raises ActionError naming every step that meets what somebody else has changed meanwhile.
    """
    made = write(order, steps, by, reason, initiator, freight_cost, note)
    _answer(made, counters, by)
    carry(made, by=by)
    return made


@action(
    "orders.request_change",
    subject=Order,
    authority=any_member,
    title=gettext_lazy("Note a change asked for"),
    diff=change_changes,
    labels=LABELS,
)
def request_change(
    order: Order,
    *,
    by: Member,
    steps: list[Step],
    reason: ChangeReason | None = None,
    initiator: OrderChange.Initiator = Initiator.CUSTOMER,
    note: Text = Text(""),
) -> OrderChange:
    """Write down what the customer, planning or the carrier asks for; nothing changes until somebody agrees."""
    made = write(order, steps, by, reason, initiator, None, note)
    who = str(Initiator(initiator).label)
    record(verbs.CHANGE_REQUESTED, by=by, on=_on(made), who=who, what=told(made))
    return made


@action("orders.offer_change", title=gettext_lazy("Offer to the customer"), **CHANGE)
def offer_change(
    order: Order,
    *,
    by: Member,
    steps: list[Step],
    reason: ChangeReason | None = None,
    initiator: OrderChange.Initiator = Initiator.REP,
    freight_cost: Money | None = None,
    counters: OrderChange | None = None,
    valid_until: date | None = None,
    note: Text = Text(""),
) -> OrderChange:
    """Offer a change the customer has to agree to; it has to be possible today, and holds until a day."""
    until = valid_until or clock.today() + VALID_FOR
    if until < clock.today():
        raise ActionError(_("The offer would be over before it is made: name a later day."))
    made = write(order, steps, by, reason, initiator, freight_cost, note)
    _answer(made, counters, by)
    lock_goods(read(made), order)
    pledge(made.pk, try_out(made, by=by), until)
    if made.freight:
        book_on(made)
    made.state, made.valid_until = State.OFFERED, until
    made.save(update_fields=["state", "valid_until"])
    record(verbs.CHANGE_OFFERED, by=by, on=[*_on(made), made], until=until, what=told(made))
    return made


def write(
    order: Order,
    asked: Sequence[Step],
    by: Member,
    reason: Reason | None,
    initiator: str,
    cost: Money | None,
    note: str,
) -> OrderChange:
    """The change and its steps as rows, asked for and no more."""
    refuse_unready(order)
    made = OrderChange(
        order=order, version_from=order.version, state=State.REQUESTED, initiator=initiator, reason=reason, note=note,
        freight_cost=cost.amount if cost else None, freight_currency=cost.currency if cost else "", by=by,
    )  # fmt: skip
    steps = written(made, asked)
    made.save()
    ChangeStep.objects.bulk_create(steps)
    return made


def _answer(made: OrderChange, asked: OrderChange | None, by: Member) -> None:
    """What is answered by another proposal is countered by it."""
    if asked is None:
        return
    if asked.order_id != made.order_id:
        raise ActionError(_("{change} is about another order.").format(change=asked))
    _refuse_unless(asked, State.REQUESTED, State.OFFERED)
    asked.state, asked.answered_at = State.COUNTERED, clock.now()
    asked.save(update_fields=["state", "answered_at"])
    _let_go(asked)
    made.counters = asked
    made.save(update_fields=["counters"])


def _let_go(one: OrderChange) -> None:
    """It is off: the goods kept back for it are free, and its freight counts no longer."""
    release(one.pk)
    give_back(one)


def _refuse_unless(one: OrderChange, *states: str) -> None:
    if one.state not in states:
        raise ActionError(_("The change is {state}.").format(state=one.get_state_display()))


def _on(one: OrderChange) -> list[Any]:
    return [one.order, one.order.customer]


def told(one: OrderChange) -> str:
    """What a change is about, in one line."""
    said = [step_change(step) for step in read(one)]
    return "; ".join(f"{x.label}: {x.before} → {x.after}" for x in said)[:MOST]


def carry(one: OrderChange, *, by: Member, keep: Collection[int] = (), take: Collection[int] = ()) -> None:
    """Do what the change says, for one new version; `keep` and `take` say which of the steps in conflict yield and which win.

    Raises ActionError naming every conflict that nobody has decided, and what is not possible any more.
    """
    refuse_unready(one.order)
    release(one.pk)
    steps = read(one)
    if not steps:
        raise ActionError(_("It names nothing to change: offer something else, or decline it."))
    todo = _decided(merge(steps), keep, take)
    if todo:
        fresh = weigh(one.order, todo)
        carry_out(todo, _doing(one, todo, by))
        confirm_anew(one, by=by)
        held = set(one.order.holds.filter(lifted_at=None).values_list("kind", flat=True))
        hold_for(one.order, [guard for guard in fresh if guard.hold not in held], by)
    else:
        one.state = State.APPLIED
        one.save(update_fields=["state"])
        give_back(one)
    ChangeStep.objects.bulk_update(steps, ["outcome", "before", "after", "line", "schedule_line"])


def _doing(one: OrderChange, todo: Collection[ChangeStep], by: Member) -> Doing:
    is_moved = frozenset(step.schedule_line_id for step in todo if step.type == Type.DATE and step.schedule_line_id)
    why = str(one.reason or one.note or _("agreed with the customer"))
    return Doing(one.order, by, why, one.initiator == Initiator.CUSTOMER, bool(one.freight), is_moved)


def _decided(merged: Merged, keep: Collection[int], take: Collection[int]) -> list[ChangeStep]:
    for step in merged.already:
        step.outcome = Outcome.ALREADY
    todo, open_ones = merged.todo, []
    for conflict in merged.conflicts:
        if conflict.step.pk in keep:
            conflict.step.outcome = Outcome.KEPT
        elif conflict.step.pk in take and not conflict.why:
            todo.append(_onto(conflict))
        else:
            open_ones.append(sentence(conflict))
    if open_ones:
        raise ActionError(" ".join(open_ones))
    return todo


def _onto(conflict: Conflict) -> ChangeStep:
    """The step as a change of what stands now."""
    step = conflict.step
    step.before = conflict.now
    if step.type == Type.SPLIT:
        step.after = [plain(Decimal(conflict.now) - Decimal(step.after[1])), *step.after[1:]]
    return step


class _Tried(Exception):
    """Rolls back what was only tried."""


@contextmanager
def tried() -> Iterator[None]:
    """A block whose writes are rolled back at its end."""
    try:
        with journal():
            yield
            raise _Tried
    except _Tried:
        pass


def try_out(one: OrderChange, *, by: Member) -> list[Kept]:
    """What has to be kept back for the change; nothing is done.

    Raises ActionError with the reason when it could not be carried out as things stand.
    """
    rows = OrderChange.objects.select_related("order__customer", "order__ship_to", "order__site")
    before, found = set_aside(one.order), list[Kept]()
    with tried():
        carry(rows.get(pk=one.pk), by=by)
        found = more_kept(before, set_aside(one.order))
    return found


ANSWER: dict[str, Any] = {"subject": OrderChange, "root": lambda one: one.order, "labels": LABELS}


@action("orders.apply_change", title=gettext_lazy("Carry the change out"), authority=may_apply, spends=True, **ANSWER)
def apply_change(
    one: OrderChange, *, by: Member, keep: Disputed = (), take: Disputed = ()  # type: ignore[assignment]
) -> OrderChange:  # fmt: skip
    """Do what was asked for, or what the customer accepted; each step that meets another change is left or done all the same."""
    _refuse_unless(one, State.REQUESTED, State.ACCEPTED)
    carry(one, by=by, keep={step.pk for step in keep}, take={step.pk for step in take})
    return one


@action("orders.accept_change", title=gettext_lazy("The customer accepts"), authority=any_member, **ANSWER)
def accept_change(one: OrderChange, *, by: Member, said_by: str = "") -> OrderChange:
    """The customer agrees to what was offered: it is carried out, and waits for us where it no longer can be."""
    _refuse_unless(one, State.OFFERED)
    if one.valid_until is not None and one.valid_until < clock.today():
        raise ActionError(_("The offer was valid until {day}: make it anew.").format(day=one.valid_until))
    one.state, one.answered_at = State.ACCEPTED, clock.now()
    one.save(update_fields=["state", "answered_at"])
    record(verbs.CHANGE_ACCEPTED, by=by, on=_on(one), who=said_by[:150] or str(by))
    try:
        with journal():
            carry(one, by=by)
    except ActionError as error:
        kept: OrderChange = OrderChange.objects.select_related("order__customer").get(pk=one.pk)
        kept.answer = error.sentence[:2_000]
        kept.save(update_fields=["answer"])
        record(verbs.CHANGE_STUCK, by=by, on=_on(kept), why=error.sentence[:MOST])
        return kept
    return one


@action("orders.decline_change", title=gettext_lazy("Decline"), authority=any_member, **ANSWER)
def decline_change(one: OrderChange, *, by: Member, answer: Text = Text(""), said_by: str = "") -> OrderChange:
    """What was asked for is not done, or what was offered is not wanted."""
    _refuse_unless(one, State.REQUESTED, State.OFFERED)
    one.state, one.answer, one.answered_at = State.DECLINED, answer[:2_000], clock.now()
    one.save(update_fields=["state", "answer", "answered_at"])
    _let_go(one)
    record(verbs.CHANGE_DECLINED, by=by, on=_on(one), who=said_by[:150] or str(by), answer=answer[:MOST] or "–")
    return one


@action("orders.counter_change", title=gettext_lazy("The customer proposes otherwise"), authority=any_member, **ANSWER)
def counter_change(
    one: OrderChange,
    *,
    by: Member,
    steps: list[Step] = [],  # noqa: B006 - never changed
    answer: Text = Text(""),
    said_by: str = "",
) -> OrderChange:
    """The customer answers what was offered by another proposal, or by words alone, which waits for us."""
    _refuse_unless(one, State.OFFERED)
    note = answer[:2_000]
    made = write(one.order, steps, by, one.reason, Initiator.CUSTOMER, None, note) if steps else _said(one, note, by)
    _answer(made, one, by)
    what = told(made) or note[:MOST]
    record(verbs.CHANGE_COUNTERED, by=by, on=_on(made), who=said_by[:150] or str(by), what=what)
    return made


def _said(one: OrderChange, note: str, by: Member) -> OrderChange:
    """What the customer wishes in words that name no step; somebody here makes one of it, or declines."""
    order: Order = one.order
    if not note:
        raise ActionError(_("Nothing was changed."))
    refuse_unready(order)
    made: OrderChange = OrderChange.objects.create(
        order=order, version_from=order.version, state=State.REQUESTED, initiator=Initiator.CUSTOMER, reason=one.reason,
        note=note, by=by,
    )  # fmt: skip
    return made


@action("orders.withdraw_change", title=gettext_lazy("Withdraw the change"), authority=any_member, **ANSWER)
def withdraw_change(one: OrderChange, *, by: Member, answer: str = "") -> OrderChange:
    """What was asked for, offered or accepted is off, for the reason given."""
    _refuse_unless(one, *OrderChange.OPEN)
    one.state, one.answer = State.WITHDRAWN, answer
    one.save(update_fields=["state", "answer"])
    _let_go(one)
    record(verbs.CHANGE_WITHDRAWN, by=by, on=_on(one), why=answer[:MOST] or "–")
    return one


@due("orders.expire_changes")
def expire_due(now: datetime) -> int:
    """Offers whose last day is over are expired."""
    rows = OrderChange.objects.filter(state=State.OFFERED, valid_until__lt=clock.today()).order_by("pk")
    return take(rows, _expire)


def _expire(one: OrderChange) -> None:
    one.state, one.answered_at = State.EXPIRED, clock.now()
    one.save(update_fields=["state", "answered_at"])
    _let_go(one)
    record(verbs.CHANGE_EXPIRED, by=system(), on=_on(one))
