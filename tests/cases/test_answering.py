"""Two who answer at once, a reply sent twice, and one taken back: as if it had not been written."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comptoir.actions import Denied
from comptoir.cases.actions import desk
from comptoir.cases.actions.answering import NewerMessages, reply, undo_send
from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.desk import save_draft
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Ask, Case, Draft, Message
from comptoir.lib import clock
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    build.contact(build.customer())
    return receive(build.mail(build.WISH)).case


def test_of_two_who_answer_at_once_the_second_is_told_and_only_one_mail_leaves(case):
    emma, lotte = build.member(), build.member()
    seen = case.messages.get().pk
    first = reply(case, by=emma, text="On Friday.", base=seen)
    with pytest.raises(NewerMessages, match="On Friday"):
        reply(case, by=lotte, text="On Monday.", base=seen)
    assert list(case.messages.filter(direction="out")) == [first]
    reply(case, by=emma, text="And thank you.", base=seen)
    undo_send(first, by=emma)
    assert case.messages.filter(direction="out", state="queued").count() == 1


def test_a_reply_sent_twice_leaves_once_and_no_draft_behind(case):
    rep = build.member()
    client = Client()
    client.force_login(rep)
    save_draft(case, rep, "reply", "On Friday.")
    sent = {"text": "On Friday.", "to": "claire@martin.example", "_key": "k1"}
    for _again in range(2):
        assert client.post(reverse("case-reply", args=[case.number]), sent).status_code == 302
    assert case.messages.filter(direction="out").count() == 1
    assert not Draft.objects.exists()


def test_what_was_typed_is_kept_when_it_cannot_be_sent(case):
    rep = build.member()
    client = Client()
    client.force_login(rep)
    client.post(reverse("case-reply", args=[case.number]), {"text": "On Friday.", "to": "nobody"})
    assert Draft.objects.get(member=rep).text == "On Friday."


def test_a_reply_taken_back_leaves_everything_as_it_stood(case):
    rep = build.member()
    asks = list(case.asks.order_by("pk"))
    promise_answer(asks[0], by=rep, due_at=clock.now() + timedelta(hours=3))
    case.refresh_from_db()
    due, snippet = case.next_update_at, case.snippet
    message = reply(case, by=rep, text="On Friday.", answers=asks)
    assert Promise.objects.get().state == "kept"
    undo_send(message, by=rep)
    case.refresh_from_db()
    assert Promise.objects.get().is_standing
    assert [ask.state for ask in case.asks.order_by("pk")] == [Ask.State.PROMISED, Ask.State.OPEN]
    assert (case.first_response_at, case.snippet) == (None, snippet)
    assert case.next_update_at <= due


def test_only_its_writer_takes_a_reply_back(case):
    message = reply(case, by=build.member(name="Emma Claes"), text="On Friday.")
    with pytest.raises(Denied, match="Emma Claes"):
        undo_send(message, by=build.member())
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_what_was_begun_since_stands_after_the_text_taken_back(case):
    rep = build.member()
    message = reply(case, by=rep, text="On Friday.")
    save_draft(case, rep, "reply", "And one more thing.")
    assert undo_send(message, by=rep).text == "On Friday.\n\nAnd one more thing."


def test_files_larger_than_mail_servers_take_are_refused(case, monkeypatch):
    monkeypatch.setattr(desk, "MOST_BYTES", 10)
    client = Client()
    client.force_login(build.member())
    url = reverse("case-files", args=[case.number])
    assert client.post(url, {"file": SimpleUploadedFile("a.txt", b"12345678")}).status_code == 200
    told = client.post(url, {"file": SimpleUploadedFile("b.txt", b"12345678")})
    assert (told.status_code, b"larger" in told.content, b"a.txt" in told.content) == (422, True, True)
