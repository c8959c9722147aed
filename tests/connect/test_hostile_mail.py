"""What a hostile mail says is shown as text, and what it names goes into no header."""

from email import message_from_bytes, policy

import pytest
from django.test import Client

from comptoir.cases.actions.answering import reply
from comptoir.connect.email import jobs
from comptoir.connect.email.models import Mailbox, SinkMail
from tests import build
from tests.connect import mails

pytestmark = pytest.mark.django_db
MARK = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_markup_in_subject_sender_and_text_is_only_text_on_every_page(client: Client) -> None:
    build.contact(build.customer())
    sender = f'"{MARK.replace(chr(34), "")}" <claire@martin.example>'
    case = mails.arrive(mails.raw(f"Where is it? {MARK}", subject=MARK, sender=sender)).case
    assert "<script>" in case.subject
    client.force_login(build.member())
    for address in ("/?view=all", f"/cases/{case.number}/", "/day/", "/find/?q=script", f"/do/cases.note/{case.pk}/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address


def test_nothing_typed_by_others_becomes_a_header_of_our_answer() -> None:
    Mailbox.objects.create(inbox=build.inbox(), sending="sink")
    build.contact(build.customer())
    first = mails.arrive(mails.raw(subject="=?utf-8?q?Order=0D=0ABcc:_eve@evil.example?="))
    rep = build.member(name="Emma\r\nBcc: eve@evil.example")
    message = reply(first.case, by=rep, text="Hello", to='"Claire\r\nBcc: eve@evil.example" <claire@martin.example>')  # type: ignore[arg-type]
    jobs.deliver(message_id=message.pk)
    sent = message_from_bytes(SinkMail.objects.get().file.read(), policy=policy.default)
    assert sent["Bcc"] is None
    assert [address.addr_spec for address in sent["To"].addresses] == ["claire@martin.example"]
