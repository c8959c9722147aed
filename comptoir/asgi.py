"""The web process: streams are raw ASGI, everything else is Django's WSGI in a pool of threads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

_pages = WSGIMiddleware(get_wsgi_application(), workers=8)

from comptoir.web import live  # noqa: E402 - needs Django set up
from comptoir.web.live import Message, Receive, Scope, Send  # noqa: E402


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route a request by its path; start and stop the stream hub with the server."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/live":
        await live.stream(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        if message["type"] == "lifespan.startup":
            await live.HUB.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await live.HUB.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
