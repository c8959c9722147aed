"""comptoir worker"""

import argparse
from typing import Any

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at the same time (default 4)")


def connector() -> Any:
    """The worker's own connection to the queue; a job that is put there inside of a job leaves with that job's transaction.

    The connector that procrastinate makes for workers would put it there on a connection of its own: at once, and even where the
    transaction is rolled back after it.
    """
    from procrastinate.contrib.django import app, utils
    from procrastinate.psycopg_connector import PsycopgConnector

    plain = app.connector

    class WorkerConnector(PsycopgConnector):
        def get_sync_connector(self) -> Any:
            return plain

    return WorkerConnector(kwargs=utils.connector_params("default"))


def run(options: argparse.Namespace) -> int:
    """Work until told to stop; a job scheduled for a moment starts within a second of it."""
    database.load_django()
    from procrastinate.contrib.django import app

    with app.replace_connector(connector()) as worker:
        worker.run_worker(
            concurrency=options.concurrency, fetch_job_polling_interval=1, delete_jobs="successful", name="desk"
        )
    return 0
