"""AWS's refusal of a call: its code, and its bytes in the caller's protocol. Pure.

Each service has an error code of its own for a value that it does not take.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from seatrial_emulator.validation.model import Violation

# The code of a value that the model does not allow (each service's API reference, "Common errors"
# or the errors of its operations); ``ValidationException`` where nothing stands here.
_CODES = {
    "cloudfront": "MalformedXML",
    "cloudwatch": "ValidationError",
    "cognito-idp": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "ecs": "InvalidParameterException",
    "elasticache": "InvalidParameterValue",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "rds": "InvalidParameterValue",
    "route53": "InvalidInput",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
    "sts": "ValidationError",
}
# The code of a required value that is missing, where it is another.
_MISSING = {
    "ec2": "MissingParameter",
    "elasticache": "MissingParameter",
    "rds": "MissingParameter",
    "sqs": "MissingParameter",
}


@dataclass(frozen=True)
class Refusal:
    """What AWS answers instead of doing it."""

    code: str
    message: str
    status: str = "400 Bad Request"


def of_violations(service: str, found: Sequence[Violation]) -> Refusal:
    """Return the refusal of values that the model does not allow."""
    first = found[0]
    if first.missing and service in _MISSING:
        name = ".".join(first.path)
        return Refusal(_MISSING[service], f"The request must contain the parameter {name}")
    if service == "ec2":
        message = f"Value ({first.value}) for parameter {first.place} is invalid."
        return Refusal(_CODES[service], message)
    errors = "error" if len(found) == 1 else "errors"
    message = f"{len(found)} validation {errors} detected: " + "; ".join(map(str, found))
    return Refusal(_CODES.get(service, "ValidationException"), message)


def answer(refusal: Refusal, protocol: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a refusal."""
    if "json" in protocol:
        body = {"__type": refusal.code, "message": refusal.message}
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-ErrorType": refusal.code,
        }
        return headers, json.dumps(body).encode()
    error = f"<Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
            "<RequestId>0</RequestId></ErrorResponse>"
        )
    return {"Content-Type": "text/xml"}, text.encode()
