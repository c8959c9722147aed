"""Merging two cases about the same matter, and taking that back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Change, Notice, action
from comptoir.cases import verbs
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Case, CaseLink, Conversation, Escalation, HandOff, Message
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member
from comptoir.promises.models import Promise

State = Case.State
PARTS: dict[str, tuple[Any, str]] = {
    "messages": (Message, "case_id"),
    "conversations": (Conversation, "case_id"),
    "asks": (Ask, "case_id"),
    "promises": (Promise, "case_id"),
    "hand_offs": (HandOff, "case_id"),
    "escalations": (Escalation, "case_id"),
}


def merge_changes(case: Case, inputs: Mapping[str, Any]) -> list[Change]:
    target: Case = inputs["into"]
    return [Change(_("Messages go to"), f"{case} {case.subject}", f"{target} {target.subject}")]


def merge_notices(case: Case, inputs: Mapping[str, Any]) -> list[Notice]:
    """Cases of two customers are seldom one matter."""
    mine, theirs = case.customer, inputs["into"].customer
    if mine is None or theirs is None or mine == theirs:
        return []
    return [Notice(_("{case} is {mine}'s, the other is {theirs}'s.").format(case=case, mine=mine, theirs=theirs))]


@action(
    "cases.merge",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Merge"),
    also=lambda case, inputs: [inputs["into"]],
    diff=merge_changes,
    warn=merge_notices,
    labels={"into": gettext_lazy("Into case")},
)
def merge(case: Case, *, by: Member, into: Case) -> Case:
    """Move everything said, asked and promised into another case; later answers follow. It can be undone."""
    if into.pk == case.pk or case.state == State.MERGED:
        raise ActionError(_("These cases cannot be merged."))
    if not into.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=into, state=State(into.state).label))
    if case.escalations.standing().exists() and into.escalations.standing().exists():
        raise ActionError(_("Both cases were escalated: one has to be decided or returned first."))
    case.merge_record = {"state": case.state} | {name: _move(name, case, into) for name in PARTS}
    for link in case.links.exclude(noun="case", object_id=into.pk):
        CaseLink.objects.get_or_create(
            case=into, noun=link.noun, object_id=link.object_id,
            defaults={"how": link.how, "positions": link.positions},
        )  # fmt: skip
    into.customer, into.contact = into.customer or case.customer, into.contact or case.contact
    into.last_message_at = max(into.last_message_at, case.last_message_at)
    into.is_unread = into.is_unread or case.is_unread
    into.save()
    case.state, case.merged_into, case.next_update_at = State.MERGED, into, None
    case.save()
    record(verbs.MERGED, by=by, on=[case, into], scope_team=into.team_id, source=case.number, target=into.number)
    return into


def _move(name: str, source: Case, target: Case) -> list[int]:
    """Hand the parts of a kind over; their ids."""
    model, column = PARTS[name]
    ids = list(model.objects.filter(**{column: source.pk}).values_list("pk", flat=True))
    model.objects.filter(pk__in=ids).update(**{column: target.pk})
    return ids


@action(
    "cases.unmerge",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Undo the merge"),
    also=lambda case, inputs: [case.merged_into] if case.merged_into else [],
)
def unmerge(case: Case, *, by: Member) -> Case:
    """Give a merged case back what was its own; what came in since stays where it is."""
    if case.state != State.MERGED or case.merged_into is None:
        raise ActionError(_("{case} is not merged into another case.").format(case=case))
    target, kept = case.merged_into, case.merge_record
    if target.state == State.MERGED:
        raise ActionError(_("{target} was merged too: undo that first.").format(target=target))
    for name, (model, column) in PARTS.items():
        model.objects.filter(pk__in=kept.get(name, []), **{column: target.pk}).update(**{column: case.pk})
    case.state, case.merged_into, case.merge_record = kept.get("state", State.OPEN), None, {}
    if case.is_worked_on:
        case.next_update_at = next_update(case, clock.now())
    case.save()
    record(verbs.UNMERGED, by=by, on=[case, target], scope_team=case.team_id, source=case.number)
    return case
