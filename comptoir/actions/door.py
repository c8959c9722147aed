"""The door: opens the transaction, locks, asks authority, acts, books what was used, commits."""

import logging
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, models
from django.forms import Form
from django.utils.translation import gettext as _

from comptoir.actions import editing, forms, keys, limits
from comptoir.actions.authority import (
    ALLOWED,
    ActionError,
    Allowed,
    Denied,
    InvalidInput,
    NeedsApproval,
    SentForApproval,
    Use,
    Verdict,
)
from comptoir.actions.locks import forget_relations, holding, lock, reload, will_refresh
from comptoir.actions.models import Approval, IdempotencyKey
from comptoir.actions.registry import ACTIONS, Change, Notice, Spec, mark_of
from comptoir.actions.running import RUNNING, Running
from comptoir.events import recorder
from comptoir.events.actor import Actor

T = TypeVar("T")
log = logging.getLogger(__name__)
RETRIES = 3
RETRY_CODES = {"40001", "40P01"}  # serialization_failure, deadlock_detected


@dataclass(frozen=True, slots=True)
class Call:
    """An act as it was asked for: on what, by whom, with which inputs, in the context of which rows, under which key."""

    spec: Spec
    subject: Any
    by: Actor
    inputs: dict[str, Any]
    about: tuple[models.Model, ...] = ()
    slot: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an untyped call brought about: a result, or an approval that waits."""

    result: Any = None
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would change, what it would use, and whether it needs somebody else's agreement."""

    changes: list[Change]
    meters: list[limits.Meter]
    needs_approval: str = ""
    refused: str = ""
    notices: list[Notice] = field(default_factory=list)

    @property
    def told(self) -> str:
        return mark_of(self.notices)


def enter_typed(spec: Spec, subject: Any, by: Actor, inputs: Mapping[str, Any]) -> Any:
    """A direct call of the decorated function: returns its result, raises ActionError or SentForApproval."""
    filled = spec.complete(inputs, subject)
    if RUNNING.get() is not None:
        with recorder.journal():
            return _do(spec, subject, by, filled)
    return _outermost(Call(spec, subject, by, filled))


def perform(
    name: str,
    *,
    by: Actor,
    subject: Any = None,
    inputs: Mapping[str, Any] | None = None,
    key: str = "",
    about: models.Model | None = None,
    form: Form | None = None,
) -> Outcome:
    """An untyped call, as a screen, the API or a command makes it; `about` adds a row to the events' subjects.

    `form` is the one of these inputs where it is built already. Raises InvalidInput for input that does not fit, ActionError for
    what cannot be done.
    """
    spec = ACTIONS[name]
    form = form or forms.build(spec, by, subject, inputs or {})
    if not form.is_valid():
        raise InvalidInput({f: [str(e) for e in told] for f, told in form.errors.items()})
    rows = (about,) if about is not None else ()
    filled = _filled(spec, subject, form.cleaned_data)
    slot = keys.named(spec, subject, by, forms.dump(form, filled), key) if key else None
    try:
        return Outcome(result=_outermost(Call(spec, subject, by, filled, rows, slot)))
    except SentForApproval as sent:
        return Outcome(approval=sent.approval)


def _filled(spec: Spec, subject: Any, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned form data with the signature's default wherever a field was left empty."""
    return spec.complete(spec.given(cleaned), subject)


def preview(spec: Spec, subject: Any, by: Actor, inputs: Mapping[str, Any]) -> Preview:
    """What the act would do as things stand, without doing it."""
    filled = spec.complete(inputs, subject)
    try:
        changes = changes_of(spec, subject, filled)
        notices = spec.warn(subject, filled) if spec.warn else []
        verdict = spec.authority(by, subject, filled)
        if isinstance(verdict, Use):
            return Preview(changes, limits.check(verdict, by, spec.name), notices=notices)
        if isinstance(verdict, NeedsApproval):
            raise verdict
        refused = verdict.sentence if isinstance(verdict, Denied) else ""
        return Preview(changes, [], refused=refused, notices=notices)
    except NeedsApproval as need:
        return Preview(changes, meters_of(spec, subject, by, filled), needs_approval=need.sentence, notices=notices)
    except ActionError as error:
        return Preview([], [], refused=error.sentence)


def changes_of(spec: Spec, subject: Any, filled: Mapping[str, Any]) -> list[Change]:
    """The readable diff of an act: its own, else an edit's field by field."""
    if spec.diff is not None:
        return spec.diff(subject, filled)
    return editing.diff(spec, subject, filled) if spec.initial is not None else []


def meters_of(spec: Spec, subject: Any, by: Actor, inputs: Mapping[str, Any]) -> list[limits.Meter]:
    """The limits an act would draw on."""
    verdict = spec.authority(by, subject, inputs)
    if not isinstance(verdict, Use):
        return []
    return limits.meters(by, spec.name, verdict.customer, verdict.amount.currency)


def meters_before(spec: Spec, subject: Any, by: Actor) -> list[limits.Meter]:
    """What the member has left for such an act, before an amount is named."""
    root = spec.root(subject) if spec.root and subject is not None else subject
    customer = getattr(root, "customer", None)
    return limits.meters(by, spec.name, customer, customer.currency) if customer is not None else []


def _outermost(call: Call) -> Any:
    if RUNNING.get() is not None:
        raise RuntimeError(f"{call.spec.name}: perform() is for the outside of actions; call the function.")
    try:
        return _retrying(partial(_transaction, call))
    except (DataError, IntegrityError) as error:
        if told := _not_kept(call.spec, error):
            raise ActionError(told) from error
        raise
    except NeedsApproval as need:
        if call.subject is not None:
            reload(call.subject)
            forget_relations(call.subject)
        approval = _retrying(partial(_ask, replace(call, subject=_fresh(call.subject)), need))
        raise SentForApproval(approval) from need


def _not_kept(spec: Spec, error: DatabaseError) -> str:
    """The sentence for what the form let through and the database refused; nothing where it is about no input."""
    code = getattr(error.__cause__, "sqlstate", "") or ""
    log.warning("%s: the database refused what the form let through", spec.name, exc_info=error)
    if code == "23505":  # unique_violation
        return _("Somebody entered the same a moment ago: look at it before you try again.")
    if code == "23514":  # check_violation
        return _("These values cannot be kept: look for a number below zero, or days in the wrong order.")
    if code.startswith("22"):  # data_exception
        return _("A number or a text is larger than what can be kept: make it smaller.")
    return ""


def _fresh(subject: Any) -> Any:
    """The subject as the database has it: the one at hand still carries what was rolled back."""
    return None if subject is None else type(subject)._base_manager.get(pk=subject.pk)


def _retrying(attempt: Callable[[], Any]) -> Any:
    """Run a transaction, again up to three times when PostgreSQL broke a deadlock or a serialisation conflict."""
    for number in range(RETRIES + 1):
        try:
            return attempt()
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlstate", "")
            if code not in RETRY_CODES or number == RETRIES or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


@contextmanager
def _opened(call: Call) -> Iterator[Running]:
    running = Running(budget_of=call.by)
    token = RUNNING.set(running)
    try:
        with ExitStack() as stack:
            stack.enter_context(recorder.journal())
            stack.enter_context(holding())
            stack.enter_context(recorder.about(*call.about))
            stack.enter_context(recorder.within_action(call.spec.name))
            yield running
    finally:
        RUNNING.reset(token)


def _transaction(call: Call) -> Any:
    with _opened(call) as running:
        if call.slot is not None and (earlier := keys.claim(call.slot)):
            return keys.result_of(earlier)
        result = _do(call.spec, call.subject, call.by, call.inputs)
        _book(running)
        if call.slot is not None:
            keys.settle(call.slot, result)
    return result


def _do(spec: Spec, subject: Any, by: Actor, inputs: dict[str, Any]) -> Any:
    """Lock, ask authority, act: the one way to an action's body."""
    running = RUNNING.get()
    assert running is not None
    others = _lock_subject(spec, subject, inputs)
    for row in [*others, *([] if subject is None else [subject])]:
        _refuse_unseen(spec, row, by)
    if not by.is_active:
        raise Denied(_("This account has been deactivated."))
    verdict = _verdict(spec, subject, by, inputs, running.approver)
    if isinstance(verdict, Denied | NeedsApproval):
        raise verdict
    if isinstance(verdict, Use):
        assert spec.spends, f"{spec.name} draws on limits: declare it with spends=True."
        running.uses.append(limits.Booking(verdict, spec.name, subject))
    return spec.body(*([] if spec.subject is None else [subject]), by=by, **inputs)


def _verdict(spec: Spec, subject: Any, by: Actor, inputs: Mapping[str, Any], approver: Actor | None) -> Verdict:
    """The requester's authority; what they may not do alone is asked of the approver."""
    verdict = spec.authority(by, subject, inputs)
    if approver is not None and isinstance(verdict, NeedsApproval):
        verdict = spec.authority(approver, subject, inputs)
    return ALLOWED if isinstance(verdict, Allowed) else verdict


def _lock_subject(spec: Spec, subject: Any, inputs: dict[str, Any]) -> list[Any]:
    """Lock what the act is about, as it stands now; the further rows it locks."""
    if subject is not None and not _is_read_by_its_lock(spec, subject):
        reload(subject)
    root = spec.root(subject) if spec.root and subject is not None else subject
    others = list(spec.also(subject, inputs)) if spec.also else []
    if not hasattr(root, "LOCK_RANK"):
        lock(*others)
        return others
    lock(*{(type(row), row.pk): row for row in [*others, root]}.values())
    if root is not subject:
        reload(subject)
        forget_relations(root)
    forget_relations(subject, root, *others)
    return others


def _is_read_by_its_lock(spec: Spec, subject: Any) -> bool:
    """True for a subject that is locked itself, and of which nothing is asked before."""
    return spec.root is None and spec.also is None and hasattr(subject, "LOCK_RANK") and will_refresh(subject)


def _refuse_unseen(spec: Spec, row: Any, by: Actor) -> None:
    seen = type(row)._default_manager.visible_to(by)
    if seen.query.where and not seen.filter(pk=row.pk).exists():  # without a condition everybody sees all of them
        raise Denied(_("You have no access to this."))
    _refuse_own_account(spec, row, by)


def _refuse_own_account(spec: Spec, subject: Any, by: Actor) -> None:
    root = spec.root(subject) if spec.root and isinstance(subject, spec.subject or ()) else None
    for row in (subject, root):
        own = getattr(row, "is_account_of", None)
        if own is not None and own(by):
            raise Denied(_("Nobody acts on an account of their own: ask a colleague."))


def _book(running: Running) -> None:
    """Against the budget of whoever answers for the act: the approver where there is one."""
    if running.approver is None:
        limits.book(running.uses, running.budget_of, running.returned)
        return
    try:
        limits.book(running.uses, running.approver, running.returned)
    except NeedsApproval as need:
        raise Denied(_("It is above your own limit too: {why}").format(why=need.sentence)) from need


def run_approved(approval: Approval, subject: Any, requester: Actor, approver: Actor) -> Any:
    """Run the act of an approval inside `actions.approve`, with the approver's budget; both stand on its events."""
    running = RUNNING.get()
    assert running is not None
    spec = ACTIONS[approval.action]
    form = forms.build(spec, requester, subject, approval.input)
    if not form.is_valid():
        raise InvalidInput({f: [str(e) for e in told] for f, told in form.errors.items()})
    if subject is not None:
        _refuse_own_account(spec, subject, approver)
    running.approver = approver
    try:
        with recorder.approved_by(approver), recorder.within_action(spec.name):
            return _do(spec, subject, requester, _filled(spec, subject, form.cleaned_data))
    except NeedsApproval as need:
        raise Denied(_("You cannot agree to this alone: {why}").format(why=need.sentence)) from need


def _ask(call: Call, need: NeedsApproval) -> Approval:
    from comptoir.actions.approvals import store

    with _opened(call):
        if call.slot is not None and (earlier := keys.claim(call.slot)):
            return keys.result_of(earlier)  # type: ignore[no-any-return]
        approval = store(call.spec, call.subject, call.by, call.inputs, call.about, need)
        if call.slot is not None:
            keys.settle(call.slot, approval, keys.WAITS)
    return approval


def snapshot(spec: Spec, subject: Any) -> dict[str, str]:
    """What of the subject makes a waiting approval stale when it changes."""
    return {name: str(operator.attrgetter(name)(subject)) for name in spec.stale}
