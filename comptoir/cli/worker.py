"""comptoir worker"""

import argparse

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at the same time (default 4)")


def run(options: argparse.Namespace) -> int:
    """Work until told to stop; a job scheduled for a moment starts within a second of it."""
    database.load_django()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(
            concurrency=options.concurrency, fetch_job_polling_interval=1, delete_jobs="successful", name="desk"
        )
    return 0
