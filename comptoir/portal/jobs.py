"""Preparing the mails that an approval makes possible."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.portal import mails


@app.task(name="portal.prepare_mail", queue="papers", retry=RetryStrategy(max_attempts=4, wait=20))
def prepare_mail(event_id: int) -> None:
    """Put an approved offer or quote into a reply; done again it does nothing."""
    mails.prepare(event_id)
