"""Mails as customers send them: half of them answers in cases that stand, half new; some with a file, most with HTML."""

import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from random import Random

from bench.desk import Desk, rows
from bench.words import Writer
from comptoir.lib import clock

ANSWERED = """
    SELECT m.message_id, c.subject, m.text, r.name, r.address, i.address, c.language, ''
    FROM cases_message m JOIN cases_case c ON c.id = m.case_id JOIN cases_recipient r ON r.message_id = m.id
    JOIN cases_inbox i ON i.id = c.inbox_id
    WHERE m.direction = 'out' AND c.state IN ('open', 'waiting', 'resolved') ORDER BY md5(m.message_id) LIMIT %s
"""
FRESH = """
    SELECT '', '', '', p.name, d.value, i.address, u.language, o.po_number
    FROM customers_identity d JOIN customers_contact p ON p.id = d.contact_id JOIN customers_customer u ON u.id = d.customer_id
    JOIN orders_order o ON o.customer_id = u.id JOIN cases_inbox i ON i.language = u.language AND i.name <> 'Accounts'
    WHERE d.kind = 'email' ORDER BY md5(d.value || o.number) LIMIT %s
"""


def write(count: int, seed: int) -> list[tuple[str, str, bytes]]:
    """Sender, inbox and bytes of so many mails."""
    random = Random(seed)
    writer = Writer(random)
    people = rows(ANSWERED, count * 4) + rows(FRESH, count * 4)
    chosen = random.sample(people, count)
    return [(person[4], person[5], _mail(writer, random, *person)) for person in chosen]


def _mail(
    writer: Writer, random: Random, answered: str, subject: str, quoted: str, name: str, address: str, inbox: str,
    language: str, po: str,
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{name} <{address}>", inbox
    mail["Subject"] = f"Re: {subject}" if answered else f"{po} – {writer.sentence(language, po)[:50]}"
    mail["Date"], mail["Message-ID"] = format_datetime(clock.now()), make_msgid(domain=address.split("@")[1])
    text = writer.text(language, po)
    if answered:
        mail["In-Reply-To"] = mail["References"] = answered
        text += f"\n\nOn {clock.today()} Lyskamp wrote:\n" + "\n".join(f"> {line}" for line in quoted.splitlines())
    mail.set_content(text)
    if random.random() < 0.6:
        mail.add_alternative(f"<html><body>{writer.html(text)}</body></html>", subtype="html")
    if random.random() < 0.12:
        mail.add_attachment(random.randbytes(40_000), maintype="application", subtype="pdf", filename="order.pdf")
    return mail.as_bytes()


def send(desk: Desk, mails: list[tuple[str, str, bytes]]) -> int:
    """Hand them to the desk's own SMTP server as a mail server does, and wait until all that follows has been done."""
    with smtplib.SMTP("127.0.0.1", desk.smtp_port, timeout=60) as client:
        for sender, inbox, raw in mails:
            client.sendmail(sender, [inbox], raw)
    desk.settle()
    return len(mails)
