"""One call of the AWS API, parsed by the model of its operation."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

# The name that a request is signed for, where the model of the service has another.
_MODELS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}
# Bedrock's several APIs are signed for one name; their paths tell them apart.
_BEDROCK = (
    (re.compile(r"/(model|guardrail)/|/guardrail-checks/"), "bedrock-runtime"),
    (
        re.compile(
            r"/agents/.+/agentAliases/|/knowledgebases/[^/]+/retrieve$|/retrieveAndGenerate"
        ),
        "bedrock-agent-runtime",
    ),
    (re.compile(r"/(agents|knowledgebases|tags)/"), "bedrock-agent"),
)
_UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp"}
_SIGNED = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
MOST_BYTES = 1 << 20  # of a body; no call that is checked has more
# Calls with data in their bodies: the model says nothing of it that a check could use.
_DATA = frozenset({"PutLogEvents", "BatchCheckLayerAvailability", "UploadLayerPart"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was called, with which parameters (by their names in the model)."""

    service: str
    operation: str
    region: str
    protocol: str
    shape: Any  # of the input, in botocore's model; None where the operation takes nothing
    parameters: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Return service and operation."""
        return self.service, self.operation


def read(environ: dict[str, Any]) -> Call | None:
    """Return the call of a request, whose body can be read again; None where it is not checked."""
    region, service = _service(environ)
    if int(environ.get("CONTENT_LENGTH") or 0) > MOST_BYTES or service == "s3":
        return None
    return _parsed(service, region, environ) if _modelled(service) else None


def _service(environ: dict[str, Any]) -> tuple[str, str]:
    """Return the region and the service of a request; users of Cognito do not sign theirs."""
    if signed := _SIGNED.search(environ.get("HTTP_AUTHORIZATION", "")):
        if signed[2] == "bedrock":
            path = environ["PATH_INFO"]
            return signed[1], next((m for p, m in _BEDROCK if p.match(path)), "bedrock")
        return signed[1], _MODELS.get(signed[2], signed[2])
    target = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    return "", _UNSIGNED.get(target, "")


def _parsed(service: str, region: str, environ: dict[str, Any]) -> Call | None:
    from moto.core.request import Request, determine_request_protocol
    from moto.core.utils import get_service_model

    request = _again(Request, environ)
    model = get_service_model(service)
    operation, labels = _operation(service, request)
    if operation not in model.operation_names or operation in _DATA:
        return None
    protocol = determine_request_protocol(model, request.content_type)
    parser = _parser(service, operation, protocol)
    if parser is None:
        return None
    given = {
        "method": request.method,
        "values": request.values if "rest" in protocol else request.values.to_dict(),
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": labels,
    }
    return Call(
        service=service,
        operation=operation,
        region=region,
        protocol=protocol,
        shape=model.operation_model(operation).input_shape,
        parameters=parser(given),
    )


def _again(request: Callable[[dict[str, Any]], Any], environ: dict[str, Any]) -> Any:
    """Return the request, and leave its body to be read once more."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    copy = {k: v for k, v in environ.items() if not k.startswith("werkzeug.")}
    environ["wsgi.input"] = io.BytesIO(body)
    return request(copy)


def _operation(service: str, request: Any) -> tuple[str, dict[str, str]]:
    """Return the operation's name and what its path holds."""
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import NotFound

    if target := request.headers.get("X-Amz-Target"):
        return str(target).rpartition(".")[2], {}
    if action := request.values.get("Action"):
        return str(action), {}
    try:
        operation, labels = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return "", {}
    return str(operation.name), labels


@cache
def _modelled(service: str) -> bool:
    if not service:
        return False
    from botocore.exceptions import UnknownServiceError
    from moto.core.utils import get_service_model

    try:
        get_service_model(service)
    except UnknownServiceError:
        return False
    return True


@cache
def _parser(service: str, operation: str, protocol: str) -> Callable[[Any], dict[str, Any]] | None:
    from moto.core.parse import PROTOCOL_PARSERS
    from moto.core.utils import get_service_model

    if protocol not in PROTOCOL_PARSERS:
        return None
    parser = PROTOCOL_PARSERS[protocol](get_service_model(service).operation_model(operation))
    parse: Callable[[Any], dict[str, Any]] = parser.parse
    return parse
