"""What can happen to members, teams and departments."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

ADDED = verb("people.added", _("New member: {name} ({role})"), name="text", role="text")
EDITED = verb("people.edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
TEAMS = verb("people.teams", _("Teams: {before} → {after}"), before="text", after="text")
INVITED = verb("people.invited", _("Invitation, valid until {until}"), until="moment")
JOINED = verb("people.joined", _("Password chosen through an invitation"))
PASSWORD = verb("people.password", _("New password"))
DEACTIVATED = verb("people.deactivated", _("Deactivation"))
BOT_ADDED = verb("people.bot_added", _("New bot: {name} ({role})"), name="text", role="text")
TOKEN_ISSUED = verb("people.token_issued", _("API token «{name}», valid until {until}"), name="text", until="moment")
TOKEN_REVOKED = verb("people.token_revoked", _("API token revoked: «{name}»"), name="text")
REACTIVATED = verb("people.reactivated", _("Reactivation"))
TEAM_ADDED = verb("people.team_added", _("New team: {name} ({department})"), name="text", department="text")
TEAM_EDITED = verb("people.team_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text")
TEAM_CLOSED = verb("people.team_closed", _("Team deactivated: {name}"), name="text")
TEAM_OPENED = verb("people.team_opened", _("Team active again: {name}"), name="text")
DEPARTMENT_ADDED = verb("people.department_added", _("New department: {name}"), name="text")
DEPARTMENT_EDITED = verb(
    "people.department_edited", _("{field}: {before} → {after}"), field="text", before="text", after="text"
)
DEPARTMENT_CLOSED = verb("people.department_closed", _("Department deactivated: {name}"), name="text")
DEPARTMENT_OPENED = verb("people.department_opened", _("Department active again: {name}"), name="text")
