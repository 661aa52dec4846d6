"""Amazon Bedrock as WSGI: who may call what, what is request, and errors in AWS's words.

Models are called by their paths, every other operation by its name (``operations``). The
emulator's lock is not held while a model answers. Sources: Bedrock API reference, Converse,
ConverseStream, InvokeModel, GetFoundationModel, GetInferenceProfile; its models in botocore.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from seatrial_emulator.api import refusals
from seatrial_emulator.inference import catalog, converse, event_stream, invoke
from seatrial_emulator.inference.agents.invocation import Invocations
from seatrial_emulator.inference.agents.records import Agents
from seatrial_emulator.inference.conversation import InferenceError, Model, Part
from seatrial_emulator.inference.knowledge.ingestion import Jobs
from seatrial_emulator.inference.knowledge.questions import Questions
from seatrial_emulator.inference.knowledge.records import Bases, Roles
from seatrial_emulator.inference.model_ids import called
from seatrial_emulator.inference.moderation.conversations import Guard
from seatrial_emulator.inference.moderation.records import Guardrails
from seatrial_emulator.inference.operations import (
    Answered,
    Caller,
    Operation,
    Operations,
    Place,
    Request,
    Row,
    Stream,
    Tags,
    authorize,
)
from seatrial_emulator.validation.call import Call

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
    "ConflictException": 409,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "NotImplementedException": 501,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
# What a stream may end with; other failures are an internal one there.
IN_STREAM = {
    "AccessDeniedException": "accessDeniedException",
    "ResourceNotFoundException": "resourceNotFoundException",
    "ModelErrorException": "modelStreamErrorException",
    "ServiceUnavailableException": "serviceUnavailableException",
    "ThrottlingException": "throttlingException",
    "ValidationException": "validationException",
}
GUARDRAIL = "HTTP_X_AMZN_BEDROCK_GUARDRAILIDENTIFIER"  # a header of InvokeModel
CALL = "seatrial.call"  # what the request calls, in its environment
# Services whose every operation is answered here, if only by saying that it is not supported.
OWN = ("bedrock-agent", "bedrock-agent-runtime")
_EVENTS = ("Content-Type", "application/vnd.amazon.eventstream")
NO_ACCESS = "You don't have access to the model with the specified model ID."


class Bedrock:
    """One account's Bedrock. ``model`` returns what stands behind it now, or None."""

    def __init__(
        self,
        *,
        account: str,
        region: str,
        caller: Callable[[dict[str, Any]], Caller],
        model: Callable[[], Model | None],
        roles: Roles,
    ) -> None:
        self.account, self.region = account, region
        self.caller, self.model = caller, model
        place, tags = Place(account, region), Tags()
        self.guardrails = Guardrails(place, tags)
        bases = Bases(place, tags, roles)
        questions = Questions(bases, self.guardrails, model)
        agents = Agents(place, tags, roles)
        self.operations: Operations = {
            **tags.operations(),
            **self.guardrails.operations(),
            **bases.operations(),
            **Jobs(bases, model).operations(),
            **questions.operations(),
            **agents.operations(),
            **Invocations(agents, questions).operations(),
        }
        self.answered = Answered()

    def answers(self, path: str, call: Call | None) -> bool:
        """Return whether a request of Bedrock's is answered here: the rest is moto's."""
        if call and (call.key in self.operations or call.service in OWN):
            return True
        return _RUNTIME.fullmatch(path) is not None or _CONTROL.fullmatch(path) is not None

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            return self._answer(environ, start)
        except InferenceError as error:
            return _refuse(error, start)

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        call: Call | None = environ.get(CALL)
        if call and (operation := self.operations.get(call.key)):
            return self._operate(call, operation, self.caller(environ), start)
        path = unquote(environ["RAW_URI"].partition("?")[0])
        if found := _CONTROL.fullmatch(path):
            return self._control(environ, start, found[1], unquote(found[2]))
        if (found := _RUNTIME.fullmatch(path)) and found[2] in ACTIONS:
            return self._infer(environ, start, unquote(found[1]), found[2])
        what = call.operation if call else f"{environ['REQUEST_METHOD']} {path}"
        text = f"The emulator does not support bedrock: {what}"
        raise InferenceError("NotImplementedException", text)

    def _operate(
        self, call: Call, operation: Operation, caller: Caller, start: Any
    ) -> Iterable[bytes]:
        action = operation.action or f"bedrock:{call.operation}"
        authorize(caller, action, operation.resource(call.parameters), {})
        request = Request(parameters=call.parameters, caller=caller)
        answer = self.answered.run(call.key, operation, request)
        if isinstance(answer, Stream):
            return _streamed(call, answer, start)
        line, headers, body = _serialized(call, answer)
        length = ("Content-Length", str(len(body)))
        start(line, [*headers, ("Content-Type", "application/json"), length])
        return [body]

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
        if operation.startswith("invoke") and environ.get(GUARDRAIL):
            text = "The emulator does not support guardrails of InvokeModel: Converse's it does."
            raise InferenceError("NotImplementedException", text)
        if operation == "invoke":
            return _json(invoke.invoke(model, target.model, body), start)
        if operation == "invoke-with-response-stream":
            text = (
                "The emulator does not support InvokeModelWithResponseStream: ConverseStream does."
            )
            raise InferenceError("NotImplementedException", text)
        guard = self._guard(environ, body)
        parts = _answer(model, target.model, body, guard)

        def spent() -> int:
            return round((time.monotonic() - begun) * 1000)

        def trace() -> Row:
            return guard.trace() if guard else {}

        if operation == "converse":
            return _json(converse.whole(parts, spent()) | trace(), start)
        start("200 OK", [_EVENTS])
        return _guarded(converse.stream(parts, spent, trace))

    def _guard(self, environ: dict[str, Any], body: Row) -> Guard | None:
        config = body.get("guardrailConfig") or {}
        if not config.get("guardrailIdentifier"):
            return None
        return Guard(self.guardrails, self.caller(environ), config)

    def _authorize(
        self,
        environ: dict[str, Any],
        action: str,
        resources: tuple[str, ...],
        context: dict[str, str],
    ) -> None:
        caller = self.caller(environ)
        for resource in resources:
            authorize(caller, action, resource, context)


def _answer(model: Model, name: str, body: Row, guard: Guard | None) -> Iterator[Part]:
    """Return what a model says, and what of it a guardrail lets through."""
    if guard is None:
        return model.answer(converse.question(name, body))
    judged = guard.enter(body)
    if judged is None:
        return guard.refused()
    return guard.leave(model.answer(converse.question(name, judged)))


def _serialized(call: Call, answer: Row) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return an answer's status, headers and body, as botocore's model of it has them."""
    from moto.core.serialize import get_serializer_class
    from moto.core.utils import get_service_model

    operation = get_service_model(call.service).operation_model(call.operation)
    found = get_serializer_class(call.service, "rest-json")(operation).serialize(answer)
    status, body = HTTPStatus(int(found["status_code"])), found["body"] or b""
    headers = [(k, str(v)) for k, v in found["headers"].items() if k != "Content-Type"]
    line = f"{status.value} {status.phrase}"
    return line, headers, body.encode() if isinstance(body, str) else body


def _streamed(call: Call, answer: Stream, start: Any) -> Iterator[bytes]:
    """Begin an answer that is an event stream; the members that are headers come before it."""
    from moto.core.utils import get_service_model

    shape = get_service_model(call.service).operation_model(call.operation).output_shape
    names = {name: shape.members[name].serialization["name"] for name in answer.headers}
    start("200 OK", [*((names[k], str(v)) for k, v in answer.headers.items()), _EVENTS])
    return _guarded(answer.events)


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
