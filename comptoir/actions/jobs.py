"""The tick, the purge of old keys, and the jobs of workers that died."""

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

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


@app.periodic(cron="* * * * *")
@app.task(name="actions.rescue_stalled", queue="tick", queueing_lock="actions.rescue_stalled")
async def rescue_stalled(timestamp: int) -> None:
    """Give back the jobs of workers that have shown no sign of life for 30 seconds; every job is safe to repeat."""
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # one that does the same waits already, and would keep every other job from its rescue
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
