"""Reading mail: what real and hostile mails hold."""

import base64
import sys
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from types import FrameType

import pytest

from comptoir.lib.mail.addresses import people_in
from comptoir.lib.mail.charsets import decode
from comptoir.lib.mail.headers import date_of, text_of
from comptoir.lib.mail.limits import Unreadable
from comptoir.lib.mail.parse import ParsedMail, parse
from comptoir.lib.mail.read import read
from comptoir.lib.mail.tokens import make


def mail(body: str | bytes = "Hello", **headers: str) -> bytes:
    lines = {"From": "Claire <claire@example.fr>", "Subject": "Order", "Message-ID": "<1@example.fr>"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
    return head + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def test_a_french_mail_is_read_with_its_thread_and_people() -> None:
    read_mail = parse(
        mail(
            "Bonjour,\r\nmerci.".encode("latin-1"),
            From="=?utf-8?q?Claire_Lef=C3=A8vre?= <claire@example.fr>",
            To='"Service, ventes" <desk@example.com>, other@example.com',
            Subject="=?iso-8859-1?Q?Commande_press=E9e?= =?iso-8859-1?Q?_n=B0_7?=",
            In_Reply_To="<a@b>",
            References="<x@y>\r\n <a@b>",
            Date="Mon, 23 Nov 2026 10:00:00 +0100",
        )
    )
    assert read_mail.sender == ("Claire Lefèvre", "claire@example.fr")
    assert read_mail.to == (("Service, ventes", "desk@example.com"), ("", "other@example.com"))
    assert read_mail.subject == "Commande pressée n° 7"
    assert (read_mail.in_reply_to, read_mail.references) == ("<a@b>", ("<x@y>", "<a@b>"))
    assert read_mail.date is not None
    assert read_mail.date.isoformat() == "2026-11-23T09:00:00+00:00"


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Žltý kôň".encode(), "us-ascii", "Žltý kôň"),
        ("Žltý kôň".encode("cp1250"), "windows-1250", "Žltý kôň"),
        ("Добър ден, поръчката".encode("cp1251"), "windows-1251", "Добър ден, поръчката"),
        ("Добър ден, нуждаем се от поръчката си по-рано, моля".encode("cp1251"), "x-unknown", None),
        ("blå rød".encode("latin-1"), "rot13", None),
        ("注文書".encode("iso-2022-jp"), "iso-2022-jp", "注文書"),
        (b"caf\xe9 \x96 fin", "iso-8859-1", "café – fin"),
        (b"a\x00b", "utf-8", "a\ufffdb"),
        (b"+2AA-", "utf-7", "?"),
    ],
)
def test_text_is_decoded_whatever_the_mail_declares(data: bytes, declared: str, text: str | None) -> None:
    decoded = decode(data, declared)
    assert decoded == text or (text is None and "\0" not in decoded and decoded)
    decoded.encode()


def test_undeclared_cyrillic_is_recognised() -> None:
    letter = "Добър ден, бихме искали да получим поръчката си по-рано, ако е възможно. Благодарим предварително."
    assert decode(letter.encode("cp1251"), "") == letter


def test_encoded_words_split_inside_a_letter_are_joined() -> None:
    first, second = "Ж".encode()[:1], "Ж".encode()[1:]
    words = [f"=?utf-8?b?{base64.b64encode(b).decode()}?=" for b in (first, second)]
    assert text_of(" ".join(words)) == "Ж"


@pytest.mark.parametrize(
    "broken", ["=?utf-8?b?A?=", "=?no-such?q?=E9?=", "=?utf-8?q?=ZZ=?=", "=?", "a\0b", "\udce9t\udce9"]
)
def test_broken_header_words_never_raise(broken: str) -> None:
    assert "\0" not in text_of(broken)
    text_of(broken).encode()


def test_people_are_read_from_groups_comments_and_nonsense() -> None:
    assert people_in("Team: a@b.c, Bo <d@e.f>;, undisclosed-recipients:;") == (("", "a@b.c"), ("Bo", "d@e.f"))
    assert people_in('"x, y" <a@b.c> (note, more), <d@e.f>') == (("x, y", "a@b.c"), ("", "d@e.f"))
    assert people_in("no address here, <>, @, a@, ,,,") == ()
    assert len(people_in("a@b.c," * 2_000)) == 500


@pytest.mark.parametrize(
    "value", ["", "yesterday", "Mon, 99 Foo 20266 99:99", "1 Jan 99999999999 00:00 +9999", "\udcff"]
)
def test_an_impossible_date_is_no_date(value: str) -> None:
    assert date_of(value) is None


HOSTILE = ['"', "(", "<", ",", "a@b.c,", "=?utf-8?q?"]


@pytest.mark.parametrize("sign", HOSTILE)
def test_a_hostile_header_costs_in_proportion_to_its_length(sign: str) -> None:
    short, long = (_work(lambda: parse(mail(To=sign * (size // len(sign))))) for size in (25_000, 100_000))  # noqa: B023
    assert long < 6 * short
    assert long < 60 * 100_000


def test_the_control_the_standard_policy_costs_the_square_of_the_length() -> None:
    short, long = (
        _work(lambda: str(BytesParser(policy=policy.default).parsebytes(mail(To='"' * size))["to"]))  # noqa: B023
        for size in (400, 1_600)
    )
    assert long > 12 * short


def _work(read: Callable[[], object]) -> int:
    """How much a piece of code does: its calls, and the length of every text handed from function to function."""
    done = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal done
        done += 1
        if event == "call":
            code = frame.f_code
            given = (frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount])
            done += sum(len(value) for value in given if isinstance(value, str | bytes))

    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(None)
    return done


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000, "too many parts"),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(1_000)),
            "nested too deeply",
        ),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(60)),
            "nested too deeply",
        ),
    ],
)
def test_what_exceeds_the_limits_is_unreadable_with_a_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        b"Subject: x",
        mail(Content_Type="multipart/mixed"),
        mail(Content_Type='text/plain; charset="; name*0*=x; name*1=%ZZ'),
        mail("=", Content_Transfer_Encoding="base64"),
        mail("begin 644\r\nxxx", Content_Transfer_Encoding="x-uuencode"),
        mail(Content_Type="message/rfc822"),
        mail(Content_Type="multipart/report; boundary=b")
        + b"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n",
        mail(To="undisclosed-recipients:;", Content_Disposition="attachment; filename*=bad'x'%FF%00"),
        mail(b"x\x9f\x22", Content_Type="application/ms-tnef"),
    ],
)
def test_odd_mails_are_read_somehow(raw: bytes) -> None:
    assert isinstance(read(raw), ParsedMail)


def test_a_multipart_without_parts_shows_its_text() -> None:
    assert "we need it" in parse(mail("we need it", Content_Type="multipart/alternative; boundary=b")).text


def test_attachments_keep_bytes_and_lose_dangerous_names() -> None:
    part = (
        "--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%2Fp%E2%80%AEfdp.exe\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-ID: <one@x>\r\n\r\nAAEC\r\n--b--\r\n"
    )
    read_mail = parse(mail(part, Content_Type="multipart/mixed; boundary=b"))
    assert read_mail.text == "see file"
    assert [(f.name, f.content_type, f.content_id, f.data) for f in read_mail.attachments] == [
        ("p fdp.exe", "application/pdf", "one@x", b"\x00\x01\x02")
    ]


def test_a_forwarded_mail_is_one_attachment() -> None:
    inner = "Subject: inner\r\nMessage-ID: <inner@x>\r\n\r\nsecret text\r\n"
    body = f"--b\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}--b--\r\n"
    read_mail = parse(mail(body, Content_Type="multipart/mixed; boundary=b"))
    assert (read_mail.text.strip(), read_mail.message_id) == ("outer", "<1@example.fr>")
    assert [(f.name, b"secret text" in f.data) for f in read_mail.attachments] == [("part-1.eml", True)]


def test_flowed_paragraphs_are_put_together() -> None:
    flowed = parse(mail("We need it \r\nsooner.\r\n\r\n> old \r\n> text\r\n", Content_Type="text/plain; format=flowed"))
    assert flowed.text.splitlines()[:3] == ["We need it sooner.", "", "> old "]


def test_a_mail_of_html_only_has_text_with_its_quotes_folded() -> None:
    html = "<p>We need it <b>sooner</b>.</p><p>Anna</p><div>On Mon, 23 Nov 2026 Bo &lt;b@x.y&gt; wrote:</div><blockquote>old</blockquote>"
    read_mail = read(mail(html, Content_Type="text/html"))
    assert read_mail.text == "We need it sooner.\n\nAnna"
    assert "> old" in read_mail.quoted


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "Auto-Submitted"),
        ({"Auto_Submitted": "no"}, ""),
        ({"Precedence": "bulk"}, "Precedence"),
        ({"X_Loop": "desk@example.com"}, "X-Loop"),
        ({"List_Id": "<a.b>"}, "List-Id"),
        ({"X_Auto_Response_Suppress": "All"}, "X-Auto-Response-Suppress"),
        ({"Return_Path": "<>"}, "Return-Path"),
        ({"From": "MAILER-DAEMON@example.com"}, "From"),
        ({"From": "no-reply@example.com"}, "From"),
        ({"From": "norbert@example.com"}, ""),
        ({}, ""),
    ],
)
def test_a_machine_is_known_by_its_signs(headers: dict[str, str], reason: str) -> None:
    found = parse(mail(**headers)).auto_reason
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


def test_a_delivery_report_names_the_address_and_the_mail() -> None:
    body = (
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Final-Recipient: rfc822; gone@example.fr\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n"
        "Final-Recipient: rfc822; slow@example.fr\r\nAction: delayed\r\nStatus: 4.0.0\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: <ours@example.com>\r\n--b--\r\n"
    )
    report = parse(mail(body, Content_Type="multipart/report; report-type=delivery-status; boundary=b")).report
    assert report is not None
    assert (report.message_id, report.failed) == ("<ours@example.com>", (("gone@example.fr", "550 no such user"),))


def test_our_token_is_found_in_references_and_plus_addresses() -> None:
    token = make("key", 42)
    assert parse(mail(References=f"<x.{token}@example.com>")).tokens == (token,)
    assert parse(mail(To=f"desk+{token}@example.com")).tokens == (token,)
    assert parse(mail(Subject=f"Re: {token}")).tokens == ()


@pytest.mark.parametrize("charset", [b'"\0evil"', b'"utf\xff"', b"evil", b'""'])
def test_a_charset_that_cannot_be_looked_up_hides_no_text(charset: bytes) -> None:
    head, body = b"From: a@b.example\r\nContent-Type: text/plain; charset", b"\r\n\r\nD\xe9j\xe0 livr\xe9"
    assert parse(head + b"=" + charset + body).text.startswith("D")
    assert parse(head + b"*=us-ascii''iso-8859-1" + body).text.startswith("D")


def test_a_header_is_one_line_that_reads_in_its_own_direction() -> None:
    odd = "=?utf-8?q?Offer=0D=0ABcc:_eve@evil.example=1B=E2=80=AEgnp.exe?="
    assert parse(mail(Subject=odd)).subject == "Offer Bcc: eve@evil.example gnp.exe"
