"""Which consumers follow which events: the one place to see what an event sets off.

Live pages need nothing here: the notification leaves with the transaction itself.
"""

import json
from collections.abc import Callable, Sequence

from django.db import connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.cases.actions import papers
from comptoir.portal import mails
from comptoir.search import documents

Consumer = Callable[[Sequence[int]], None]
CONSUMERS: list[Consumer] = [documents.follow, papers.follow, mails.follow]
TAKE = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT id FROM procrastinate_jobs
    WHERE task_name = 'fanout' AND status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
    ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
) RETURNING args -> 'event_ids'
"""


@app.task(name="fanout", queue="fanout", retry=RetryStrategy(max_attempts=12, wait=1, exponential_wait=2))
def fanout(event_ids: list[int]) -> None:
    """Hand the events of a transaction, and of those that wait behind it, to every consumer; each is safe to repeat.

    Taking the jobs that wait is part of the consumers' transaction: when it fails they wait as before.
    """
    with transaction.atomic():
        followed = [*event_ids, *_waiting()]
        for consumer in CONSUMERS:
            consumer(followed)


def _waiting() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE)
        return sorted(pk for (ids,) in cursor.fetchall() for pk in json.loads(ids))
