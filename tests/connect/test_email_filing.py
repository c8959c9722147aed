"""From bytes to a message in a case."""

import io
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.cases.actions.answering import reply
from comptoir.cases.models import Message
from comptoir.connect.email import jobs
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import Mailbox, RawMail
from comptoir.connect.email.pipe import NotOurs, accept
from comptoir.customers.models import Identity
from comptoir.events.queries import story
from comptoir.lib.mail.read import read
from tests import build
from tests.connect import mails

pytestmark = pytest.mark.django_db


def test_a_mail_through_the_pipe_becomes_a_case_of_its_customer() -> None:
    contact = build.contact(build.customer())
    build.inbox()
    kept = accept(
        io.BytesIO(mails.raw("Où est notre commande ?", subject="Commande pressée")), "Service+x@Desk.example"
    )
    jobs.file()
    kept.refresh_from_db()
    message = kept.message
    assert message is not None
    assert kept.state == RawMail.State.FILED
    assert (message.case.contact, message.subject, message.raw_file) == (contact, "Commande pressée", kept.file)


def test_without_an_address_the_header_says_whose_mail_it_is() -> None:
    build.inbox()
    data = mails.raw(To="Somebody <x@elsewhere.example>, service@desk.example")
    assert accept(io.BytesIO(data)).inbox.address == "service@desk.example"
    with pytest.raises(NotOurs):
        accept(io.BytesIO(mails.raw(To="x@elsewhere.example")))


def test_a_mail_for_nobody_here_is_refused() -> None:
    with pytest.raises(NotOurs):
        accept(io.BytesIO(mails.raw()), "other@desk.example")
    assert not RawMail.objects.exists()


def test_the_same_bytes_brought_twice_are_one_mail() -> None:
    data = mails.raw()
    first, second = (keep(data, inbox=build.inbox(), source=RawMail.Source.SMTP) for _ in range(2))
    assert first.pk == second.pk
    for _ in range(2):
        jobs.file()
    assert Message.objects.count() == 1


def test_two_equal_mails_without_an_id_are_both_kept() -> None:
    data = b"From: sensor@plant.example\r\nSubject: Stock low\r\n\r\nStock low\r\n"
    kept = {keep(data, inbox=build.inbox(), source=RawMail.Source.PIPE).pk for _ in range(2)}
    assert len(kept) == 2


def test_a_uid_stands_for_one_mail_by_constraint() -> None:
    mailbox = Mailbox.objects.create(inbox=build.inbox(), uidvalidity=1)
    row = keep(mails.raw(), mailbox, source=RawMail.Source.IMAP, uidvalidity=1, uid=7)
    mailbox.refresh_from_db()
    assert mailbox.last_uid == 7
    with pytest.raises(IntegrityError), transaction.atomic():
        RawMail.objects.create(
            inbox=row.inbox, mailbox=mailbox, source="imap", uidvalidity=1, uid=7, key="x", sha256="x", file=row.file
        )


def test_a_mail_with_new_uids_after_a_renumbering_is_known_by_its_bytes() -> None:
    mailbox = Mailbox.objects.create(inbox=build.inbox(), uidvalidity=1)
    data = mails.raw()
    first = keep(data, mailbox, source=RawMail.Source.IMAP, uidvalidity=1, uid=7)
    assert keep(data, mailbox, source=RawMail.Source.IMAP, uidvalidity=2, uid=1) == first


def test_a_mail_that_cannot_be_read_is_a_visible_case_with_the_mail_attached() -> None:
    data = b"From: x@y.z\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 3_000
    message = mails.arrive(data)
    assert "too many parts" in message.case.flag
    assert message.state == Message.State.UNREADABLE
    assert [a.file.read() for a in message.attachments.all() if a.file] == [data]
    assert RawMail.objects.get().state == RawMail.State.QUARANTINED


def test_headers_longer_than_any_column_are_filed() -> None:
    long = mails.raw(
        References=" ".join(f"<{n}@x>" for n in range(90)), subject="x" * 5_000, sender=f"{'y' * 300} <a@b.cd>"
    )
    assert mails.arrive(long).state == Message.State.FILED


def test_a_mail_that_breaks_the_filing_is_a_visible_case_too() -> None:
    kept = keep(mails.raw(), inbox=build.inbox(), source=RawMail.Source.PIPE)
    jobs._file(kept, replace(read(kept.file.read()), message_id=f"<{'x' * 300}@y>"))
    kept.refresh_from_db()
    assert kept.message is not None
    assert "DataError" in kept.message.case.flag


def test_her_answer_joins_the_case_and_a_forged_one_does_not() -> None:
    build.contact(build.customer())
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="It left today.")
    answer = {"In_Reply_To": sent.message_id or "", "References": sent.message_id or ""}
    assert mails.arrive(mails.raw("Thank you", **answer)).case == first.case
    forged = mails.arrive(mails.raw("Change the bank account", sender="eve@evil.example", **answer))
    assert forged.case != first.case
    assert forged.case.flag


def test_an_absence_note_is_kept_in_the_case_and_asks_nothing() -> None:
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="It left today.")
    away = mails.raw(
        "Am I away? Yes. Where is my order?", Auto_Submitted="auto-replied", In_Reply_To=sent.message_id or ""
    )
    message = mails.arrive(away)
    assert message.case == first.case
    assert message.auto_reason == "Auto-Submitted: auto-replied"
    assert not first.case.asks.filter(message=message).exists()


def test_a_mail_of_our_own_that_comes_back_is_known() -> None:
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="It left today.")
    assert mails.arrive(mails.raw(Message_ID=sent.message_id or "")).auto_reason == "Message-ID: our own"
    assert mails.arrive(mails.raw(sender="service@desk.example")).auto_reason == "From: our own inbox"


def test_a_bounce_reaches_the_recipient_and_the_address() -> None:
    build.contact(build.customer())
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="It left today.")
    report = mails.arrive(mails.bounce(sent, "claire@martin.example"))
    recipient = sent.recipients.get()
    assert (recipient.state, recipient.last_error) == ("bounced", "550 no such user")
    assert Identity.objects.get(normal="claire@martin.example").bounced_at is not None
    assert report.case == first.case
    assert any(event.verb == "cases.send_failed" for event in story(first.case))


def test_a_bounce_of_a_message_we_never_sent_changes_nothing() -> None:
    build.contact(build.customer())
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="It left today.")
    other = Message(message_id="<guessed@desk.example>")
    mails.arrive(mails.bounce(other, "claire@martin.example"))
    assert sent.recipients.get().state == "queued"
    assert Identity.objects.get(normal="claire@martin.example").bounced_at is None


def test_html_is_cleaned_and_quotes_are_folded_at_filing() -> None:
    html = '<p>Hello</p><script>alert(1)</script><img src="https://evil.example/x.gif">'
    data = mails.raw().replace(b"Content-Type: text/plain", b"Content-Type: text/html")
    head, _blank, _body = data.partition(b"\n\n")
    message = mails.arrive(head + b"\n\n" + html.encode() + b"\n")
    assert message.text == "Hello"
    assert "script" not in message.html
    assert "evil.example" not in message.html
    assert message.html_version > 0


def test_mails_that_wait_share_one_job_and_one_job_files_them_all() -> None:
    for text in ("one", "two", "three"):
        keep(mails.raw(text), inbox=build.inbox(), source=RawMail.Source.SMTP)
    assert ProcrastinateJob.objects.filter(task_name="email.file", status="todo").count() == 1
    jobs.file()
    assert Message.objects.count() == 3


def test_what_was_forwarded_lies_open_and_what_was_quoted_is_folded() -> None:
    assert mails.arrive(mails.raw(subject="WG: Pumpe")).is_forwarded
    assert not mails.arrive(mails.raw(subject="Re: Fwd: Pumpe")).is_forwarded
