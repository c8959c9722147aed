"""What can happen to a mailbox."""

from django.utils.translation import gettext_lazy as _

from comptoir.events import verb

MAILBOX_SET = verb(
    "email.mailbox_set", _("Mailbox – {field}: {before} → {after}"), field="text", before="text", after="text"
)
PASSWORD_SET = verb("email.password_set", _("Mailbox – new password for {server}"), server="text")
