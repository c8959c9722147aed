"""The worker: what a job puts into the queue leaves with its transaction."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from comptoir.cli import worker

pytestmark = pytest.mark.django_db(transaction=True)


class Regretted(Exception):
    pass


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'later'")
        return cursor.fetchone()[0]


def regrets() -> None:
    with transaction.atomic():
        app.configure_task("later", queue="nobody").defer()
        raise Regretted


@pytest.mark.parametrize(("connector", "left"), [(app.connector.get_worker_connector, 1), (worker.connector, 0)])
def test_a_job_deferred_in_a_transaction_that_is_rolled_back_is_not_there(connector, left):
    task = app.task(name="regrets", queue="regretted")(regrets)
    try:
        task.defer()
        with app.replace_connector(connector()):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, name="test")
        assert queued() == left, "with the library's own connector the job stays: the fault this guards against"
    finally:
        del app.tasks["regrets"]
