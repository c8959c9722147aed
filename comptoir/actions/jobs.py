"""The tick, and the purge of old keys."""

from datetime import timedelta

from procrastinate.contrib.django import app

from comptoir.actions import due
from comptoir.actions.models import IdempotencyKey
from comptoir.lib import clock


@app.periodic(cron="* * * * *")
@app.task(name="actions.tick", queue="tick", queueing_lock="actions.tick", pass_context=False)
def tick(timestamp: int) -> None:
    """Take what has fallen due."""
    due.tick()


@app.periodic(cron="17 3 * * *")
@app.task(name="actions.purge_keys", queue="tick")
def purge_keys(timestamp: int) -> None:
    """Forget keys after seven days."""
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - timedelta(days=7)).delete()
