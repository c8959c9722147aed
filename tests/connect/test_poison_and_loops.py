"""Mails that break readers hold nobody up, and mails of machines are kept without an answer."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.handling import wait
from comptoir.cases.models import Case, Message
from comptoir.connect.email import jobs
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail
from comptoir.lib import clock
from tests import build
from tests.connect import mails

pytestmark = pytest.mark.django_db
PARTS = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1_100
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(60))
# It passes every gate and then costs the cleaner seconds, so that it ends the child.
SLOW = b"From: a@b.c\r\nContent-Type: text/html\r\n\r\n" + b"<table><div></div>" * 250 + b"<div>x</div>" * 150_000


def poison() -> list[bytes]:
    """Twenty mails that cannot be read, each in its own way or its own bytes."""
    kinds = [PARTS, NESTED]
    return [b"X-Number: %d\r\n" % n + kinds[n % 2] for n in range(18)] + [
        b"X-Number: %d\r\n" % n + SLOW for n in (18, 19)
    ]


def test_twenty_poison_mails_hold_up_none_of_two_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.reader, "cpu_seconds", 0.3)
    jobs.reader.close()
    begun, start = [], jobs.reader._running
    inbox, bad = build.inbox(), poison()
    good = [mails.raw(f"Question {n}", sender=f"buyer{n % 9}@martin.example") for n in range(200)]
    for n, raw in enumerate(good):
        keep(raw, inbox=inbox, source=RawMail.Source.SMTP)
        if n % 10 == 0:
            keep(bad[n // 10], inbox=inbox, source=RawMail.Source.SMTP)

    def counted():  # type: ignore[no-untyped-def]
        child = start()
        begun.append(child.pid)
        return child

    monkeypatch.setattr(jobs.reader, "_running", counted)
    jobs.file()
    jobs.reader.close()
    assert Message.objects.filter(state=Message.State.FILED).count() == 200
    assert Case.objects.exclude(flag="").filter(messages__state=Message.State.UNREADABLE).count() == 20
    assert not RawMail.objects.filter(state=RawMail.State.RECEIVED).exists()
    assert len(set(begun)) <= 1 + 20


MACHINES = {
    "a vacation bot": {"Auto_Submitted": "auto-replied"},
    "an Outlook absence note": {"X_Auto_Response_Suppress": "All"},
    "a no-reply address": {"sender": "noreply@martin.example"},
    "a mailing list": {"List_Id": "<news.martin.example>", "Precedence": "list"},
}


@pytest.fixture
def waiting() -> Message:
    """Our answer in a case that waits for the customer."""
    build.contact(build.customer())
    first = mails.arrive(mails.raw())
    sent = reply(first.case, by=build.member(), text="Which size?")
    later = clock.now() + timedelta(days=2)
    wait(sent.case, by=build.member(), waiting_on=Case.WaitingOn.CUSTOMER, until=later)
    sent.case.refresh_from_db()
    return sent


@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_machine_writes_is_kept_and_moves_nothing(waiting: Message, machine: str) -> None:
    before = waiting.case.next_update_at
    kept = mails.arrive(
        mails.raw("I am away until Monday. Can you hold?", In_Reply_To=waiting.message_id or "", **MACHINES[machine])
    )
    same = Case.objects.get(pk=waiting.case.pk)
    assert kept.auto_reason
    assert (same.state, same.next_update_at) == (Case.State.WAITING, before)
    assert not kept.case.asks.filter(message=kept).exists()


def test_a_delivery_report_moves_nothing_either(waiting: Message) -> None:
    before = waiting.case.next_update_at
    report = mails.arrive(mails.bounce(waiting, "claire@martin.example"))
    same = Case.objects.get(pk=waiting.case.pk)
    assert (report.case, same.state, same.next_update_at) == (same, Case.State.WAITING, before)
    assert report.auto_reason


def test_nothing_that_comes_in_is_answered_by_the_desk_itself(waiting: Message) -> None:
    def leaving() -> tuple[int, int]:
        queued = ProcrastinateJob.objects.filter(task_name="email.deliver").count()
        return Message.objects.filter(direction="out").count(), queued

    before = leaving()
    for headers in ({}, *MACHINES.values()):
        mails.arrive(mails.raw("Hello", In_Reply_To=waiting.message_id or "", **headers))
        mails.arrive(mails.raw("Hello", **headers))
    mails.arrive(mails.bounce(waiting, "claire@martin.example"))
    assert leaving() == before


def test_two_desks_that_write_to_each_other_fall_silent(waiting: Message) -> None:
    """What one desk sends is filed by the other, and nothing comes back by itself."""
    before = Message.objects.filter(direction="out").count()
    echoed = mails.raw("Which size?", sender="service@desk.example", Message_ID=waiting.message_id or "")
    assert mails.arrive(echoed).auto_reason
    other = mails.raw("Thank you for your mail.", sender="desk@other.example", Auto_Submitted="auto-generated")
    assert mails.arrive(other).auto_reason
    assert Message.objects.filter(direction="out").count() == before
