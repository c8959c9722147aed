"""A call back that is promised in a case, and how it ends."""

from datetime import timedelta

import pytest

from comptoir.actions import ActionError
from comptoir.cases.actions.asks import answer_ask
from comptoir.cases.actions.contacts import log_contact
from comptoir.cases.actions.ending import resolve
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.promising import keep_promise, promise_call_back, withdraw_promise
from comptoir.cases.models import Case
from comptoir.cases.queries import case_page
from comptoir.lib import clock
from comptoir.promises.models import Promise
from comptoir.promises.queries import due_for
from tests import build

pytestmark = pytest.mark.django_db
State = Promise.State


@pytest.fixture
def case() -> Case:
    build.contact(build.customer())
    return receive(build.mail(build.WISH)).case


def soon(hours: int = 3):
    return clock.now() + timedelta(hours=hours)


def test_a_call_back_is_owned_by_the_rep_and_stands_on_the_case_and_in_their_day(case):
    rep, due_at = build.member(), soon()
    made = promise_call_back(case, by=rep, due_at=due_at)
    assert (made.kind, made.contact, made.owner, made.due_at) == ("callback", case.contact, rep, due_at)
    assert case_page(case, rep).promised == [made]
    assert list(due_for(rep, clock.now())) == [made]
    assert case.next_update_at == due_at


def test_a_second_one_moves_the_first_and_is_the_members_who_promised_it(case):
    first, second = build.member(), build.member()
    promise_call_back(case, by=first, due_at=soon())
    moved = promise_call_back(case, by=second, due_at=soon(5))
    assert Promise.objects.standing().get(kind="callback") == moved
    assert moved.owner == second


def test_it_is_kept_by_the_call_that_was_made_and_by_nothing_less(case):
    rep = build.member()
    made = promise_call_back(case, by=rep, due_at=soon())
    with pytest.raises(ActionError, match="kept by evidence"):
        keep_promise(made, by=rep)
    call = log_contact(by=rep, text="Called her", contact=case.contact, case=case, we_called=True)
    assert (call.direction, call.sender_name) == ("out", rep.name)
    keep_promise(made, by=rep)
    assert (made.state, made.evidence_id) == (State.KEPT, call.pk)


def test_nobody_waits_for_one_that_is_no_longer_wanted_and_the_case_can_end(case):
    rep = build.member()
    for ask in case.asks.all():
        answer_ask(ask, by=rep)
    made = promise_call_back(case, by=rep, due_at=soon())
    with pytest.raises(ActionError, match="not done yet"):
        resolve(case, by=rep, resolution="done")
    withdraw_promise(made, by=rep, reason="She has written instead")
    assert made.state == State.WITHDRAWN
    resolve(case, by=rep, resolution="done")
    assert case.state == Case.State.RESOLVED


def test_nobody_is_called_in_the_past_or_without_a_name(case):
    with pytest.raises(ActionError, match="has passed"):
        promise_call_back(case, by=build.member(), due_at=soon(-1))
    stranger = receive(build.mail("Hello", sender="eve@evil.example")).case
    with pytest.raises(ActionError, match="Nobody to call"):
        promise_call_back(stranger, by=build.member(), due_at=soon())
    assert not Promise.objects.filter(kind="callback").exists()
