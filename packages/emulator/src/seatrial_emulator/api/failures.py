"""When AWS's API refuses: throttling by chance, and being away for a while.

Sources: AWS SDKs and tools reference guide, "Retry behavior" (which errors are retried); Amazon S3
API reference, "Error responses" (SlowDown).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Refusal = Callable[[Any], list[bytes]]


@dataclass
class ApiFailures:
    """How much of the API's answers are refusals now."""

    throttle: float = 0.0  # the part of requests that is refused as too many
    away_until: float = 0.0  # on the monotonic clock
    chance: random.Random = field(default_factory=lambda: random.Random(20))  # noqa: S311

    def start_outage(self, seconds: float) -> None:
        """Refuse every request for some seconds."""
        self.away_until = time.monotonic() + seconds

    def refuses(self, environ: dict[str, Any], *, s3: bool) -> Refusal | None:
        """Return the refusal of a request, or None where it is answered."""
        if time.monotonic() < self.away_until:
            return _refusal(environ, "503 Service Unavailable", "ServiceUnavailable", "away")
        if not self.throttle or self.chance.random() >= self.throttle:
            return None
        if s3:
            return _refusal(environ, "503 Slow Down", "SlowDown", "Please reduce your request rate")
        return _refusal(environ, "400 Bad Request", "ThrottlingException", "Rate exceeded")


def _refusal(environ: dict[str, Any], status: str, code: str, message: str) -> Refusal:
    """Return an answer in the caller's protocol: JSON where it speaks JSON, else XML."""
    if "json" in environ.get("CONTENT_TYPE", ""):
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        kind = "text/xml"
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>0</RequestId></ErrorResponse>"
        )

    def answer(start: Any) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length:
            environ["wsgi.input"].read(length)  # or the connection could not be used again
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body.encode()]

    return answer
