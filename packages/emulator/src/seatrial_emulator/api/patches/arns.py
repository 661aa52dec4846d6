"""IAM checks a request against the resource it names, by its ARN, in every service that a grant can
name (Service Authorization Reference, "Resource types defined by ..." of each service), and it
refuses in the service's own protocol.

moto knows the resource of S3, SQS, IAM and STS alone and checks everything else against ``*``, so
that a policy for one thing denies it; and it refuses in an XML that no AWS protocol has, whose code
some SDKs read as ``403`` and Terraform's as ``UnknownError``.
Test: tests/emulator/test_iam.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.bedrock.responses import BedrockResponse
from moto.bedrockruntime.responses import BedrockRuntimeResponse
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.ecr.responses import ECRResponse
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.iam.access_control import IAMRequest
from moto.iam.responses import IamResponse
from moto.kms.responses import KmsResponse
from moto.logs.responses import LogsResponse
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sns.responses import SNSResponse
from moto.sqs.responses import SQSResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from werkzeug.exceptions import HTTPException

from seatrial_emulator.api import refusals
from seatrial_emulator.api.patches.patch import override, wrap

# Requests that name what they are about by ``resourceArn``, ``TopicArn`` and the like.
WHOLE = ("TopicArn", "TargetArn", "ResourceArn", "ResourceARN", "resourceArn", "taskDefinitionArn")


def apply() -> None:
    """Let every service say what a request is about, and refuse in its own words."""
    for response, find in FINDERS.items():
        override(response, "_determine_resource", _finder(find))
    wrap(SQSResponse, "_determine_resource", _queue)
    wrap(IamResponse, "_determine_resource", _identity)
    wrap(IAMRequest, "_raise_access_denied", _refuse)


def _queue(determine: Callable[[Any], str], self: Any) -> str:
    """Return the queue that is named or addressed, also one that is not there (any more)."""
    found = determine(self) if self._get_param("QueueUrl") else "*"
    name = self._get_param("QueueName") or str(self._get_param("QueueUrl") or "").rsplit("/", 1)[-1]
    if found != "*" or not name:
        return found
    return f"arn:aws:sqs:{self.region}:{self.current_account}:{name}"


def _identity(determine: Callable[[Any], str], self: Any) -> str:
    """Return the role that is named, also one that is only to be made; else what moto finds."""
    found = determine(self)
    if found == "*" and (name := self._get_param("RoleName")):
        path = self._get_param("Path") or "/"
        return f"arn:aws:iam::{self.current_account}:role{path}{name}"
    return found


def _finder(find: Callable[[Any, str], str]) -> Callable[[Any], str]:
    def determine(self: Any) -> str:
        for name in WHOLE:
            value = self._get_param(name)
            if isinstance(value, str) and value.startswith("arn:"):
                return value
        return find(self, f"{self.region}:{self.current_account}") or "*"

    return determine


def _secret(self: Any, place: str) -> str:
    name = self._get_param("SecretId") or self._get_param("Name")
    found = self.backend.secrets.get(name) if name else None
    if found or not name or str(name).startswith("arn:"):
        return str(found.arn if found else name or "")
    return f"arn:aws:secretsmanager:{place}:secret:{name}-xxxxxx"  # AWS adds six characters


def _repository(self: Any, place: str) -> str:
    names = self._get_param("repositoryNames") or []
    name = self._get_param("repositoryName") or (names[0] if names else "")
    return f"arn:aws:ecr:{place}:repository/{name}" if name else ""


def _key(self: Any, place: str) -> str:
    name = str(self._get_param("KeyId") or "")
    if name.startswith("alias/"):
        name = str(self.kms_backend.get_key_id_from_alias(name) or "")
    return name if name.startswith("arn:") or not name else f"arn:aws:kms:{place}:key/{name}"


def _parameter(self: Any, place: str) -> str:
    names = self._get_param("Names") or []
    name = str(self._get_param("Name") or self._get_param("Path") or (names[0] if names else ""))
    return f"arn:aws:ssm:{place}:parameter/{name.lstrip('/')}" if name else ""


def _topic(self: Any, place: str) -> str:
    name = self._get_param("Name")
    return f"arn:aws:sns:{place}:{name}" if name else ""


def _log(self: Any, place: str) -> str:
    group = self._get_param("logGroupName") or self._get_param("logGroupIdentifier")
    if not group:
        return ""
    stream = self._get_param("logStreamName")
    base = (
        str(group) if str(group).startswith("arn:") else f"arn:aws:logs:{place}:log-group:{group}"
    )
    return f"{base}:log-stream:{stream}" if stream else f"{base}:*"


def _task(self: Any, place: str) -> str:
    cluster = str(self._get_param("cluster") or "default").rsplit("/", 1)[-1]
    start = f"arn:aws:ecs:{place}"
    definition = self._get_param("taskDefinition")
    if service := self._get_param("service") or self._get_param("serviceName"):
        return f"{start}:service/{cluster}/{str(service).rsplit('/', 1)[-1]}"
    if task := self._get_param("task"):
        return f"{start}:task/{cluster}/{str(task).rsplit('/', 1)[-1]}"
    if definition or self._get_param("family"):
        text = str(definition or self._get_param("family"))
        return text if text.startswith("arn:") else f"{start}:task-definition/{text}"
    for kind in ("service", "task"):
        if listed := self._get_param(f"{kind}s"):
            return f"{start}:{kind}/{cluster}/{str(listed[0]).rsplit('/', 1)[-1]}"
    clusters = self._get_param("clusters") or []
    name = self._get_param("clusterName") or self._get_param("cluster") or "".join(clusters[:1])
    return f"{start}:cluster/{str(name).rsplit('/', 1)[-1]}" if name else ""


def _pool(self: Any, place: str) -> str:
    pool = self._get_param("UserPoolId")
    return f"arn:aws:cognito-idp:{place}:userpool/{pool}" if pool else ""


def _model(self: Any, place: str) -> str:
    name = str(self._get_param("modelId") or self._get_param("modelIdentifier") or "")
    region = place.split(":", 1)[0]
    if not name or name.startswith("arn:"):
        return name
    return f"arn:aws:bedrock:{region}::foundation-model/{name}"


FINDERS: dict[type, Callable[[Any, str], str]] = {
    SecretsManagerResponse: _secret,
    KmsResponse: _key,
    SimpleSystemManagerResponse: _parameter,
    SNSResponse: _topic,
    LogsResponse: _log,
    ECRResponse: _repository,
    EC2ContainerServiceResponse: _task,
    CognitoIdpResponse: _pool,
    BedrockResponse: _model,
    BedrockRuntimeResponse: _model,
}


class _Refused(HTTPException):  # type: ignore[misc,unused-ignore]
    """A refusal in the protocol of the caller; moto answers its status and its text."""

    def __init__(self, row: refusals.Row, spoken: refusals.Protocol) -> None:
        self.code = row[0]
        super().__init__(description=refusals.rendered(*row, spoken).body.decode())


def _refuse(raise_in_xml: Callable[[Any], None], self: Any) -> None:
    """Refuse an action (SNS API reference, "Common Errors"; EC2 API reference, "Error codes")."""
    service = self._service
    if service == "s3":
        raise_in_xml(self)
    message = f"User: {self._access_key.arn} is not authorized to perform: {self._action}"
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {message}"
        raise _Refused((403, "UnauthorizedOperation", text), "ec2")
    headers = {str(name).lower(): str(value) for name, value in dict(self._headers).items()}
    if service in refusals.REST_XML:
        raise _Refused((403, "AccessDenied", message), "rest-xml")
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        word = "AuthorizationError" if service == "sns" else "AccessDenied"
        raise _Refused((403, word, message), "query")
    raise _Refused((400, "AccessDeniedException", message), "json")
