"""What events set off is done once, for all that wait, and waits when it fails."""

import json

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir import fanout
from comptoir.cases.actions.answering import note
from comptoir.cases.actions.incoming import receive
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch) -> list[list[int]]:
    """Three transactions' events wait; the consumer notes what it is handed."""
    case, rep = receive(build.mail("Bonjour")).case, build.member()
    for text in ("one", "two"):
        note(case, by=rep, text=text)
    heard: list[list[int]] = []
    monkeypatch.setattr(fanout, "CONSUMERS", [lambda ids: heard.append(list(ids))])
    return heard


def waiting() -> list[list[int]]:
    jobs = ProcrastinateJob.objects.filter(task_name="fanout", status="todo").order_by("pk")
    return [json.loads(a) if isinstance(a, str) else a for a in jobs.values_list("args__event_ids", flat=True)]


def test_a_job_takes_along_what_waits_behind_it(told):
    first, *others = waiting()
    ProcrastinateJob.objects.filter(task_name="fanout", args__event_ids=first).update(status="doing")
    fanout.fanout(event_ids=first)
    assert told == [[*first, *(pk for ids in others for pk in ids)]]
    assert waiting() == []


def test_what_a_consumer_could_not_do_waits_as_before(told, monkeypatch):
    def breaks(ids: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    first, *others = waiting()
    ProcrastinateJob.objects.filter(task_name="fanout", args__event_ids=first).update(status="doing")
    monkeypatch.setattr(fanout, "CONSUMERS", [breaks])
    with pytest.raises(Exception, match="division by zero"):
        fanout.fanout(event_ids=first)
    assert waiting() == others
