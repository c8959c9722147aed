"""Whose a case is, how it is marked, and what it waits for."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.actions.due import due
from comptoir.cases import verbs
from comptoir.cases.actions.opening import on
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Case, CaseLink, CaseTag, Follow, Tag
from comptoir.customers.models import Contact, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders.models import Order
from comptoir.people import any_member, system
from comptoir.people.models import Member, Team

State = Case.State
FIELDS = {"type": gettext_lazy("Type"), "priority": gettext_lazy("Priority")}


@action(
    "cases.assign", subject=Case, authority=any_member, title=gettext_lazy("Assign"), labels={"to": gettext_lazy("To")}
)
def assign(case: Case, *, by: Member, to: Member | None = None) -> Case:
    """Give the case to a member, or to nobody."""
    before, case.owner = case.owner, to
    if case.state == State.NEW and to is not None:
        case.state = State.OPEN
    case.save(update_fields=["owner", "state"])
    people = [m for m in (before, to) if m is not None]
    record(verbs.ASSIGNED, by=by, on=[*on(case), *people], scope_team=case.team_id, before=before, after=to)
    return case


@action("cases.take", subject=Case, authority=any_member, title=gettext_lazy("Take"))
def take_case(case: Case, *, by: Member) -> Case:
    """Make the case one's own."""
    return assign(case, by=by, to=by)


@action(
    "cases.move_team",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Move to team"),
    labels={"team": gettext_lazy("Team")},
)
def move_team(case: Case, *, by: Member, team: Team) -> Case:
    """Give the case to another team; it has no owner there yet."""
    before, case.team, case.owner = case.team, team, None
    case.save(update_fields=["team", "owner"])
    record(verbs.MOVED, by=by, on=on(case), scope_team=before.pk, before=str(before), after=str(team))
    record(verbs.ASSIGNED, by=by, on=[case], scope_team=team.pk, before=None, after=None)
    return case


@action(
    "cases.edit",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Change the case"),
    labels={"type": gettext_lazy("Type"), "priority": gettext_lazy("Priority")},
)
def edit(
    case: Case,
    *,
    by: Member,
    subject: str = "",
    type: Case.Type | None = None,
    priority: Case.Priority | None = None,
) -> Case:
    """Change subject, type or priority; the next update follows type and priority."""
    if subject and subject != case.subject:
        record(verbs.RENAMED, by=by, on=[case], scope_team=case.team_id, before=case.subject, after=subject)
        case.subject = subject[:300]
    for field, after in {"type": type, "priority": priority}.items():
        if after and after != getattr(case, field):
            _change(case, field, after, by)
    case.save()
    return case


def _change(case: Case, field: str, after: Case.Type | Case.Priority, by: Member) -> None:
    """Another type or priority, and the clock that goes with it."""
    before = after.__class__(getattr(case, field))
    setattr(case, field, after)
    record(
        verbs.CHANGED, by=by, on=[case], scope_team=case.team_id, field=FIELDS[field], before=before.label,
        after=after.label,
    )  # fmt: skip
    if case.is_worked_on:
        case.next_update_at = next_update(case, case.last_inbound_at or clock.now())


@action("cases.tag", subject=Case, authority=any_member, title=gettext_lazy("Tag"), labels={"tag": gettext_lazy("Tag")})
def tag(case: Case, *, by: Member, tag: str) -> Case:
    """Mark the case with a word."""
    row, _new = Tag.objects.get_or_create(name=" ".join(tag.casefold().split())[:40])
    _row, new = CaseTag.objects.get_or_create(case=case, tag=row)
    if new:
        record(verbs.TAGGED, by=by, on=[case], scope_team=case.team_id, tag=row.name)
    return case


@action(
    "cases.untag",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Remove tag"),
    labels={"tag": gettext_lazy("Tag")},
)
def untag(case: Case, *, by: Member, tag: Tag) -> Case:
    """Take a word off the case."""
    if CaseTag.objects.filter(case=case, tag=tag).delete()[0]:
        record(verbs.UNTAGGED, by=by, on=[case], scope_team=case.team_id, tag=tag.name)
    return case


@action(
    "cases.wait",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Wait for somebody"),
    labels={"waiting_on": gettext_lazy("Waiting on"), "until": gettext_lazy("At most until")},
)
def wait(case: Case, *, by: Member, waiting_on: Case.WaitingOn, until: datetime) -> Case:
    """Let the case rest until somebody else has moved, at most until a moment."""
    _refuse_ended(case)
    _refuse_past(until)
    case.state, case.waiting_on, case.waiting_until = State.WAITING, waiting_on, until
    case.save(update_fields=["state", "waiting_on", "waiting_until"])
    record(verbs.WAITING, by=by, on=[case], scope_team=case.team_id, for_what=waiting_on.label)
    return case


@action(
    "cases.snooze",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Snooze"),
    labels={"until": gettext_lazy("Until")},
)
def snooze(case: Case, *, by: Member, until: datetime) -> Case:
    """Bring the case back at a moment, or when the customer writes before."""
    _refuse_ended(case)
    _refuse_past(until)
    case.state, case.waiting_on, case.waiting_until = State.WAITING, Case.WaitingOn.UNTIL, until
    case.save(update_fields=["state", "waiting_on", "waiting_until"])
    record(verbs.SNOOZED, by=by, on=[case], scope_team=case.team_id, until=until)
    return case


def _refuse_past(moment: datetime) -> None:
    if moment <= clock.now():
        raise ActionError(_("This moment has passed."))


def _refuse_ended(case: Case) -> None:
    if not case.is_worked_on:
        raise ActionError(_("{case} is {state}.").format(case=case, state=State(case.state).label))


@action("cases.wake", subject=Case, authority=any_member, title=gettext_lazy("Back to the queue"))
def wake(case: Case, *, by: Member) -> Case:
    """End the waiting."""
    if case.state != State.WAITING:
        raise ActionError(_("{case} is {state}.").format(case=case, state=State(case.state).label))
    case.state, case.waiting_on, case.waiting_until = State.OPEN, "", None
    case.save(update_fields=["state", "waiting_on", "waiting_until"])
    people = [case.owner] if case.owner else []
    record(verbs.WOKEN, by=by, on=[case, *people], scope_team=case.team_id)
    return case


@due("cases.wake")
def wake_due(now: datetime) -> int:
    """Cases whose waiting is over come back."""
    waiting = Case.objects.filter(state=State.WAITING, waiting_until__lte=now).order_by("waiting_until")
    taken = 0
    for case in waiting[:500]:
        try:
            wake(case, by=system())
            taken += 1
        except ActionError:
            continue
    return taken


@action(
    "cases.set_next_update",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Next update"),
    labels={"at": gettext_lazy("When")},
)
def set_next_update(case: Case, *, by: Member, at: datetime) -> Case:
    """Say by when the customer hears from us next."""
    _refuse_ended(case)
    _refuse_past(at)
    case.next_update_at = at
    case.save(update_fields=["next_update_at"])
    record(verbs.UPDATE_SET, by=by, on=[case], scope_team=case.team_id, at=at)
    return case


@action("cases.follow", subject=Case, authority=any_member, title=gettext_lazy("Follow"))
def follow(case: Case, *, by: Member) -> Case:
    """See the case from now on, whatever team it is moved to; a second time ends it."""
    row, new = Follow.objects.get_or_create(case=case, member=by)
    if not new:
        row.delete()
    verb = verbs.FOLLOWED if new else verbs.UNFOLLOWED
    record(verb, by=by, on=[case, by], scope_team=case.team_id, member=by)
    return case


@action(
    "cases.set_customer",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Set customer"),
    labels={"contact": gettext_lazy("Contact")},
)
def set_customer(case: Case, *, by: Member, customer: Customer, contact: Contact | None = None) -> Case:
    """Say whose case it is; a contact has to be one of theirs."""
    if contact is not None and contact.customer_id != customer.pk:
        raise ActionError(_("{contact} is not a contact of {customer}.").format(contact=contact, customer=customer))
    case.customer, case.contact = customer, contact
    case.language = (contact and contact.language) or customer.language
    case.save(update_fields=["customer", "contact", "language"])
    record(verbs.CUSTOMER_SET, by=by, on=on(case), scope_team=case.team_id, customer=customer.name)
    return case


@action(
    "cases.link_order",
    subject=Case,
    authority=any_member,
    title=gettext_lazy("Link an order"),
    labels={"order": gettext_lazy("Order")},
)
def link_order(case: Case, *, by: Member, order: Order) -> CaseLink:
    """Put an order beside the case."""
    link, new = CaseLink.objects.get_or_create(case=case, noun="order", object_id=order.pk)
    if new or link.how == "suggested":
        link.how = "member"
        link.save(update_fields=["how"])
        record(
            verbs.LINKED,
            by=by,
            on=[case, order],
            scope_team=case.team_id,
            to=order.number,
            how=CaseLink.How.MEMBER.label,
        )
    return link


@action(
    "cases.unlink",
    subject=CaseLink,
    root=lambda link: link.case,
    authority=any_member,
    title=gettext_lazy("Remove link"),
)
def unlink(link: CaseLink, *, by: Member) -> None:
    """Take a row away from beside the case."""
    record(verbs.UNLINKED, by=by, on=[link.case], scope_team=link.case.team_id, to=f"{link.noun} {link.object_id}")
    link.delete()
