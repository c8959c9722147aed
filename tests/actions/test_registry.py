"""Every declared action, played: what it does is told, what it refuses leaves nothing behind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from comptoir.actions import ACTIONS, ActionError, InvalidInput, SentForApproval, perform
from comptoir.actions import forms as action_forms
from comptoir.actions.door import enter_typed
from comptoir.actions.models import Approval
from comptoir.actions.registry import Spec
from comptoir.events.models import Event, EventSubject
from comptoir.people import Role
from comptoir.people.models import Member
from tests import build, world
from tests.conftest import Lasting
from tests.content import Content, content

NAMES = sorted(ACTIONS)
ROLES = [*Role, "inactive", "stranger"]


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        made = world.make()
        made.extra = {kind: member_as(kind, made) for kind in ROLES}
        yield made


@pytest.fixture(scope="module")
def at_rest(shared: world.World) -> Content:
    return content()


@pytest.fixture
def desk(shared: world.World, db: None) -> world.World:
    for row in (shared.customer, shared.order, shared.case, shared.other, shared.foreign):
        row.refresh_from_db()
    return shared


@pytest.fixture
def standing(desk: world.World, at_rest: Content) -> Content:
    """What the desk holds when the test begins."""
    return at_rest.again()


def by_whom(desk: world.World, spec: Spec, subject: Any) -> Member:
    """Somebody whose role suffices for every act; an act on oneself is one's own, and what one asked or wrote one takes back."""
    if spec.authority.__name__ == "is_oneself":
        return subject  # type: ignore[no-any-return]
    return desk.rep if spec.name in ("actions.withdraw", "cases.undo_send") else desk.boss


@pytest.mark.parametrize("name", [name for name in NAMES if name not in world.ONCE])
def test_every_action_that_is_done_tells_its_story(desk: world.World, name: str) -> None:
    spec = ACTIONS[name]
    if name == "actions.approve":
        build.limit(Role.ADMINISTRATOR, "999", period="act")
    subject = world.subject_of(desk, spec)
    by = by_whom(desk, spec, subject)
    raw, before = world.input_of(desk, spec, subject, by), Event.objects.count()
    if name == "actions.approve":
        build.Limit.objects.filter(role=Role.ADMINISTRATOR).update(amount=999)
    outcome = perform(name, by=by, subject=subject, inputs=raw)
    assert outcome.approval is None
    told = Event.objects.order_by("pk")[before:]
    assert name in {event.action for event in told}, f"{name} changed something and told nothing"
    assert all(EventSubject.objects.filter(event_id=event.pk).exists() for event in told)


def member_as(kind: str, desk: world.World) -> Member:
    if kind in Role.values:
        return build.member(Role(kind))
    gone = build.member(Role.ADMINISTRATOR if kind == "inactive" else Role.REP, teams=(desk.theirs,))
    if kind == "inactive":
        Member.objects.filter(pk=gone.pk).update(is_active=False)
        gone.refresh_from_db()
    return gone


class LetInError(Exception):
    """Whoever asks has passed the door."""


def door_of(spec: Spec) -> Spec:
    """The action with nothing behind its door."""

    @wraps(spec.body)
    def body(*args: Any, **inputs: Any) -> None:
        raise LetInError

    return replace(spec, body=body)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_refused_leaves_nothing_behind_whoever_asks(desk: world.World, standing: Content, name: str) -> None:
    """By both ways; the act itself is done once, by whoever is let in first, and of others it is asked whether they are."""
    spec = ACTIONS[name]
    subject = world.subject_of(desk, spec)
    boss = by_whom(desk, spec, subject)
    raw = world.input_of(desk, spec, subject, boss)
    form = action_forms.build(spec, boss, subject, raw)
    assert form.is_valid(), form.errors
    given, before, refused, asked = spec.given(form.cleaned_data), content(standing), set(), spec
    for kind in ROLES:
        by = desk.extra[kind]
        ways = {
            "untyped": lambda by=by: perform(name, by=by, subject=subject, inputs=raw),
            "direct": lambda by=by: enter_typed(ACTIONS[name], subject, by, given),
        }
        for way, act in ways.items():
            with mock.patch.dict(ACTIONS, {name: asked}):
                end = _end_of(act, before, f"{kind} {way}")
            if end == "refused":
                refused.add((kind, way))
            elif end == "done":
                asked = door_of(spec)
    assert {("inactive", "untyped"), ("inactive", "direct")} <= refused
    if spec.subject is not None and hasattr(spec.root(subject) if spec.root else subject, "team_id"):
        assert {("stranger", "untyped"), ("stranger", "direct")} <= refused


def _end_of(act: Callable[[], Any], before: Content, told: str) -> str:
    """How asking ended; when it was refused, after looking that nothing changed. What it did otherwise is undone."""
    point, after = transaction.savepoint(), None
    try:
        return "sent for approval" if getattr(act(), "approval", None) else "done"
    except ActionError:
        after = content(before)
        assert after == before, f"{told}: {[t for t in after if after[t] != before[t]]}"
        return "refused"
    except SentForApproval:
        return "sent for approval"
    except LetInError:
        return "let in"
    finally:
        transaction.savepoint_rollback(point)
        before.written = (after or before.again()).written


def test_the_same_act_above_the_limit_waits_whichever_way_it_is_asked(desk: world.World, client) -> None:  # type: ignore[no-untyped-def]
    line = build.schedule_line(desk.order)
    raw = {
        "to": build.workday(8).isoformat(),
        "reason": str(build.reason().pk),
        "freight_cost_0": "180",
        "freight_cost_1": "EUR",
    }
    spec = ACTIONS["orders.pull_in"]
    promised, before = line.promised_on, Event.objects.count()
    form = action_forms.build(spec, desk.rep, line, raw)
    assert form.is_valid()
    with pytest.raises(SentForApproval):
        enter_typed(spec, line, desk.rep, spec.given(form.cleaned_data))
    untyped = perform(spec.name, by=desk.rep, subject=line, inputs=raw).approval
    client.force_login(desk.rep)
    answer = client.post(f"/do/orders.pull_in/{line.pk}/", raw, headers={"HX-Request": "true"})
    assert "toast" in answer.headers["HX-Trigger"]
    asked = list(Approval.objects.all())
    assert untyped in asked
    assert len(asked) == 3
    assert len({(a.action, str(a.input), str(a.diff), a.required_rank) for a in asked}) == 1
    line.refresh_from_db()
    assert line.promised_on == promised
    assert [e.verb for e in Event.objects.order_by("pk")[before:]] == ["actions.approval_requested"] * 3


def test_input_that_does_not_fit_is_refused_by_name(desk: world.World) -> None:
    line = build.schedule_line(desk.order)
    with pytest.raises(InvalidInput) as wrong:
        perform(
            "orders.pull_in", by=desk.rep, subject=line, inputs={"to": "soon", "reason": "0", "freight_cost_0": "x"}
        )
    assert set(wrong.value.errors) == {"to", "reason", "freight_cost"}


def test_a_number_larger_than_its_column_is_refused_with_a_sentence(desk: world.World) -> None:
    before = content()
    with pytest.raises(ActionError, match="larger than what can be kept"):
        perform("customers.edit", by=desk.rep, subject=desk.customer, inputs={"credit_limit": "9" * 17})
    assert content(before) == before
