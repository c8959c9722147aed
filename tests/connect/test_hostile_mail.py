"""What a hostile mail says is shown as text, and what it names goes into no header."""

from email import message_from_bytes, policy
from urllib.parse import quote, unquote

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


NAMES = {
    'a"b.pdf': "a b.pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "invoice\u202efdp.exe": "invoice fdp.exe",
    "a\r\nSet-Cookie: x=1.txt": "a Set-Cookie x=1.txt",
    "x" * 400 + ".pdf": "x" * 196 + ".pdf",
    "offre 📦 n° 7.pdf": "offre 📦 n° 7.pdf",
    "<script>alert(1)</script>.html": "script .html",
    "....": "part-1.html",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_handed_out_to_be_saved_under_a_harmless_name(client: Client, name: str) -> None:
    boundary = b"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename*=utf-8''"
    body = boundary + quote(name, safe="").encode() + b"\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n"
    raw = (
        mails.raw()
        .partition(b"\n\n")[0]
        .replace(b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: multipart/mixed; boundary=b")
    )
    message = mails.arrive(raw + b"\n\n" + body)
    row = message.attachments.get()
    client.force_login(build.member())
    answer = client.get(f"/messages/{message.pk}/files/{row.pk}/")
    told = answer.headers["Content-Disposition"]
    assert row.name == NAMES[name]
    assert unquote(told.removeprefix("attachment; filename*=UTF-8''")) == row.name
    assert told.isascii()
    assert not {"\r", "\n", '"'} & set(told)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.content == b"<script>alert(1)</script>"
