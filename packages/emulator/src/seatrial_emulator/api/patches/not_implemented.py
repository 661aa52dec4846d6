"""AWS answers an unknown operation with an error that no client repeats (HTTP 4xx or 501).

moto answers 500, which the AWS SDKs repeat with growing pauses: Terraform hangs for minutes.
Test: tests/emulator/test_patches.py::test_an_unsupported_operation_fails_without_retries.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse

from seatrial_emulator.api.patches.patch import wrap


def apply() -> None:
    """Answer operations that moto lacks with HTTP 501."""
    wrap(BaseResponse, "call_action", _call_action)


def _call_action(call_action: Callable[..., Any], self: Any) -> Any:
    try:
        return call_action(self)
    except NotImplementedError as error:
        return _refusal(self, str(error))


def _refusal(response: Any, why: str) -> tuple[int, dict[str, str], str]:
    message = f"The emulator does not support {response.service_name}: {why}"
    headers = response.headers or {}
    if headers.get("X-Amz-Target") or "x-www-form" not in headers.get("Content-Type", ""):
        body = {"__type": "NotImplementedException", "message": message}
        return 501, {"x-amzn-ErrorType": "NotImplementedException"}, json.dumps(body)
    return (
        501,
        {},
        (
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotImplemented</Code>"
            f"<Message>{message}</Message></Error><RequestId>x</RequestId></ErrorResponse>"
        ),
    )


def unknown_service(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Answer a service that moto has not at all, as WSGI."""
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("/aws4_request")[0]
    message = f"The emulator does not support {signed.rpartition('/')[2] or 'this service'}"
    start("501 Not Implemented", [("x-amzn-ErrorType", "NotImplementedException")])
    return [json.dumps({"__type": "NotImplementedException", "message": message}).encode()]
