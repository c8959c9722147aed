"""Testing a mailbox: signing in to its servers once, and saying in words what went wrong."""

import smtplib
import socket
import ssl

from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from comptoir.connect.email import smtp
from comptoir.connect.email.models import Mailbox

SECONDS = 10


def try_imap(mailbox: Mailbox) -> str:
    """Empty when we can sign in and open the folder, else a sentence."""
    try:
        _open_folder(mailbox)
    except LoginError:
        return _("The server does not accept this user and password.")
    except IMAPClientError as error:
        return _("The folder “{folder}” cannot be opened: {told}").format(folder=mailbox.folder, told=str(error)[:120])
    except OSError as error:
        return in_words(error, mailbox.imap_host, mailbox.imap_port)
    return ""


def _open_folder(mailbox: Mailbox) -> None:
    context = ssl.create_default_context()
    is_tls = mailbox.imap_security == Mailbox.Security.TLS
    server = IMAPClient(
        mailbox.imap_host, mailbox.imap_port, ssl=is_tls, ssl_context=context if is_tls else None, timeout=SECONDS
    )
    try:
        if mailbox.imap_security == Mailbox.Security.STARTTLS:
            server.starttls(context)
        server.login(mailbox.imap_user, mailbox.imap_password)
        server.select_folder(mailbox.folder, readonly=True)
    finally:
        try:
            server.shutdown()
        except OSError:
            pass


def try_smtp(mailbox: Mailbox) -> str:
    """Empty when the server lets us in, else a sentence; nothing is sent."""
    try:
        smtp.connected(mailbox, SECONDS).quit()
    except smtplib.SMTPAuthenticationError:
        return _("The server does not accept this user and password.")
    except smtplib.SMTPNotSupportedError as error:
        return _("The server does not offer what these settings ask of it: {told}").format(told=str(error)[:120])
    except smtplib.SMTPException as error:
        return _("The server answered: {told}").format(told=str(error)[:160])
    except OSError as error:
        return in_words(error, mailbox.smtp_host, mailbox.smtp_port)
    return ""


def in_words(error: OSError, host: str, port: int) -> str:
    """What a failure of the network means, and what to look at."""
    place = {"host": host, "port": port}
    if isinstance(error, socket.gaierror):
        return _("No server of the name {host} is known: check the spelling.").format(**place)
    if isinstance(error, ConnectionRefusedError):
        return _("{host} takes no connection on port {port}: check the port.").format(**place)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of {host} cannot be trusted: {told}").format(told=error.verify_message, **place)
    if isinstance(error, ssl.SSLError):
        return _("{host} does not speak this encryption on port {port}: try another one, or another port.").format(
            **place
        )
    if isinstance(error, TimeoutError):
        return _("{host} did not answer on port {port} within {seconds} seconds.").format(seconds=SECONDS, **place)
    return _("{host} cannot be reached: {told}").format(told=str(error)[:160], **place)
