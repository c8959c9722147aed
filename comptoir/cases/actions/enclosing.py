"""Quotes in a mail: what is only a draft in it is sent, and frozen, when the mail leaves; one thrown away changes nothing."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from comptoir.actions import ActionError, Denied, NeedsApproval, lock
from comptoir.cases.models import Draft, DraftFile, Message
from comptoir.events import journal
from comptoir.orders.actions.quotes import freeze, may_send, refuse_over
from comptoir.orders.models import Quote
from comptoir.people import system
from comptoir.people.models import Member


def enclose_quote(draft: Draft, quoted: Quote) -> DraftFile:
    """Put the paper of a quote to a draft, as the version it is or will be."""
    kept, _new = draft.files.get_or_create(
        quote=quoted, quote_version=quoted.version,
        defaults={"name": quoted.paper_name, "content_type": "application/pdf"},
    )  # fmt: skip
    return kept


def refuse_unsendable(draft: Draft, by: Member) -> None:
    """Raise ActionError where a quote in the draft cannot be sent by its writer."""
    for quoted in _drafts_in(draft.files.exclude(quote=None)):
        refuse_over(quoted)
        _refuse_unapproved(quoted, by)


def _refuse_unapproved(quoted: Quote, by: Member) -> None:
    verdict = may_send(by, quoted, {})
    if isinstance(verdict, Denied | NeedsApproval):
        told = _("{quote}: {why} Have the prices approved on its own page first.")
        raise ActionError(told.format(quote=quoted, why=verdict.sentence))


def send_enclosed(message: Message) -> None:
    """Freeze the quotes that this mail sends; done again it does nothing. ActionError when one cannot be sent any more."""
    enclosed = message.attachments.filter(file=None).exclude(quote=None)
    if not enclosed.exists():
        return
    with journal():
        lock(*Quote.objects.filter(pk__in=enclosed.values("quote")))
        writer = message.author or system()
        for quoted in _drafts_in(enclosed):
            _refuse_unapproved(quoted, writer)  # it may have changed since the mail was written
            freeze(quoted, by=writer)


def _drafts_in(files: Any) -> list[Quote]:
    """The quotes among a draft's or a message's files that are still to be sent, as the version they are there."""
    rows = files.filter(quote__state=Quote.State.DRAFT, quote__version=F("quote_version"))
    return [row.quote for row in rows.select_related("quote__customer", "quote__contact", "quote__ship_to")]
