"""When somebody leaves or a team is dissolved: what they had on their desks goes to others in the same act."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.cases import verbs
from comptoir.cases.models import Case, Inbox
from comptoir.events import record
from comptoir.people import Role, at_least
from comptoir.people.actions.members import all_administrators, deactivate
from comptoir.people.actions.teams import deactivate_team
from comptoir.people.models import Member, Team
from comptoir.promises.actions import hand_over

administers = at_least(Role.ADMINISTRATOR)


@action(
    "cases.see_off",
    subject=Member,
    authority=administers,
    title=gettext_lazy("Deactivate"),
    labels={"to": gettext_lazy("Give their open cases and promises to")},
    also=lambda member, inputs: [*all_administrators(member, inputs), *open_cases(member)],
)
def see_off(member: Member, *, by: Member, to: Member | None = None) -> Member:
    """Shut a member out; their open cases go to a colleague, or back to the queue.

    Their promises, which somebody has to keep, go to the colleague, else to the administrator who does this.
    """
    if to is not None and (to.pk == member.pk or not to.is_active):
        raise ActionError(_("Choose a colleague who is active."))
    for case in open_cases(member):
        case.owner = to
        case.save(update_fields=["owner"])
        record(verbs.ASSIGNED, by=by, on=[case, member], scope_team=case.team_id, before=member, after=to)
    hand_over(member, to or _keeper(member, by), by=by)
    return deactivate(member, by=by)


def _keeper(member: Member, by: Member) -> Member:
    """Who keeps promises when nobody is named: the administrator who acts, another one where the system does."""
    if by.kind != Member.Kind.SYSTEM:
        return by
    return Member.objects.administrators().exclude(pk=member.pk).order_by("pk").first() or by


def open_cases(member: Member) -> Iterable[Case]:
    """What a member has on their desk."""
    return Case.objects.worked_on().filter(owner=member).order_by("pk")


@action(
    "cases.dissolve_team",
    subject=Team,
    authority=administers,
    title=gettext_lazy("Deactivate the team"),
    labels={"to": gettext_lazy("Give its inboxes and open cases to")},
    also=lambda team, inputs: team.cases.worked_on().order_by("pk"),
)
def dissolve_team(team: Team, *, by: Member, to: Team) -> Team:
    """Offer a team no more; its inboxes and open cases go to another team, each case with its owner."""
    if to.pk == team.pk:
        raise ActionError(_("Choose another team."))
    for inbox in Inbox.objects.filter(team=team):
        inbox.team = to
        inbox.save(update_fields=["team"])
        record(verbs.INBOX_EDITED, by=by, on=[inbox], field=str(_("Team")), before=team.name, after=to.name)
    for case in team.cases.worked_on().order_by("pk"):
        case.team = to
        case.save(update_fields=["team"])
        record(verbs.MOVED, by=by, on=[case], scope_team=to.pk, before=team.name, after=to.name)
    return deactivate_team(team, by=by)
