"""Above one's limit somebody else decides: who, on whose budget, and what becomes of it."""

from collections.abc import Callable
from typing import Any

import pytest

from comptoir.actions import ActionError, Denied, SentForApproval, perform
from comptoir.actions.approvals import approve, ask_back, reject, withdraw
from comptoir.actions.models import Approval, LimitCounter, LimitUse
from comptoir.actions.registry import ACTIONS
from comptoir.cases.actions import ending
from comptoir.cases.actions.incoming import receive
from comptoir.events.models import Event
from comptoir.events.queries import story
from comptoir.lib.money import Money
from comptoir.orders.actions import cancel_quantity, pull_in, push_out
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people import Role
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db
State = Approval.State


@pytest.fixture
def order() -> Order:
    build.limit(Role.REP, "50")
    build.limit(Role.SENIOR, "200")
    return build.order(build.customer(), products=2)


@pytest.fixture
def rep() -> Member:
    return build.member(name="Emma")


@pytest.fixture
def senior() -> Member:
    return build.member(Role.SENIOR, name="Marc")


def asked(order: Order, by: Member, cost: str = "180", position: int = 10) -> Approval:
    with pytest.raises(SentForApproval) as sent:
        pull_in(
            build.schedule_line(order, position), by=by, to=build.workday(8), reason=build.reason(), freight_cost=Money.of(cost, "EUR"),
        )  # fmt: skip
    return sent.value.approval


def state(approval: Approval) -> str:
    return Approval.objects.get(pk=approval.pk).state


def refused(act: Callable[..., Any], approval: Approval, by: Member, match: str, **inputs: str) -> None:
    """The act is refused with a sentence, and nothing changes."""
    before = (Event.objects.count(), LimitUse.objects.count(), state(approval))
    with pytest.raises(ActionError, match=match):
        act(approval, by=by, **inputs)
    assert (Event.objects.count(), LimitUse.objects.count(), state(approval)) == before


def test_nobody_decides_what_they_asked_for(order: Order) -> None:
    asker = build.member(Role.SENIOR)
    approval = asked(order, asker, "500")
    for act, inputs in ((approve, {}), (reject, {"answer": "no"}), (ask_back, {"answer": "why"})):
        refused(act, approval, asker, "somebody else", **inputs)


def test_a_colleague_of_the_same_rank_does_not_decide(order: Order, rep: Member) -> None:
    refused(approve, asked(order, rep), build.member(), "no access")


def test_an_act_above_a_seniors_limit_needs_a_manager(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep, "900")
    assert approval.required_role == Role.MANAGER
    refused(approve, approval, senior, "no access")


def test_it_is_done_on_the_approvers_budget_with_both_names(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    approve(approval, by=senior)
    assert state(approval) == State.APPROVED
    assert {(u.member_id, u.amount) for u in LimitUse.objects.all()} == {(senior.pk, 180)}
    assert {c.member_id: c.used for c in LimitCounter.objects.all()} == {senior.pk: 180}
    done = [e for e in story(order) if e.verb.startswith("orders.date_moved")]
    assert [(e.actor_id, e.approver_id) for e in done] == [(rep.pk, senior.pk)]
    given = [e for e in story(order) if e.verb == "actions.approval_given"]
    assert [e.actor_id for e in given] == [senior.pk]


def test_an_approver_above_their_own_limit_reads_why(order: Order, rep: Member, senior: Member) -> None:
    first, second = asked(order, rep), asked(order, rep, position=20)
    approve(first, by=senior)
    refused(approve, second, senior, r"above your own limit too: .*180.*20\.00 of .*200.* a month left")
    assert build.schedule_line(order, 20).promised_on == build.workday(15)


@pytest.mark.parametrize("column", ACTIONS["orders.pull_in"].stale)
def test_a_request_is_out_of_date_when_what_it_was_about_changed(
    order: Order, rep: Member, senior: Member, column: str
) -> None:
    changes: dict[str, Callable[[ScheduleLine], Any]] = {
        "quantity": lambda line: cancel_quantity(line, by=rep, quantity=1, reason=build.reason("cancel")),  # type: ignore[arg-type]
        "promised_on": lambda line: push_out(line, by=rep, to=build.workday(20), reason=build.reason()),
        "state": lambda line: ScheduleLine.objects.filter(pk=line.pk).update(state="allocated"),
        "shipped_quantity": lambda line: ScheduleLine.objects.filter(pk=line.pk).update(shipped_quantity=1),
    }
    approval = asked(order, rep)
    changes[column](build.schedule_line(order))
    before = ScheduleLine.objects.values().get(pk=build.schedule_line(order).pk)
    assert approve(approval, by=senior).state == State.STALE
    assert "changed since" in Approval.objects.get(pk=approval.pk).answer
    assert ScheduleLine.objects.values().get(pk=before["id"]) == before
    assert not LimitUse.objects.exists()


def test_every_action_names_what_its_subject_has_as_what_makes_it_stale() -> None:
    for spec in ACTIONS.values():
        for name in spec.stale:
            assert spec.subject is not None
            if not isinstance(getattr(spec.subject, name, None), property):
                spec.subject._meta.get_field(name.partition("__")[0])


def test_a_request_of_an_older_form_is_out_of_date(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    Approval.objects.filter(pk=approval.pk).update(form_version="older")
    assert approve(approval, by=senior).state == State.STALE
    assert "form has changed" in Approval.objects.get(pk=approval.pk).answer


def test_a_request_whose_action_is_gone_is_out_of_date(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    Approval.objects.filter(pk=approval.pk).update(action="orders.teleport")
    assert approve(approval, by=senior).state == State.STALE
    assert approval.title == "orders.teleport"


def test_a_request_whose_subject_is_gone_is_out_of_date(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    Approval.objects.filter(pk=approval.pk).update(subject_id=999_999)
    assert approve(approval, by=senior).state == State.STALE
    assert "no longer there" in Approval.objects.get(pk=approval.pk).answer


def test_a_requester_who_has_left_gets_nothing_done(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    Member.objects.filter(pk=rep.pk).update(is_active=False)
    assert approve(approval, by=senior).state == State.STALE
    assert "no longer works here" in Approval.objects.get(pk=approval.pk).answer
    assert build.schedule_line(order).promised_on == build.workday(15)


@pytest.mark.parametrize(
    ("act", "inputs", "after"),
    [(reject, {"answer": "Too dear"}, State.REJECTED), (ask_back, {"answer": "Which carrier?"}, State.RETURNED)],
)
def test_a_request_that_was_answered_is_not_answered_again(
    order: Order, rep: Member, senior: Member, act: Callable[..., Any], inputs: dict[str, str], after: str
) -> None:
    approval = asked(order, rep)
    act(approval, by=senior, **inputs)
    assert state(approval) == after
    assert Approval.objects.get(pk=approval.pk).answer == inputs["answer"]
    refused(approve, approval, senior, "closed")
    refused(withdraw, approval, rep, "closed")
    assert build.schedule_line(order).promised_on == build.workday(15)


def test_only_who_asked_withdraws(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    refused(withdraw, approval, senior, "Only the member who asked")
    withdraw(approval, by=rep)
    assert state(approval) == State.WITHDRAWN
    refused(approve, approval, senior, "closed")


def test_nobody_asks_or_decides_for_an_account_of_their_own(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    order.customer.staff_member = senior
    order.customer.save()
    refused(approve, approval, senior, "account of their own")
    order.customer.staff_member = rep
    order.customer.save()
    with pytest.raises(Denied, match="account of their own"):
        push_out(build.schedule_line(order), by=rep, to=build.workday(20), reason=build.reason())


def test_the_same_key_asks_once_and_answers_with_the_same_request(order: Order, rep: Member) -> None:
    raw = {"to": build.workday(8).isoformat(), "reason": str(build.reason().pk), "freight_cost_0": "180"}
    line = build.schedule_line(order)
    sent = [perform("orders.pull_in", by=rep, subject=line, inputs=raw, key="k").approval for _ in range(2)]
    assert sent[0] is not None
    assert sent[0] == sent[1]
    assert Approval.objects.count() == 1


def test_a_double_click_on_approve_approves_once_and_says_so(order: Order, rep: Member, senior: Member) -> None:
    approval = asked(order, rep)
    for _ in range(2):
        outcome = perform("actions.approve", by=senior, subject=approval, inputs={}, key="k")
        assert (outcome.approval, outcome.result) == (None, approval)
    assert LimitUse.objects.count() == 1


def test_a_request_about_a_teams_own_case_is_read_and_decided_there(order: Order, rep: Member) -> None:
    """A request about an order is everybody's; one about a case stays where the case is read."""
    from comptoir.actions.authority import NeedsApproval
    from comptoir.actions.door import Call, _ask

    case, spec = receive(build.mail(build.WISH)).case, ACTIONS["cases.mark_spam"]
    approval = _ask(Call(spec, case, rep, {}), NeedsApproval("Ask first"))
    elsewhere = build.member(Role.SENIOR, teams=(build.team("Export"),))
    ours, above = build.member(Role.SENIOR), build.member(Role.SUPERVISOR, teams=())
    assert [Approval.objects.asked_of(m).count() for m in (elsewhere, ours, above)] == [0, 1, 1]
    refused(reject, approval, elsewhere, "no access", answer="no")
    assert next(e for e in story(case) if e.verb == "actions.approval_requested").is_hidden_from(elsewhere)
    approve(approval, by=ours)
    case.refresh_from_db()
    assert case.state == "spam"
    with pytest.raises(ActionError):
        ending.mark_spam(case, by=rep)
    assert Approval.objects.asked_of(elsewhere).count() == 0
    assert asked(order, rep) in Approval.objects.asked_of(elsewhere)
