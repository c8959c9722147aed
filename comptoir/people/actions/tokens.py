"""Tokens of the API, and the bots they are made for."""

import secrets
from base64 import b32encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Denied, Verdict, action
from comptoir.actions.scopes import Scope
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people import verbs
from comptoir.people.actions.invitations import administers
from comptoir.people.choices import Days
from comptoir.people.models import ApiToken, Department, Member, Membership, Team
from comptoir.people.queries import digest
from comptoir.people.roles import Role

PREFIX = "cpt_"
SECRET_BYTES = 20
QUARTER = Days(90)
STANDS_STILL = timedelta(minutes=1)  # a use is noted once a minute at most
WORDS = {
    "scopes": gettext_lazy("What it may do"),
    "days": gettext_lazy("Valid for"),
    "role": gettext_lazy("Role"),
    "department": gettext_lazy("Department"),
    "teams": gettext_lazy("Teams"),
}


def may_issue(member: Member, subject: Member, inputs: Mapping[str, Any]) -> Verdict:
    """People make their own tokens, administrators those of bots."""
    if member.pk == subject.pk and member.kind == Member.Kind.PERSON:
        return ALLOWED
    if subject.kind == Member.Kind.BOT:
        return administers(member, subject, inputs)
    return Denied(_("People make their own tokens; an administrator makes those of bots."))


@action(
    "people.issue_token",
    subject=Member,
    authority=may_issue,
    title=gettext_lazy("New API token"),
    labels=WORDS,
    is_public=False,
)
def issue_token(member: Member, *, by: Member, name: str, scopes: list[Scope], days: Days = QUARTER) -> ApiToken:
    """Let a program act as the member within the scopes; the answer has the secret, this once."""
    if not member.is_active:
        raise ActionError(_("{member} has been deactivated.").format(member=member))
    secret = PREFIX + b32encode(secrets.token_bytes(SECRET_BYTES)).decode().lower()
    made = ApiToken.objects.create(
        member=member, name=name[:80], start=secret[: len(PREFIX) + 5], token_hash=digest(secret), scopes=sorted(scopes),
        made_by=by, expires_at=clock.now() + timedelta(days=days),
    )  # fmt: skip
    made.token = secret
    record(verbs.TOKEN_ISSUED, by=by, on=[member], name=made.name, until=made.expires_at)
    return made


def may_revoke(member: Member, token: ApiToken, inputs: Mapping[str, Any]) -> Verdict:
    """People their own, administrators all."""
    return ALLOWED if token.member_id == member.pk else administers(member, token, inputs)


@action("people.revoke_token", subject=ApiToken, authority=may_revoke, title=gettext_lazy("Revoke the API token"))
def revoke_token(token: ApiToken, *, by: Member) -> ApiToken:
    """Let a program in no longer; what it asks for next is refused."""
    if token.revoked_at is not None:
        raise ActionError(_("«{token}» has been revoked already.").format(token=token))
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    record(verbs.TOKEN_REVOKED, by=by, on=[token.member], name=token.name)
    return token


def note_use(token: ApiToken) -> None:
    """Keep when a token was used last, to the minute."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at > STANDS_STILL:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@action("people.add_bot", subject=None, authority=administers, title=gettext_lazy("New bot"), labels=WORDS)
def add_bot(
    *,
    by: Member,
    name: str,
    role: Role = Role.REP,
    department: Department | None = None,
    teams: list[Team] = [],  # noqa: B006
) -> Member:
    """Enter a program as a member of its own: it has a role and limits as anybody, acts by tokens and cannot sign in."""
    address = f"bot-{secrets.token_hex(6)}@bots.invalid"
    bot = Member(name=name[:120], email=address, role=role, department=department, kind=Member.Kind.BOT)
    bot.set_unusable_password()
    bot.save()
    Membership.objects.bulk_create(Membership(member=bot, team=team) for team in teams)
    record(verbs.BOT_ADDED, by=by, on=[bot], name=bot.name, role=str(role.label))
    return bot


@action("people.reactivate_bot", subject=Member, authority=administers, title=gettext_lazy("Reactivate the bot"))
def reactivate_bot(bot: Member, *, by: Member) -> Member:
    """Let a bot act again; it needs new tokens."""
    if bot.kind != Member.Kind.BOT or bot.is_active:
        raise ActionError(_("{bot} is not a bot that was deactivated.").format(bot=bot))
    bot.is_active = True
    bot.save(update_fields=["is_active"])
    record(verbs.REACTIVATED, by=by, on=[bot])
    return bot
