"""AWS's answers to calls that no emulator gives on demand: given by botocore's own hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from botocore.awsrequest import AWSResponse

from seatrial.cloud.session import Session

Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]]


def answers(session: Session, service: str, **operations: Answer) -> list[str]:
    """Let a service's client answer these operations, as often as they are called.

    An answer may be a function of the call's parameters as they are sent. Returns the names of the
    operations as they are called; one that is not named reaches nothing.
    """
    client, called = session.client(service), list[str]()

    def answer(model: Any, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, Any] | None:
        called.append(model.name)
        found = operations.get(model.name)
        if found is None:
            return None
        parsed = found(params["body"]) if callable(found) else found
        failed = "Error" in parsed
        response = AWSResponse("", 400 if failed else 200, cast("Any", {}), cast("Any", None))
        return response, {"ResponseMetadata": {}, **parsed}

    client.meta.events.register("before-call", answer)
    return called


def refused(code: str, message: str = "refused") -> dict[str, Any]:
    """Return an answer that refuses."""
    return {"Error": {"Code": code, "Message": message}}
