"""The emulator's own mistakes: each ends the call that met it, with one error that says so.

HTTP 500 would be repeated: AWS's SDKs take it for a passing fault, and Terraform's provider asks 25
times with growing pauses before it says anything (AWS SDKs and tools reference guide, "Retry
behavior").
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from seatrial_emulator.api import gate, refusals

CODE = "EmulatorFailure"
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def answered(application: Application, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Let an application answer; where it raises, answer that, and show the traceback."""
    try:
        return application(environ, start)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        return _refuse(error, environ, start)


def said(error: Exception) -> str:
    """Return an exception in one line: its type too, since a KeyError's text is but a name."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _refuse(error: Exception, environ: dict[str, Any], start: Any) -> list[bytes]:
    spoken = refusals.protocol(environ, _service(environ))
    called = environ.get("HTTP_X_AMZ_TARGET") or environ["PATH_INFO"]
    text = (
        f"The emulator itself failed ({said(error)}) at {called}: the request may be right. "
        "The traceback is in emulator.log"
    )
    answer = refusals.rendered(400, CODE, text, spoken)
    if isinstance(environ["wsgi.input"], io.BytesIO):
        return gate.refuse(answer, environ, start)
    start(answer.status, [*answer.headers, ("Connection", "close")])  # who knows what was read
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]


def _service(environ: dict[str, Any]) -> str:
    """Return the service that a request is signed for; "" where none is named."""
    parts = environ.get("HTTP_AUTHORIZATION", "").partition("/aws4_request")[0].split("/")
    return str(parts[-1]) if len(parts) > 3 else ""
