"""Handing mails to a server (RFC 5321)."""

import smtplib
import ssl

from comptoir.connect.email.actions.sending import Outcome
from comptoir.connect.email.models import Mailbox
from comptoir.lib.mail.compose import ascii_address

TIMEOUT_SECONDS = 60


def send(mailbox: Mailbox, sender: str, recipients: list[str], raw: bytes) -> dict[str, Outcome]:
    """What the mailbox's server said about each recipient; a server that cannot be reached refuses all for now."""
    try:
        with connected(mailbox) as server:
            refused = server.sendmail(ascii_address(sender), [ascii_address(r) for r in recipients], raw)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        told = _said(error.smtp_code, error.smtp_error)
        is_final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        return dict.fromkeys(recipients, Outcome(told, is_final))
    except (OSError, smtplib.SMTPException) as error:
        return dict.fromkeys(recipients, Outcome(f"{type(error).__name__}: {error}"))
    return {r: _outcome(refused.get(ascii_address(r))) for r in recipients}


def _outcome(refusal: tuple[int, bytes] | None) -> Outcome:
    return Outcome() if refusal is None else Outcome(_said(*refusal), refusal[0] >= 500)


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


def connected(mailbox: Mailbox, seconds: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    """A client that the mailbox's server has let in."""
    context = ssl.create_default_context()
    if mailbox.smtp_security == Mailbox.Security.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(mailbox.smtp_host, mailbox.smtp_port, timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(mailbox.smtp_host, mailbox.smtp_port, timeout=seconds)
    try:
        if mailbox.smtp_security == Mailbox.Security.STARTTLS:
            server.starttls(context=context)
        if mailbox.smtp_user:
            server.login(mailbox.smtp_user, mailbox.smtp_password)
    except BaseException:
        server.close()
        raise
    return server
