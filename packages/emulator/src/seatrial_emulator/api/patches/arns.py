"""IAM checks a request against the resource it names, by its ARN, in every service that a grant can
name (Service Authorization Reference, "Resource types defined by ..." of each service), and a
service that speaks JSON refuses in JSON: AccessDeniedException, status 400.

moto knows the resource of S3, SQS, IAM and STS alone and checks everything else against ``*``, so
that a policy for one thing denies it; and it refuses in XML, whose code SDKs read as ``403``.
Test: tests/emulator/test_iam.py.
"""

from __future__ import annotations

import json
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

from seatrial_emulator.api.patches.patch import override, wrap

# Requests that name what they are about by ``resourceArn``, ``TopicArn`` and the like.
WHOLE = ("TopicArn", "TargetArn", "ResourceArn", "ResourceARN", "resourceArn", "taskDefinitionArn")

SPEAK_XML = ("ec2", "s3", "cloudfront", "route53")  # beside those that are asked by forms


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
    """A refusal in JSON."""

    code = 400

    def __init__(self, message: str) -> None:
        body = json.dumps({"__type": "AccessDeniedException", "message": message})
        super().__init__(description=body)


def _refuse(raise_in_xml: Callable[[Any], None], self: Any) -> None:
    headers = {str(name).lower(): str(value) for name, value in dict(self._headers).items()}
    form = "x-www-form-urlencoded" in headers.get("content-type", "")
    if form or self._service in SPEAK_XML:
        raise_in_xml(self)
    who = self._access_key.arn
    raise _Refused(f"User: {who} is not authorized to perform: {self._action}")
