"""From a queued message to the bytes that leave."""

from collections.abc import Iterable

from comptoir.cases.models import Attachment, Message, Recipient
from comptoir.connect.email.actions.sending import keep_composed, keep_rendered
from comptoir.files.models import File
from comptoir.lib import clock
from comptoir.lib.mail.compose import Enclosed, Outgoing, ascii_address, compose


def bytes_of(message: Message) -> File:
    """The file a message leaves as: composed once, then always the same. Raises ValueError when nobody can get it."""
    if message.raw_file is not None:
        return message.raw_file
    return keep_composed(message, compose(_outgoing(message)))


def is_sendable(address: str) -> bool:
    """True when SMTP can carry the address."""
    try:
        ascii_address(address)
    except ValueError:
        return False
    return True


def _outgoing(message: Message) -> Outgoing:
    people = [r for r in message.recipients.order_by("pk") if is_sendable(r.address)]
    return Outgoing(
        message_id=message.message_id or "",
        sender=(message.sender_name, message.sender_address),
        to=_named(people, Recipient.Role.TO),
        cc=_named(people, Recipient.Role.CC),
        subject=message.subject,
        text=f"{message.text.rstrip()}\n{signature_of(message)}",
        date=clock.now(),
        in_reply_to=message.in_reply_to,
        references=tuple(message.references.split()),
        language=message.language,
        quoted=message.quoted,
        html=message.html,
        enclosed=tuple(_enclosed(a) for a in message.attachments.select_related("file", "quote").order_by("pk")),
    )


def _named(people: Iterable[Recipient], role: str) -> tuple[tuple[str, str], ...]:
    return tuple((r.name, r.address) for r in people if r.role == role)


def signature_of(message: Message) -> str:
    """The writer's signature, then the inbox's; without the parts that the text has already."""
    inbox = message.conversation.inbox or message.case.inbox
    author = message.author
    parts = [author.signature or author.name if author else "", inbox.signature if inbox else ""]
    missing = [part.strip() for part in parts if part.strip() and part.strip() not in message.text]
    return "".join(f"\n{part}\n" for part in missing)


def _enclosed(attachment: Attachment) -> Enclosed:
    file = attachment.file or _rendered(attachment)
    return Enclosed(attachment.name, attachment.content_type, file.read(), attachment.content_id)


def _rendered(attachment: Attachment) -> File:
    from comptoir.orders.jobs import render_confirmation, render_quote  # Typst is loaded when there is something to set

    if attachment.quote is not None and attachment.quote_version is not None:
        file = render_quote(attachment.quote.versions.get(version=attachment.quote_version).pk)
    else:
        assert attachment.order_version_id is not None, "an attachment without a file names a version"
        file = render_confirmation(attachment.order_version_id)
    keep_rendered(attachment, file)
    return file
