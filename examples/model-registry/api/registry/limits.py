"""Requests that cannot take a task's memory."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.responses import JSONResponse

from seatrial_runtime.logs import Asgi, Receive, Scope, Send

LARGEST = 1_000_000  # bytes of a request that is read as a whole
STREAMED = "/upload"


class SmallBodies:
    """Refuses a body over 1 MB (413) everywhere but where bodies are streamed."""

    def __init__(self, app: Asgi) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == STREAMED:
            await self.app(scope, receive, send)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LARGEST:
                answer = JSONResponse({"detail": f"at most {LARGEST} bytes"}, 413)
                await answer(scope, receive, send)
                return
        given = False

        async def again() -> MutableMapping[str, Any]:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, again, send)
