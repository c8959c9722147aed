"""Who works here, and as what."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Denied, Seen, Text, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import verbs
from comptoir.people.actions.invitations import administers, invite, is_oneself, new_invitation
from comptoir.people.choices import Email, Language, TimeZone
from comptoir.people.models import Department, Invitation, Member, Membership, Team
from comptoir.people.roles import Role

WORDS = {
    "email": gettext_lazy("E-mail"),
    "role": gettext_lazy("Role"),
    "department": gettext_lazy("Department"),
    "teams": gettext_lazy("Teams"),
    "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Time zone"),
    "signature": gettext_lazy("Signature"),
    "shortcuts_enabled": gettext_lazy("Single-key shortcuts"),
}


@action(
    "people.add_member",
    subject=None,
    authority=administers,
    title=gettext_lazy("New member"),
    labels=WORDS,
    is_public=False,
)
def add_member(
    *,
    by: Member,
    name: str,
    email: Email,
    role: Role = Role.REP,
    department: Department | None = None,
    teams: list[Team] = [],  # noqa: B006
    language: Language = Language("en"),
) -> Invitation:
    """Let somebody in: the answer is the one-time link by which they choose their password."""
    _refuse_taken(email)
    member = Member(name=name, email=email.strip(), role=role, department=department, language=language)
    member.set_unusable_password()
    member.save()
    Membership.objects.bulk_create(Membership(member=member, team=team) for team in teams)
    made = new_invitation(member)
    record(verbs.ADDED, by=by, on=[member], name=name, role=str(role.label))
    record(verbs.INVITED, by=by, on=[member], until=made.expires_at)
    return made


def _refuse_taken(email: str, but: Member | None = None) -> None:
    twin = Member.objects.filter(email__iexact=email.strip()).first()
    if twin is not None and twin != but:
        raise ActionError(_("{email} belongs to {member} already.").format(email=email, member=twin))


def standing(member: Member) -> dict[str, Any]:
    """What an administrator's form shows of a member."""
    fields = ("name", "email", "role", "department", "language")
    return {n: getattr(member, n) for n in fields} | {"teams": list(member.teams.order_by("name"))}


def all_administrators(member: Member, inputs: Mapping[str, Any]) -> list[Member]:
    """Locked together, so that two administrators cannot remove each other at once."""
    return list(Member.objects.administrators())


@action(
    "people.edit_member",
    subject=Member,
    authority=administers,
    title=gettext_lazy("Edit member"),
    labels=WORDS,
    also=all_administrators,
    initial=standing,
)
def edit_member(
    member: Member,
    *,
    by: Member,
    name: str,
    email: Email,
    role: Role,
    department: Department | None = None,
    teams: list[Team] = [],  # noqa: B006
    language: Language = Language("en"),
    seen: Seen = Seen(""),
) -> Member:
    """Change who a member is here; nobody changes their own role."""
    given = {"name": name, "email": email.strip(), "role": role, "department": department, "language": language}
    changing = edits(standing(member), {**given, "teams": teams}, seen)
    if "role" in changing and by.pk == member.pk:
        raise Denied(_("Nobody changes their own role: ask another administrator."))
    if "email" in changing:
        _refuse_taken(email, but=member)
    if "teams" in changing:
        _join_teams(member, changing.pop("teams"), by)
    change(member, changing, verbs.EDITED, by=by)
    refuse_last_administrator()
    return member


def _join_teams(member: Member, teams: list[Team], by: Member) -> None:
    before = ", ".join(t.name for t in member.teams.order_by("name"))
    Membership.objects.filter(member=member).exclude(team__in=teams).delete()
    have = set(Membership.objects.filter(member=member).values_list("team_id", flat=True))
    Membership.objects.bulk_create(Membership(member=member, team=t) for t in teams if t.pk not in have)
    record(verbs.TEAMS, by=by, on=[member], before=before or "–", after=", ".join(t.name for t in teams) or "–")


def refuse_last_administrator() -> None:
    """Raise when nobody would be left who may change the settings."""
    if not Member.objects.administrators().exists():
        raise ActionError(_("This is the last administrator: make somebody else one first."))


@action(
    "people.deactivate",
    subject=Member,
    authority=administers,
    title=gettext_lazy("Deactivate"),
    also=all_administrators,
    is_public=False,
)
def deactivate(member: Member, *, by: Member) -> Member:
    """Shut a member out at once: their sessions end, their password, links and tokens are void; their name stays in every story.

    `cases.see_off` also gives away what they have on their desk.
    """
    if by.pk == member.pk:
        raise Denied(_("Nobody deactivates themselves: ask another administrator."))
    if member.kind == Member.Kind.SYSTEM:
        raise ActionError(_("The desk itself cannot be deactivated."))
    member.is_active = False
    member.set_unusable_password()
    member.save(update_fields=["is_active", "password"])
    member.invitations.filter(used_at=None).delete()
    member.tokens.filter(revoked_at=None).update(revoked_at=clock.now())
    refuse_last_administrator()
    record(verbs.DEACTIVATED, by=by, on=[member])
    return member


@action("people.reactivate", subject=Member, authority=administers, title=gettext_lazy("Reactivate"), is_public=False)
def reactivate(member: Member, *, by: Member) -> Invitation:
    """Let a member in again: the answer is the one-time link by which they choose a new password."""
    if member.is_active:
        raise ActionError(_("{member} is active.").format(member=member))
    if member.kind != Member.Kind.PERSON:
        raise ActionError(_("{member} is no person, and needs no password.").format(member=member))
    member.is_active = True
    member.save(update_fields=["is_active"])
    record(verbs.REACTIVATED, by=by, on=[member])
    return invite(member, by=by)


def own(member: Member) -> dict[str, Any]:
    """What a member's own form shows."""
    fields = ("name", "language", "time_zone", "signature", "shortcuts_enabled")
    return {n: getattr(member, n) for n in fields}


@action(
    "people.edit_account",
    subject=Member,
    authority=is_oneself,
    title=gettext_lazy("Save"),
    labels=WORDS,
    initial=own,
    is_public=False,
)
def edit_account(
    member: Member,
    *,
    by: Member,
    name: str,
    language: Language,
    time_zone: TimeZone,
    signature: Text = Text(""),
    shortcuts_enabled: bool = True,
    seen: Seen = Seen(""),
) -> Member:
    """Change one's own name, language, time zone, signature and keys."""
    given = {
        "name": name, "language": language, "time_zone": time_zone, "signature": signature,
        "shortcuts_enabled": shortcuts_enabled,
    }  # fmt: skip
    change(member, edits(own(member), given, seen), verbs.EDITED, by=by)
    return member
