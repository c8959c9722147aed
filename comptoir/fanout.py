"""Which consumers follow which events: the one place to see what an event sets off.

Live pages need nothing here: the notification leaves with the transaction itself.
"""

from collections.abc import Callable, Sequence

from procrastinate.contrib.django import app

from comptoir.search import documents

Consumer = Callable[[Sequence[int]], None]
CONSUMERS: list[Consumer] = [documents.follow]


@app.task(name="fanout", queue="fanout")
def fanout(event_ids: list[int]) -> None:
    """Hand the events of one transaction to every consumer; each is safe to repeat."""
    for consumer in CONSUMERS:
        consumer(event_ids)
