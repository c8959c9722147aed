"""The jobs of workers that died are given back."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.actions.jobs import rescue_stalled

pytestmark = pytest.mark.django_db(transaction=True)


def stalled(task: str, **options: str) -> None:
    """A job that a worker had begun when it died."""
    job = app.configure_task(task, queue="mail", **options).defer()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])


def test_a_stalled_job_whose_like_waits_already_does_not_keep_the_others_from_their_rescue() -> None:
    for _ in range(2):
        stalled("email.file", queueing_lock="email.file")
    app.configure_task("email.file", queue="mail", queueing_lock="email.file").defer()
    stalled("email.deliver")
    async_to_sync(rescue_stalled.func)(0)
    assert sorted(ProcrastinateJob.objects.values_list("task_name", "status")) == [
        ("email.deliver", "todo"),
        ("email.file", "todo"),
    ]
