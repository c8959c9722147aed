"""How the desk is set up: inboxes, update rules, tags."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, Text, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.cases import verbs
from comptoir.cases.models import Case, CaseTag, Inbox, Tag, UpdateRule
from comptoir.events import record
from comptoir.people import Role, at_least
from comptoir.people.choices import Email, Language
from comptoir.people.models import Member, Team

administers = at_least(Role.ADMINISTRATOR)
WORDS = {
    "address": gettext_lazy("Address"),
    "sender_name": gettext_lazy("Sender name"),
    "language": gettext_lazy("Language"),
    "team": gettext_lazy("Team"),
    "signature": gettext_lazy("Signature"),
}


@action("cases.add_inbox", subject=None, authority=administers, title=gettext_lazy("New inbox"), labels=WORDS)
def add_inbox(
    *,
    by: Member,
    name: str,
    address: Email,
    sender_name: str,
    team: Team,
    language: Language = Language("en"),
    signature: Text = Text(""),
) -> Inbox:
    """Enter an address that customers write to."""
    _refuse_taken(address)
    made = Inbox.objects.create(
        name=name[:80], address=address.strip(), sender_name=sender_name[:120], team=team, language=language,
        signature=signature,
    )  # fmt: skip
    record(verbs.INBOX_ADDED, by=by, on=[made], name=name, address=made.address)
    return made


def _refuse_taken(address: str, but: int | None = None) -> None:
    twin = Inbox.objects.filter(address__iexact=address.strip()).exclude(pk=but).first()
    if twin is not None:
        raise ActionError(_("{address} is the address of {inbox} already.").format(address=address, inbox=twin))


def standing(inbox: Inbox) -> dict[str, Any]:
    """What an inbox's form shows."""
    fields = ("name", "address", "sender_name", "team", "language", "signature")
    return {name: getattr(inbox, name) for name in fields}


@action(
    "cases.edit_inbox",
    subject=Inbox,
    authority=administers,
    title=gettext_lazy("Edit inbox"),
    labels=WORDS,
    initial=standing,
)
def edit_inbox(
    inbox: Inbox,
    *,
    by: Member,
    name: str,
    address: Email,
    sender_name: str,
    team: Team,
    language: Language = Language("en"),
    signature: Text = Text(""),
    seen: Seen = Seen(""),
) -> Inbox:
    """Change an inbox; cases that came in through it stay with their team."""
    given = {
        "name": name, "address": address.strip(), "sender_name": sender_name, "team": team, "language": language,
        "signature": signature,
    }  # fmt: skip
    changing = edits(standing(inbox), given, seen)
    if "address" in changing:
        _refuse_taken(address, inbox.pk)
    change(inbox, changing, verbs.INBOX_EDITED, by=by)
    return inbox


@action("cases.deactivate_inbox", subject=Inbox, authority=administers, title=gettext_lazy("Deactivate the inbox"))
def deactivate_inbox(inbox: Inbox, *, by: Member) -> Inbox:
    """Fetch no more mail for it and offer it no more; what came in stays."""
    inbox.is_active = False
    inbox.save(update_fields=["is_active"])
    record(verbs.INBOX_CLOSED, by=by, on=[inbox], name=inbox.name)
    return inbox


@action("cases.reactivate_inbox", subject=Inbox, authority=administers, title=gettext_lazy("Reactivate the inbox"))
def reactivate_inbox(inbox: Inbox, *, by: Member) -> Inbox:
    """Fetch its mail and offer it again."""
    inbox.is_active = True
    inbox.save(update_fields=["is_active"])
    record(verbs.INBOX_OPENED, by=by, on=[inbox], name=inbox.name)
    return inbox


@action(
    "cases.set_update_rule",
    subject=None,
    authority=administers,
    title=gettext_lazy("Set an update rule"),
    labels={
        "priority": gettext_lazy("Priority"),
        "type": gettext_lazy("Only for cases of type"),
        "hours": gettext_lazy("Open hours until the customer hears from us"),
    },
)
def set_update_rule(*, by: Member, priority: Case.Priority, hours: int, type: Case.Type | None = None) -> UpdateRule:
    """Say how soon the customer hears from us next; a rule that is there already gets the new hours."""
    if not 1 <= hours <= 720:
        raise ActionError(_("Choose between 1 and 720 hours."))
    rule, _new = UpdateRule.objects.update_or_create(type=type or "", priority=priority, defaults={"hours": hours})
    record(verbs.RULE_SET, by=by, on=[rule], rule=words_of(rule), hours=hours)
    return rule


def words_of(rule: UpdateRule) -> str:
    """The cases a rule holds for."""
    return f"{rule.get_type_display() or _('All other types')}, {rule.get_priority_display()}"


@action(
    "cases.remove_update_rule", subject=UpdateRule, authority=administers, title=gettext_lazy("Remove the update rule")
)
def remove_update_rule(rule: UpdateRule, *, by: Member) -> None:
    """Take a rule away: the one for all types holds again, or the desk's own."""
    record(verbs.RULE_REMOVED, by=by, on=[rule], rule=words_of(rule))
    rule.delete()


@action("cases.add_tag", subject=None, authority=administers, title=gettext_lazy("New tag"))
def add_tag(*, by: Member, name: str) -> Tag:
    """Enter a word that cases can be marked with."""
    made, new = Tag.objects.get_or_create(name=tag_name(name))
    if not new:
        raise ActionError(_("There is one of that name: {name}.").format(name=made))
    record(verbs.TAG_ADDED, by=by, on=[made], tag=made.name)
    return made


def tag_name(typed: str) -> str:
    """A tag as it is kept: small letters, single spaces."""
    return " ".join(typed.casefold().split())[:40]


@action(
    "cases.rename_tag",
    subject=Tag,
    authority=administers,
    title=gettext_lazy("Rename the tag"),
    initial=lambda tag: {"name": tag.name},
)
def rename_tag(tag: Tag, *, by: Member, name: str, seen: Seen = Seen("")) -> Tag:
    """Give a tag another name on all its cases; the name of another tag joins the two."""
    before, after = tag.name, tag_name(edits({"name": tag.name}, {"name": name}, seen).get("name", tag.name))
    if after in ("", before):
        return tag
    twin = Tag.objects.filter(name=after).first()
    if twin is not None:
        _join(tag, twin)
    else:
        tag.name = after
        tag.save(update_fields=["name"])
    record(verbs.TAG_RENAMED, by=by, on=[twin or tag], before=before, after=after)
    return twin or tag


def _join(tag: Tag, into: Tag) -> None:
    have = CaseTag.objects.filter(tag=into).values("case_id")
    CaseTag.objects.filter(tag=tag).exclude(case_id__in=have).update(tag=into)
    tag.delete()


@action("cases.remove_tag", subject=Tag, authority=administers, title=gettext_lazy("Remove the tag from all cases"))
def remove_tag(tag: Tag, *, by: Member) -> None:
    """Forget a tag, on all cases that have it."""
    record(verbs.TAG_REMOVED, by=by, on=[tag], tag=tag.name, cases=tag.cases.count())
    tag.delete()
