"""Teams and departments."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.events import record
from comptoir.people import verbs
from comptoir.people.actions.invitations import administers
from comptoir.people.models import Department, Member, Team

WORDS = {"department": gettext_lazy("Department")}


def _refuse_twin(row: type[Team] | type[Department], name: str, but: int | None = None) -> None:
    if row.objects.filter(name__iexact=name).exclude(pk=but).exists():
        raise ActionError(_("There is one of that name: {name}.").format(name=name))


@action("people.add_department", subject=None, authority=administers, title=gettext_lazy("New department"))
def add_department(*, by: Member, name: str) -> Department:
    """Enter a department that acts or is asked."""
    _refuse_twin(Department, name)
    made = Department.objects.create(name=name[:80])
    record(verbs.DEPARTMENT_ADDED, by=by, on=[made], name=name)
    return made


def _named(row: Department) -> dict[str, Any]:
    return {"name": row.name}


@action(
    "people.edit_department",
    subject=Department,
    authority=administers,
    title=gettext_lazy("Rename the department"),
    initial=_named,
)
def edit_department(department: Department, *, by: Member, name: str, seen: Seen = Seen("")) -> Department:
    """Give a department another name."""
    _refuse_twin(Department, name, department.pk)
    change(department, edits(_named(department), {"name": name}, seen), verbs.DEPARTMENT_EDITED, by=by)
    return department


@action(
    "people.deactivate_department",
    subject=Department,
    authority=administers,
    title=gettext_lazy("Deactivate the department"),
)
def deactivate_department(department: Department, *, by: Member) -> Department:
    """Offer a department no more; refused while somebody works there."""
    if department.teams.filter(is_active=True).exists() or department.members.filter(is_active=True).exists():
        raise ActionError(_("{department} still has teams or members.").format(department=department))
    department.is_active = False
    department.save(update_fields=["is_active"])
    record(verbs.DEPARTMENT_CLOSED, by=by, on=[department], name=department.name)
    return department


@action(
    "people.reactivate_department",
    subject=Department,
    authority=administers,
    title=gettext_lazy("Reactivate the department"),
)
def reactivate_department(department: Department, *, by: Member) -> Department:
    """Offer a department again."""
    department.is_active = True
    department.save(update_fields=["is_active"])
    record(verbs.DEPARTMENT_OPENED, by=by, on=[department], name=department.name)
    return department


@action("people.add_team", subject=None, authority=administers, title=gettext_lazy("New team"), labels=WORDS)
def add_team(*, by: Member, name: str, department: Department) -> Team:
    """Enter a team that shares a queue."""
    _refuse_twin(Team, name)
    made = Team.objects.create(name=name[:80], department=department)
    record(verbs.TEAM_ADDED, by=by, on=[made], name=name, department=department.name)
    return made


def standing(team: Team) -> dict[str, Any]:
    """What a team's form shows."""
    return {"name": team.name, "department": team.department}


@action(
    "people.edit_team",
    subject=Team,
    authority=administers,
    title=gettext_lazy("Edit team"),
    labels=WORDS,
    initial=standing,
)
def edit_team(team: Team, *, by: Member, name: str, department: Department, seen: Seen = Seen("")) -> Team:
    """Change a team's name or department."""
    _refuse_twin(Team, name, team.pk)
    changing = edits(standing(team), {"name": name, "department": department}, seen)
    change(team, changing, verbs.TEAM_EDITED, by=by)
    return team


@action(
    "people.deactivate_team", subject=Team, authority=administers, title=gettext_lazy("Deactivate"), is_public=False
)
def deactivate_team(team: Team, *, by: Member) -> Team:
    """Offer a team no more; `cases.dissolve_team` first gives its inboxes and cases to another."""
    team.is_active = False
    team.save(update_fields=["is_active"])
    record(verbs.TEAM_CLOSED, by=by, on=[team], name=team.name)
    return team


@action("people.reactivate_team", subject=Team, authority=administers, title=gettext_lazy("Reactivate the team"))
def reactivate_team(team: Team, *, by: Member) -> Team:
    """Offer a team again."""
    team.is_active = True
    team.save(update_fields=["is_active"])
    record(verbs.TEAM_OPENED, by=by, on=[team], name=team.name)
    return team
