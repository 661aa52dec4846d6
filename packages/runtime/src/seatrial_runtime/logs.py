"""One JSON object a line on stdout, and one id for everything that a request says.

    from seatrial_runtime import logs
    logs.configure()                       # once, first of all
    app.add_middleware(logs.RequestLog)    # an ASGI middleware: an id, and a line a request

CloudWatch Logs Insights finds the fields by itself; ``contract.LOG_FIELDS`` names them. Standard
library only.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from seatrial_runtime import contract

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

request_id: ContextVar[str] = ContextVar("request_id", default="")
GIVEN_ID = re.compile(r"[A-Za-z0-9_.=:;-]{8,128}")  # what may enter a log without being escaped
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


class JsonLines(logging.Formatter):
    """A record as one line of JSON; what is given as ``extra`` becomes fields."""

    def __init__(self) -> None:
        super().__init__()
        found = {name.lower(): contract.platform(os.environ, name) for name in contract.PLAIN}
        self.always = {field: value for field, value in found.items() if value}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self.always,
        }
        if current := request_id.get():
            row["request_id"] = current
        row |= {k: v for k, v in vars(record).items() if k not in _OWN and k not in row}
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, default=str, ensure_ascii=False)


def configure(level: str = "info") -> None:
    """Send every logger's records to stdout as JSON lines; uvicorn's own too."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


class RequestLog:
    """Gives each request an id (the caller's, the balancer's, or a new one) and one line."""

    def __init__(self, app: Asgi, *, quiet: tuple[str, ...] = ("/health",)) -> None:
        self.app, self.quiet = app, quiet
        self.log = logging.getLogger("requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = request_id.set(identify(scope["headers"]))
        begun, status = time.perf_counter(), 500

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                name = contract.REQUEST_ID.encode()
                message["headers"] = [*message["headers"], (name, request_id.get().encode())]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            self._say(scope, status, time.perf_counter() - begun)
            request_id.reset(token)

    def _say(self, scope: Scope, status: int, seconds: float) -> None:
        if status < 400 and (scope["path"] in self.quiet or is_health_check(scope)):
            return
        client = scope.get("client") or ("", 0)
        fields = {
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "seconds": round(seconds, 6),
            "client": client[0],
        }
        level = logging.ERROR if status >= 500 else logging.INFO
        self.log.log(level, "%s %s %d", scope["method"], scope["path"], status, extra=fields)


def is_health_check(scope: Scope) -> bool:
    """Return whether a request is the load balancer's own, which is none of the app's traffic."""
    agent = contract.HEALTH_CHECKER.encode()
    return any(
        name == b"user-agent" and value.startswith(agent) for name, value in scope["headers"]
    )


def identify(headers: list[tuple[bytes, bytes]]) -> str:
    """Return a request's id: x-request-id, else the balancer's trace id, else a new one."""
    given = {k.lower(): v.decode("latin-1") for k, v in headers}
    for name in (contract.REQUEST_ID, contract.TRACE_ID):
        value = given.get(name.encode(), "")
        if GIVEN_ID.fullmatch(value):
            return value
    return uuid.uuid4().hex
