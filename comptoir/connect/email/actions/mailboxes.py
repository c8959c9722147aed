"""How it stands with a mailbox."""

from comptoir.connect.email.models import Mailbox
from comptoir.lib import clock


def looked(mailbox: Mailbox) -> None:
    """We have been there, and all was well."""
    Mailbox.objects.filter(pk=mailbox.pk).update(last_looked_at=clock.now(), last_error="")


def failed(mailbox: Mailbox, error: str) -> None:
    """We could not get there; the settings show why."""
    Mailbox.objects.filter(pk=mailbox.pk).update(last_error=error[:300])


def begin_numbering(mailbox: Mailbox, uidvalidity: int, last_uid: int = 0) -> None:
    """Take over the server's numbering: new, or changed, so that every UID means something else now."""
    Mailbox.objects.filter(pk=mailbox.pk).update(uidvalidity=uidvalidity, last_uid=last_uid)
    mailbox.uidvalidity, mailbox.last_uid = uidvalidity, last_uid


def tested(mailbox: Mailbox, imap: str, smtp: str) -> None:
    """Keep what a test of the connections said: empty is well."""
    Mailbox.objects.filter(pk=mailbox.pk).update(tested_at=clock.now(), imap_result=imap[:300], smtp_result=smtp[:300])
