"""Outgoing mail: threaded, readable everywhere, and closed to injection."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from comptoir.lib.mail.compose import Enclosed, Outgoing, compose, person
from comptoir.lib.mail.parse import parse
from comptoir.lib.mail.tokens import make, verify


def outgoing(**changes: object) -> Outgoing:
    given: dict[str, object] = {
        "message_id": "<1.ct7-abc@example.com>",
        "sender": ("Zuzana – Export", "desk@example.com"),
        "to": (("Claire Lefèvre", "claire@example.fr"),),
        "subject": "Re: Commande PO-77341",
        "text": "Bonjour,\n\nvoir https://example.com/x?a=1&b=2.\nÀ bientôt",
        "date": datetime(2026, 11, 23, 10, tzinfo=UTC),
    }
    return Outgoing(**(given | changes))  # type: ignore[arg-type]


def test_a_reply_comes_back_as_it_was_written() -> None:
    ids = tuple(f"<{'x' * 90}{n}@example.com>" for n in range(20))
    raw = compose(
        outgoing(
            in_reply_to=ids[-1], references=ids, cc=(("", "boss@example.fr"),), subject="Potvrdenie objednávky č. 7 " * 8,
            enclosed=(Enclosed("Potvrdenie č. 7.pdf", "application/pdf", b"%PDF-1.7\x00"),),
        )
    )  # fmt: skip
    back = parse(raw)
    assert back.message_id == "<1.ct7-abc@example.com>"
    assert (back.in_reply_to, back.references) == (ids[-1], ids)
    assert back.sender == ("Zuzana – Export", "desk@example.com")
    assert back.to == (("Claire Lefèvre", "claire@example.fr"),)
    assert back.cc == (("", "boss@example.fr"),)
    assert back.subject == ("Potvrdenie objednávky č. 7 " * 8).strip()
    assert "À bientôt" in back.text
    assert '<a href="https://example.com/x?a=1&amp;b=2">' in back.html
    assert [(f.name, f.content_type, f.data) for f in back.attachments] == [
        ("Potvrdenie č. 7.pdf", "application/pdf", b"%PDF-1.7\x00")
    ]
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()


def test_the_same_message_is_the_same_bytes_but_for_its_boundary() -> None:
    assert len(compose(outgoing())) == len(compose(outgoing()))


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: victim@example.com", "x\nBcc: v@e.x\n\nbody", "a\u2028Bcc: v@e.x", '", <v@e.x>, "']
)
def test_no_text_becomes_a_header_or_recipient(evil: str) -> None:
    raw = compose(
        outgoing(
            subject=evil, sender=(evil, "desk@example.com"), to=((evil, "claire@example.fr"),), language=evil,
            enclosed=(Enclosed(evil, "text/plain", b"x", evil),),
        )
    )  # fmt: skip
    seen = message_from_bytes(raw, policy=policy.default)
    assert seen["Bcc"] is None
    assert [a.addr_spec for a in seen["To"].addresses] == ["claire@example.fr"]
    assert [a.addr_spec for a in seen["From"].addresses] == ["desk@example.com"]


@pytest.mark.parametrize(
    "address", ["a@b.c\r\nBcc: v@e.x", "a@b.c, v@e.x", "ž@example.com", "nobody", "@x.y", "a b@c.d", "<a@b.c>"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose(outgoing(to=(("x", address),)))


def test_a_domain_of_other_letters_is_written_for_every_server() -> None:
    assert person("Bo", "bo@bücher.example") == "Bo <bo@xn--bcher-kva.example>"


def test_an_automatic_answer_says_so() -> None:
    assert parse(compose(outgoing(is_automatic=True))).auto_reason == "Auto-Submitted: auto-replied"
    assert parse(compose(outgoing())).auto_reason == ""


def test_a_token_holds_for_its_key_and_case_only() -> None:
    token = make("key", 42)
    assert verify("key", token) == 42
    assert verify("other key", token) is None
    assert verify("key", token.replace("ct42-", "ct43-")) is None
    assert verify("key", token[:-1] + ("a" if token[-1] != "a" else "b")) is None
