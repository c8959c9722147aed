"""Mail from a pipe: `comptoir mail-in`, as a mail server's delivery command calls it."""

from typing import IO

from comptoir.cases.models import Inbox
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail
from comptoir.customers.identities import normal_email


class NotOurs(LookupError):
    """No active inbox has this address."""


def inbox_of(address: str) -> Inbox:
    """The inbox an address belongs to, with or without a plus-tag. Raises NotOurs."""
    normal = normal_email(address)
    inbox: Inbox
    for inbox in Inbox.objects.filter(is_active=True):
        if normal_email(inbox.address) == normal:
            return inbox
    raise NotOurs(address)


def accept(stream: IO[bytes], address: str) -> RawMail:
    """Keep the mail on a stream for an inbox; when this returns it is durable. Raises NotOurs."""
    return keep(stream.read(), inbox=inbox_of(address), source=RawMail.Source.PIPE)
