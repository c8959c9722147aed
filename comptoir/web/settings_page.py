"""Settings: one page a section; everybody reads what they may know, administrators change it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.web import account, invitations, joining, mailbox, settings_lists, tokens

Context = Callable[[Member], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the settings, and the lowest role that may read it."""

    name: str
    label: str | Promise
    icon: str
    hint: str | Promise
    context: Context
    role: Role = Role.REP


SECTIONS = {
    section.name: section
    for section in (
        Section("account", _("My account"), "circle-user-round", _("Name, language, keys, password"), account.context),
        Section("company", _("Company"), "building-2", _("What stands on the papers"), settings_lists.company),
        Section("members", _("Members"), "users", _("Who works here"), settings_lists.members),
        Section("teams", _("Teams and departments"), "network", _("Who shares a queue"), settings_lists.teams),
        Section("limits", _("Roles and limits"), "gauge", _("Who may give how much"), settings_lists.limits),
        Section("entry", _("Order entry"), "list-plus", _("Discounts, minimums, holds"), settings_lists.entry),
        Section("freight", _("Freight"), "truck", _("What a delivery costs about"), settings_lists.freight),
        Section("inboxes", _("Inboxes"), "mails", _("Addresses customers write to"), settings_lists.inboxes),
        Section("reasons", _("Reasons"), "list-checks", _("Why dates move"), settings_lists.reasons),
        Section("updates", _("Update rules"), "alarm-clock", _("When customers hear from us"), settings_lists.updates),
        Section("tags", _("Tags"), "tags", _("Words on cases"), settings_lists.tags),
        Section("tokens", _("API tokens"), "key-round", _("How programs act here"), tokens.context),
        Section("changes", _("Changes"), "history", _("Who set what"), settings_lists.changes, Role.MANAGER),
    )
}  # fmt: skip


def sections_of(member: Member) -> list[Section]:
    """The sections a member may read."""
    return [section for section in SECTIONS.values() if member.at_least(section.role)]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list of sections; beside it, where there is room, one's own account."""
    return page(request, "account", is_index=True)


@require_GET
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One section."""
    return page(request, name)


def page(request: HttpRequest, name: str, status: int = 200, **more: Any) -> HttpResponse:
    """A section's page, or only its body for a page that has changed."""
    member: Member = request.user  # type: ignore[assignment]
    section = SECTIONS.get(name)
    if section is None or not member.at_least(section.role):
        raise Http404
    context = section.context(member) | {
        "section": section, "sections": sections_of(member),
        "may_change": member.at_least(Role.ADMINISTRATOR), "body": f"settings/_{name}.html", **more,
    }  # fmt: skip
    template = "settings/_body.html" if request.GET.get("part") == "body" else "settings/show.html"
    return render(request, template, context, status=status)


urlpatterns = [
    path("settings/", index, name="settings"),
    *account.urlpatterns,
    *invitations.urlpatterns,
    *joining.urlpatterns,
    *mailbox.urlpatterns,
    *tokens.urlpatterns,
    path("settings/<slug:name>/", show, name="settings-section"),
]
