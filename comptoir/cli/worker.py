"""comptoir worker"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from comptoir.cli import database

GATHER_SECONDS = 0.1  # a burst of transactions is followed by one fan-out instead of one each
Told = Callable[..., Awaitable[None]]


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

        async def listen_notify(self, on_notification: Told, channels: Iterable[str]) -> None:
            await super().listen_notify(on_notification=gathering(on_notification), channels=channels)

    return WorkerConnector(kwargs=utils.connector_params("default"))


def gathering(tell: Told) -> Told:
    """Tell of a job a moment later, once for all that came in it; everything else at once."""
    waiting: list[asyncio.Task[None]] = []

    async def later(**told: str) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        waiting.clear()
        await tell(**told)

    async def on_notification(*, channel: str, payload: str) -> None:
        if "job_inserted" not in payload:
            await tell(channel=channel, payload=payload)
        elif not waiting:
            waiting.append(asyncio.create_task(later(channel=channel, payload=payload)))

    return on_notification


def run(options: argparse.Namespace) -> int:
    """Work until told to stop; a job scheduled for a moment starts within a second of it."""
    database.load_django()
    from procrastinate.contrib.django import app

    with app.replace_connector(connector()) as worker:
        worker.run_worker(
            concurrency=options.concurrency, fetch_job_polling_interval=1, delete_jobs="successful", name="desk"
        )
    return 0
