"""From a queued message to the recipients."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.cases.actions.answering import reply, undo_send
from comptoir.cases.models import Message
from comptoir.connect.email import jobs
from comptoir.connect.email.actions.sending import WAITS_MINUTES, deliver_lost
from comptoir.connect.email.models import Mailbox, SinkMail
from comptoir.files.actions import store
from comptoir.lib import clock
from tests import build
from tests.connect import mails
from tests.connect.ports import free_port

pytestmark = pytest.mark.django_db


class Server:
    """A mail server that answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.refusals: dict[str, str] = {}
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.refusals.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.taken.append(envelope.original_content)
        return self.answer


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    Mailbox.objects.create(inbox=build.inbox(), smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    yield handler
    controller.stop()


def answered(text: str = "It left today.", **more: str) -> Message:
    build.contact(build.customer())
    return reply(mails.arrive(mails.raw()).case, by=build.member(name="Zuzana Kováčová"), text=text, **more)


def deliver(message: Message) -> Message:
    jobs.deliver(message_id=message.pk)
    message.refresh_from_db()
    return message


def test_an_answer_leaves_threaded_and_signed(server: Server) -> None:
    first = answered()
    message = deliver(first)
    seen = message_from_bytes(server.taken[0], policy=policy.default)
    assert (message.state, message.recipients.get().state) == ("sent", "sent")
    assert seen["Message-ID"] == message.message_id
    assert seen["In-Reply-To"] == message.in_reply_to
    assert seen["From"].addresses[0].display_name == "Zuzana Kováčová – Desk"
    text = seen.get_body(("plain",)).get_content()
    assert text.split() == "It left today. Zuzana Kováčová Desk Ltd".split()
    assert message.raw_file is not None


def test_a_message_that_has_left_does_not_leave_again(server: Server) -> None:
    message = answered()
    deliver(message)
    deliver(message)
    assert len(server.taken) == 1


def test_what_was_taken_back_never_leaves(server: Server) -> None:
    message = answered()
    undo_send(message, by=message.author)
    assert deliver(message).state == "undone"
    assert server.taken == []


def test_a_crash_after_the_server_took_it_repeats_the_same_bytes(server: Server) -> None:
    message = answered()
    deliver(message)
    Message.objects.filter(pk=message.pk).update(state="sending")
    message.recipients.update(state="queued")
    deliver(message)
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]


def test_a_temporary_refusal_is_tried_again_later(server: Server) -> None:
    server.answer = "451 greylisted"
    message = deliver(answered())
    recipient = message.recipients.get()
    assert (message.state, recipient.state, recipient.tries) == ("sending", "queued", 1)
    assert "greylisted" in recipient.last_error
    job = ProcrastinateJob.objects.filter(task_name="email.deliver").latest("pk")
    assert job.scheduled_at > clock.now() + timedelta(seconds=30)
    server.answer = "250 OK"
    assert deliver(message).state == "sent"


def test_it_gives_up_after_the_last_try_and_says_so(server: Server) -> None:
    server.answer = "451 greylisted"
    message = answered()
    for _ in range(len(WAITS_MINUTES) + 1):
        deliver(message)
    assert (message.state, message.recipients.get().state) == ("failed", "failed")


def test_one_refused_recipient_does_not_hold_up_the_others(server: Server) -> None:
    server.refusals["gone@martin.example"] = "550 no such user"
    message = deliver(answered(cc="gone@martin.example"))
    states = dict(message.recipients.values_list("address", "state"))
    assert message.state == "sent"
    assert states == {"claire@martin.example": "sent", "gone@martin.example": "failed"}


def test_only_who_waits_gets_the_next_try(server: Server) -> None:
    server.refusals["slow@martin.example"] = "451 later"
    message = deliver(answered(cc="slow@martin.example"))
    assert message.state == "sending"
    server.refusals.clear()
    deliver(message)
    assert message.recipients.filter(state="sent").count() == 2
    assert [r.tries for r in message.recipients.order_by("pk")] == [1, 2]


def test_a_server_that_is_away_is_tried_again(server: Server) -> None:
    Mailbox.objects.update(smtp_port=1)
    message = deliver(answered())
    assert message.state == "sending"
    assert "Refused" in message.recipients.get().last_error


def test_an_address_mail_cannot_go_to_fails_at_once(server: Server) -> None:
    message = answered()
    message.recipients.update(address="žofia@martin.example")
    assert deliver(message).state == "failed"
    assert server.taken == []


def test_attachments_go_along(server: Server) -> None:
    message = answered()
    file = store(b"%PDF-1.7", "application/pdf")
    message.attachments.create(file=file, name="Potvrdenie č. 1.pdf", content_type="application/pdf", size=file.size)
    deliver(message)
    seen = message_from_bytes(server.taken[0], policy=policy.default)
    assert [(a.get_filename(), a.get_content()) for a in seen.iter_attachments()] == [
        ("Potvrdenie č. 1.pdf", b"%PDF-1.7")
    ]


def test_a_demo_desk_keeps_it_in_its_outbox() -> None:
    Mailbox.objects.create(inbox=build.inbox(), sending="sink")
    message = deliver(answered())
    kept = SinkMail.objects.get()
    assert message.state == "sent"
    assert (kept.message, kept.recipients[0]["address"]) == (message, "claire@martin.example")
    assert b"It left today." in kept.file.read()


def test_an_inbox_without_a_server_says_what_is_missing() -> None:
    message = deliver(answered())
    assert message.state == "sending"
    assert "No outgoing mail server" in message.recipients.get().last_error


def test_a_message_whose_job_got_lost_gets_one_other() -> None:
    message = answered()
    later = clock.now() + timedelta(hours=1)
    jobs_before = ProcrastinateJob.objects.filter(task_name="email.deliver").count()
    with clock.at(later):
        deliver_lost(later)
        deliver_lost(later)
    assert message.state == "queued"
    assert ProcrastinateJob.objects.filter(task_name="email.deliver").count() == jobs_before + 1
