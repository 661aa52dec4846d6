"""Amazon Bedrock as WSGI: who may call which model, what is asked, and errors in AWS's words.

The emulator's lock is not held while a model answers. Sources: Bedrock API reference, Converse,
ConverseStream, InvokeModel, GetFoundationModel, GetInferenceProfile; its models in botocore.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from seatrial_emulator.api import refusals
from seatrial_emulator.inference import catalog, converse, event_stream, invoke
from seatrial_emulator.inference.conversation import InferenceError, Model
from seatrial_emulator.inference.model_ids import called

_RUNTIME = re.compile(r"/model/(.+)/((?:converse|invoke)[a-z-]*)")
_CONTROL = re.compile(r"/(foundation-model(?:s|-availability)|inference-profiles)/(.+)")
# Converse has no action of its own (service authorization reference, "Amazon Bedrock").
ACTIONS = {
    "converse": "bedrock:InvokeModel",
    "invoke": "bedrock:InvokeModel",
    "converse-stream": "bedrock:InvokeModelWithResponseStream",
    "invoke-with-response-stream": "bedrock:InvokeModelWithResponseStream",
}
STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "NotImplementedException": 501,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
# What a stream may end with; other failures are an internal one there.
IN_STREAM = {
    "ModelErrorException": "modelStreamErrorException",
    "ServiceUnavailableException": "serviceUnavailableException",
    "ThrottlingException": "throttlingException",
    "ValidationException": "validationException",
}
NO_ACCESS = "You don't have access to the model with the specified model ID."


class Caller(Protocol):
    """Who calls: its ARN, and whether its policies allow an action on a resource."""

    @property
    def arn(self) -> str:
        """Return the caller's ARN."""

    def may(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether an action on a resource is allowed."""


class Bedrock:
    """One account's Bedrock. ``model`` returns what stands behind it now, or None."""

    def __init__(
        self,
        *,
        account: str,
        region: str,
        caller: Callable[[dict[str, Any]], Caller],
        model: Callable[[], Model | None],
    ) -> None:
        self.account, self.region = account, region
        self.caller, self.model = caller, model

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            return self._answer(environ, start)
        except InferenceError as error:
            return _refuse(error, start)

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = unquote(environ["RAW_URI"].partition("?")[0])
        if found := _CONTROL.fullmatch(path):
            return self._control(environ, start, found[1], unquote(found[2]))
        if (found := _RUNTIME.fullmatch(path)) and found[2] in ACTIONS:
            return self._infer(environ, start, unquote(found[1]), found[2])
        text = f"The emulator does not support bedrock: {environ['REQUEST_METHOD']} {path}"
        raise InferenceError("NotImplementedException", text)

    def _control(
        self, environ: dict[str, Any], start: Any, what: str, identifier: str
    ) -> list[bytes]:
        action, resource, body = catalog.answer(
            what, called(identifier), self.region, self.account, there=self.model() is not None
        )
        self._authorize(environ, action, (resource,), {})
        return _json(body, start)

    def _infer(
        self, environ: dict[str, Any], start: Any, identifier: str, operation: str
    ) -> Iterable[bytes]:
        begun, target = time.monotonic(), called(identifier)
        profile = target.profile_arn(self.region, self.account) if target.profile else ""
        context = {"bedrock:InferenceProfileArn": profile} if profile else {}
        self._authorize(
            environ, ACTIONS[operation], target.arns(self.region, self.account), context
        )
        model = self.model()
        if model is None:
            raise InferenceError("AccessDeniedException", NO_ACCESS)
        body = _body(environ)
        if operation == "invoke":
            return _json(invoke.invoke(model, target.model, body), start)
        if operation == "invoke-with-response-stream":
            text = (
                "The emulator does not support InvokeModelWithResponseStream: ConverseStream does."
            )
            raise InferenceError("NotImplementedException", text)
        parts = model.answer(converse.question(target.model, body))

        def spent() -> int:
            return round((time.monotonic() - begun) * 1000)

        if operation == "converse":
            return _json(converse.whole(parts, spent()), start)
        start("200 OK", [("Content-Type", "application/vnd.amazon.eventstream")])
        return _guarded(converse.stream(parts, spent))

    def _authorize(
        self,
        environ: dict[str, Any],
        action: str,
        resources: tuple[str, ...],
        context: dict[str, str],
    ) -> None:
        caller = self.caller(environ)
        for resource in resources:
            if not caller.may(action, resource, context):
                text = (
                    f"User: {caller.arn} is not authorized to perform: {action} on resource: "
                    f"{resource} because no identity-based policy allows the {action} action"
                )
                raise InferenceError("AccessDeniedException", text)


def _guarded(events: Iterator[bytes]) -> Iterator[bytes]:
    """End a stream that fails with the exception that it may carry."""
    try:
        yield from events
    except InferenceError as error:
        kind = IN_STREAM.get(error.kind, "internalServerException")
        yield event_stream.exception(kind, error.message)


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        found = json.loads(raw or b"{}")
    except ValueError as error:
        text = "Malformed input request, please reformat your input and try again."
        raise InferenceError("ValidationException", text) from error
    return found if isinstance(found, dict) else {}


def _json(body: dict[str, Any], start: Any) -> list[bytes]:
    data = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    start("200 OK", headers)
    return [data]


def _refuse(error: InferenceError, start: Any) -> list[bytes]:
    answer = refusals.rendered(STATUS[error.kind], error.kind, error.message, "rest-json")
    start(answer.status, answer.headers)
    return [answer.body]
