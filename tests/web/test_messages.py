"""A message on the screen: as it was laid out, and its draft."""

import pytest
from django.test import Client
from django.urls import reverse

from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.incoming import receive
from comptoir.cases.incoming import IncomingFile
from comptoir.cases.models import Draft
from comptoir.files.actions import store
from tests import build

pytestmark = pytest.mark.django_db
DOT = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@pytest.fixture
def rep(client: Client):
    made = build.member()
    client.force_login(made)
    return made


def test_a_picture_that_came_in_the_mail_is_shown_and_one_that_can_run_is_not(client, rep):
    build.contact(build.customer())
    files = tuple(
        IncomingFile(store(data, kind), name, kind, name)
        for data, kind, name in ((DOT, "image/png", "logo@x"), (b"<svg onload=alert(1)>", "image/svg+xml", "evil@x"))
    )
    html = '<p>Bonjour</p><img src="cid:logo@x"><img src="cid:evil@x">'
    message = receive(build.mail("Bonjour", html=html, attachments=files))
    shown = client.get(reverse("message-html", args=[message.pk]))
    assert b'src="data:image/png;base64,' in shown.content
    assert b'src="cid:evil@x"' in shown.content
    assert "script-src" not in shown.headers["Content-Security-Policy"]


def test_a_draft_that_arrives_after_its_answer_was_sent_does_not_come_back(client, rep):
    build.contact(build.customer())
    case = receive(build.mail(build.WISH)).case
    reply(case, by=rep, text="Bonjour Claire")
    address = reverse("case-draft", args=[case.number])
    client.post(address, {"kind": "reply", "text": "Bonjour Claire"})
    assert not Draft.objects.exists()
    client.post(address, {"kind": "reply", "text": "Bonjour encore"})
    assert Draft.objects.get().text == "Bonjour encore"
