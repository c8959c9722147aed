"""How an inbox is connected to its mail servers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Secret, Seen, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.cases.models import Inbox
from comptoir.connect.email import verbs
from comptoir.connect.email.models import Mailbox
from comptoir.events import record
from comptoir.people import Role, at_least
from comptoir.people.models import Member

FIELDS = (
    "fetching", "poll_seconds", "imap_host", "imap_port", "imap_security", "imap_user", "folder",
    "sending", "smtp_host", "smtp_port", "smtp_security", "smtp_user",
)  # fmt: skip
WORDS = {
    "fetching": gettext_lazy("How mail comes in"),
    "poll_seconds": gettext_lazy("Seconds between looks"),
    "imap_host": gettext_lazy("IMAP server"),
    "imap_port": gettext_lazy("Port"),
    "imap_security": gettext_lazy("Encryption"),
    "imap_user": gettext_lazy("User"),
    "imap_password": gettext_lazy("Password"),
    "folder": gettext_lazy("Folder"),
    "sending": gettext_lazy("How mail goes out"),
    "smtp_host": gettext_lazy("SMTP server"),
    "smtp_port": gettext_lazy("Port"),
    "smtp_security": gettext_lazy("Encryption"),
    "smtp_user": gettext_lazy("User"),
    "smtp_password": gettext_lazy("Password"),
}
Fetching, Security, Sending = Mailbox.Fetching, Mailbox.Security, Mailbox.Sending


def standing(inbox: Inbox) -> dict[str, Any]:
    """What a mailbox's form shows: never a password."""
    mailbox = mailbox_of(inbox)
    return {name: getattr(mailbox, name) for name in FIELDS}


def mailbox_of(inbox: Inbox) -> Mailbox:
    """The inbox's mailbox, or a new one with the usual values."""
    return Mailbox.objects.filter(inbox=inbox).first() or Mailbox(inbox=inbox)


@action(
    "email.set_mailbox",
    subject=Inbox,
    authority=at_least(Role.ADMINISTRATOR),
    title=gettext_lazy("Save the mailbox"),
    labels=WORDS,
    initial=standing,
    is_public=False,
)
def set_mailbox(
    inbox: Inbox,
    *,
    by: Member,
    fetching: Mailbox.Fetching,
    imap_host: str = "",
    imap_port: int = 993,
    imap_security: Mailbox.Security = Security.TLS,
    imap_user: str = "",
    imap_password: Secret = Secret(""),
    folder: str = "INBOX",
    poll_seconds: int = 60,
    sending: Mailbox.Sending = Sending.SMTP,
    smtp_host: str = "",
    smtp_port: int = 587,
    smtp_security: Mailbox.Security = Security.STARTTLS,
    smtp_user: str = "",
    smtp_password: Secret = Secret(""),
    seen: Seen = Seen(""),
) -> Mailbox:
    """Say how mail comes in and goes out; an empty password leaves the one that is kept."""
    given = {
        "fetching": fetching, "poll_seconds": poll_seconds, "imap_host": imap_host.strip(), "imap_port": imap_port,
        "imap_security": imap_security, "imap_user": imap_user.strip(), "folder": folder.strip() or "INBOX",
        "sending": sending, "smtp_host": smtp_host.strip(), "smtp_port": smtp_port, "smtp_security": smtp_security,
        "smtp_user": smtp_user.strip(),
    }  # fmt: skip
    mailbox = mailbox_of(inbox)
    changing = edits(standing(inbox), given, seen)
    _refuse_incomplete(given)
    typed = {"imap": imap_password, "smtp": smtp_password}
    for side in typed:
        _refuse_carrying(mailbox, side, changing, typed[side])
    if mailbox.pk is None:
        mailbox.fetching = Fetching.OFF
        mailbox.save()
    _forget_results(mailbox, changing, typed)
    change(mailbox, changing, verbs.MAILBOX_SET, by=by, on=[inbox])
    _keep_passwords(mailbox, typed, by)
    return mailbox


def _refuse_incomplete(given: Mapping[str, Any]) -> None:
    if given["fetching"] != Fetching.OFF and not (given["imap_host"] and given["imap_user"]):
        raise ActionError(_("Fetching mail needs an IMAP server and a user."))
    for port in (given["imap_port"], given["smtp_port"]):
        if not 1 <= port <= 65535:
            raise ActionError(_("A port is a number from 1 to 65535."))
    if not 10 <= given["poll_seconds"] <= 3600:
        raise ActionError(_("Look every 10 to 3600 seconds."))


def _refuse_carrying(mailbox: Mailbox, side: str, changing: Mapping[str, Any], typed: str) -> None:
    """A password goes only to the server it was typed for."""
    moved = {f"{side}_{part}" for part in ("host", "port", "security")} & changing.keys()
    if moved and getattr(mailbox, f"{side}_password") and not typed:
        raise ActionError(
            _("Type the {protocol} password again: it was given for another server.").format(protocol=side.upper())
        )


def _forget_results(mailbox: Mailbox, changing: Mapping[str, Any], typed: Mapping[str, str]) -> None:
    """What the last test said held for the old settings; another server or folder numbers its mails anew."""
    if not changing and not any(typed.values()):
        return
    mailbox.tested_at, mailbox.imap_result, mailbox.smtp_result, mailbox.last_error = None, "", "", ""
    if {"imap_host", "imap_user", "folder"} & changing.keys():
        mailbox.uidvalidity, mailbox.last_uid = None, 0
    mailbox.save()


def _keep_passwords(mailbox: Mailbox, typed: Mapping[str, str], by: Member) -> None:
    for side, password in typed.items():
        if password:
            setattr(mailbox, f"{side}_password", password)
            mailbox.save(update_fields=[f"{side}_password"])
            server = f"{side.upper()} {getattr(mailbox, f'{side}_host')}"
            record(verbs.PASSWORD_SET, by=by, on=[mailbox, mailbox.inbox], server=server)
