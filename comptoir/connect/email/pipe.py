"""Mail from a pipe: `comptoir mail-in`, as a mail server's delivery command calls it."""

from typing import IO

from comptoir.cases.models import Inbox
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail
from comptoir.customers.identities import normal_email
from comptoir.lib.mail.parse import recipients_of


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


def accept(stream: IO[bytes], address: str = "") -> RawMail:
    """Keep the mail on a stream for an inbox, else for the first of ours among its recipients; then it is durable.

    Raises NotOurs.
    """
    raw = stream.read()
    return keep(raw, inbox=inbox_of(address) if address else _first_of_ours(raw), source=RawMail.Source.PIPE)


def _first_of_ours(raw: bytes) -> Inbox:
    """The inbox that a mail's own header names."""
    people = recipients_of(raw)
    for _name, address in people:
        try:
            return inbox_of(address)
        except NotOurs:
            continue
    raise NotOurs(", ".join(address for _name, address in people[:3]))
