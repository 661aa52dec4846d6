"""The address an app is known by, so that the links it makes are the ones people can follow.

    from seatrial_runtime import address
    app.add_middleware(address.PublicAddress)

CloudFront ends HTTPS and speaks HTTP to the balancer, so that the balancer's X-Forwarded-Proto says
``http``. Where a request's host is the host of PUBLIC_URL, its scheme is that address's too; any
other host (a rehearsal's 127.0.0.1, a health check) keeps its own. Standard library only.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from seatrial_runtime.logs import Asgi, Receive, Scope, Send


class PublicAddress:
    """An ASGI middleware that gives requests for PUBLIC_URL's host its scheme."""

    def __init__(self, app: Asgi, *, url: str | None = None) -> None:
        self.app = app
        self.url = urlsplit(os.environ.get("PUBLIC_URL", "") if url is None else url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] in ("http", "websocket") and self.url.netloc:
            host = next((v for k, v in scope["headers"] if k == b"host"), b"").decode("latin-1")
            if host.lower() == self.url.netloc.lower():
                web = scope["type"] == "http"
                scheme = self.url.scheme if web else self.url.scheme.replace("http", "ws")
                scope["scheme"] = scheme  # in place: what the route leaves there is read outside
        await self.app(scope, receive, send)
