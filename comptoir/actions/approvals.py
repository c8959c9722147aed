"""Approvals: asked, given, refused, returned, withdrawn; the answer is an action like any other."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import forms, verbs
from comptoir.actions.authority import ALLOWED, ActionError, Denied, NeedsApproval, Use, Verdict
from comptoir.actions.door import changes_of, run_approved, snapshot
from comptoir.actions.models import Approval
from comptoir.actions.registry import ACTIONS, Spec, Text, action
from comptoir.events import Verb, record
from comptoir.events import about as in_story_of
from comptoir.events.actor import Actor
from comptoir.lib import clock
from comptoir.lib.roles import RANKS

State = Approval.State


def store(
    spec: Spec,
    subject: Any,
    by: Actor,
    inputs: Mapping[str, Any],
    about: tuple[models.Model, ...],
    need: NeedsApproval,
) -> Approval:
    """Keep the act's exact input and what it would change, and tell those who may agree."""
    root = spec.root(subject) if spec.root and subject is not None else subject
    rows = [row for row in (root, *about) if row is not None]
    verdict = spec.authority(by, subject, inputs)
    customer = verdict.customer if isinstance(verdict, Use) else getattr(root, "customer", None)
    approval = Approval.objects.create(
        action=spec.name,
        form_version=spec.form_version,
        subject_noun=subject._meta.label if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        subject_label=str(root or "")[:200],
        about=[[row._meta.label, row.pk] for row in rows],
        input=forms.dump(forms.build(spec, by, subject), inputs),
        diff=[[c.label, c.before, c.after] for c in changes_of(spec, subject, inputs)],
        snapshot=snapshot(spec, subject) if subject is not None else {},
        amount=need.amount.amount if need.amount else None,
        currency=need.amount.currency if need.amount else "",
        customer_id=getattr(customer, "pk", None),
        reason=need.sentence,
        required_rank=max(RANKS[need.role], by.rank),
        requester_id=by.pk,
        requested_at=clock.now(),
        scope_team_id=getattr(root, "team_id", None),
    )
    _say(verbs.REQUESTED, approval, by, [approval, *rows], reason=need.sentence)
    return approval


def may_decide(member: Actor, approval: Approval, inputs: Mapping[str, Any]) -> Verdict:
    """Somebody else than the requester, of sufficient rank."""
    if member.pk == approval.requester_id:
        return Denied(_("You asked for this yourself: somebody else has to decide."))
    if member.rank < approval.required_rank:
        return Denied(_("This needs the role {role} or higher.").format(role=approval.required_role.label))
    return ALLOWED


def is_requester(member: Actor, approval: Approval, inputs: Mapping[str, Any]) -> Verdict:
    if member.pk == approval.requester_id:
        return ALLOWED
    return Denied(_("Only the member who asked can withdraw the request."))


@action("actions.approve", subject=Approval, authority=may_decide, title=gettext_lazy("Approve"), is_public=True)
def approve(approval: Approval, *, by: Actor, note: Text = Text("")) -> Approval:
    """Agree, and do it: the input is checked again as things stand now, on the approver's budget.

    An approval whose subject has changed becomes stale instead; the answer says so.
    """
    _refuse_decided(approval)
    subject = _subject_of(approval)
    requester = cast(Actor, get_user_model().objects.get(pk=approval.requester_id))
    if why := _why_stale(approval, subject, requester):
        _decide(approval, State.STALE, by, why)
        _say(verbs.STALE, approval, by, why=why)
        return approval
    with in_story_of(*_rows(approval)):
        run_approved(approval, subject, requester, by)
    _decide(approval, State.APPROVED, by, note)
    _say(verbs.APPROVED, approval, by)
    return approval


@action("actions.reject", subject=Approval, authority=may_decide, title=gettext_lazy("Refuse"))
def reject(approval: Approval, *, by: Actor, answer: Text) -> Approval:
    """Refuse, with the reason the requester reads."""
    _refuse_decided(approval)
    _decide(approval, State.REJECTED, by, answer)
    _say(verbs.REJECTED, approval, by, answer=answer)
    return approval


@action("actions.return", subject=Approval, authority=may_decide, title=gettext_lazy("Ask back"))
def ask_back(approval: Approval, *, by: Actor, answer: Text) -> Approval:
    """Return the request with a question; the requester asks anew with what was missing."""
    _refuse_decided(approval)
    _decide(approval, State.RETURNED, by, answer)
    _say(verbs.RETURNED, approval, by, answer=answer)
    return approval


@action("actions.withdraw", subject=Approval, authority=is_requester, title=gettext_lazy("Withdraw"))
def withdraw(approval: Approval, *, by: Actor) -> Approval:
    """Take one's own request back."""
    _refuse_decided(approval)
    _decide(approval, State.WITHDRAWN, by, "")
    _say(verbs.WITHDRAWN, approval, by)
    return approval


def _say(verb: Verb, approval: Approval, by: Actor, on: Sequence[models.Model] = (), **data: Any) -> None:
    """Tell the story of the approval and of what it is about; what is a team's own stays within the team."""
    rows = on or _rows(approval)
    record(verb, by=by, on=rows, scope_team=approval.scope_team_id, title=approval.title, **data)


def _refuse_decided(approval: Approval) -> None:
    if not approval.is_pending:
        raise ActionError(_("This request is closed: {state}.").format(state=State(approval.state).label))


def _decide(approval: Approval, state: State, by: Actor, answer: str) -> None:
    approval.state, approval.answer = state, answer
    approval.decided_by_id, approval.decided_at = by.pk, clock.now()
    approval.save(update_fields=["state", "answer", "decided_by", "decided_at"])


def _subject_of(approval: Approval) -> Any:
    if not approval.subject_noun:
        return None
    return apps.get_model(approval.subject_noun)._base_manager.filter(pk=approval.subject_id).first()


def _rows(approval: Approval) -> list[models.Model]:
    """The approval and what its request was about."""
    found = [apps.get_model(label)._base_manager.filter(pk=pk).first() for label, pk in approval.about]
    return [approval, *[row for row in found if row is not None]]


def _why_stale(approval: Approval, subject: Any, requester: Actor) -> str:
    spec = ACTIONS.get(approval.action)
    if spec is None or spec.form_version != approval.form_version:
        return _("The form has changed since: please ask again.")
    if approval.subject_noun and subject is None:
        return _("What it was about is no longer there.")
    if not requester.is_active:
        return _("{member} no longer works here: please ask anew.").format(member=requester.name)
    if subject is not None and snapshot(spec, subject) != approval.snapshot:
        return _("What it was about has changed since: please ask again.")
    return ""
