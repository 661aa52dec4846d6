"""What a task needs before it runs, resolved as Fargate does; every refusal in AWS's words.

Sources: ECS developer guide, "Stopped tasks error messages" and "Fargate task ... resource
initialization errors". The order is Fargate's: role, network, registry, secrets, logs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.rehearsal.controller import records
from seatrial.rehearsal.sky import Sky

PULL = "ResourceInitializationError: unable to pull secrets or registry auth: "


class StartError(Exception):
    """The task cannot start; the text is the task's stopped reason."""


@dataclass(frozen=True)
class Placement:
    """Where a task is in the network."""

    address: str
    subnet: str
    groups: frozenset[str]
    public: bool


@dataclass(frozen=True)
class Image:
    """A build that can be run: where it lies, what it runs, in which environment."""

    folder: Path
    words: tuple[str, ...]
    environment: dict[str, str]
    live: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that starting a task takes."""

    container: dict[str, Any]
    placement: Placement
    image: Image
    secrets: dict[str, str]
    group: str
    stream: str
    task_role: str


def placement(task: Any) -> Placement:
    """Read a task's network interface."""
    details = {d["name"]: d["value"] for d in task.attachments[0]["details"]}
    network = task.network_configuration["awsvpcConfiguration"]
    return Placement(
        details["privateIPv4Address"],
        details["subnetId"],
        frozenset(network.get("securityGroups") or ()),
        network.get("assignPublicIp") == "ENABLED",
    )


def plan(sky: Sky, task: Any, definition: Any, images: Path, *, reaches_aws: bool) -> Plan:
    """Resolve a task; raises StartError with the stopped reason."""
    container = next(c for c in definition.container_definitions if c.get("essential", True))
    role = definition.execution_role_arn or ""
    for arn in (role, definition.task_role_arn or role):
        if not records.trusts(sky, arn, "ecs-tasks.amazonaws.com"):
            raise StartError(
                f"ECS was unable to assume the role '{arn}' that was provided for this task. Please"
                " verify that the role being passed has the proper trust relationship and "
                "permissions and that your IAM user has permissions to pass this role."
            )
    if not reaches_aws:
        raise StartError(
            f"{PULL}The task cannot pull registry auth from Amazon ECR: There is a connection "
            "issue between the task and Amazon ECR. Check your task network configuration."
        )
    image = _image(sky, role, str(container["image"]), images)
    secrets = {s["name"]: _secret(sky, role, s["valueFrom"]) for s in container.get("secrets", [])}
    group, stream = _log(sky, role, container, task)
    return Plan(
        container, placement(task), image, secrets, group, stream, definition.task_role_arn or ""
    )


def _denied(sky: Sky, role: str, action: str, resource: str) -> str:
    name = role.rsplit("/", 1)[-1]
    return (
        f"AccessDeniedException: User: arn:aws:sts::{sky.account}:assumed-role/{name}/task is not "
        f"authorized to perform: {action} on resource: {resource} because no identity-based policy "
        f"allows the {action} action"
    )


def _image(sky: Sky, role: str, image: str, images: Path) -> Image:
    repository, _, digest = image.partition("@")
    name = repository.partition("/")[2]
    found = sky.backend("ecr").repositories.get(name)
    if found is None or not any(i.get_image_digest() == digest for i in found.images):
        raise StartError(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
            f"resolve ref {image}: {image}: not found"
        )
    for action, resource in (("ecr:GetAuthorizationToken", "*"), ("ecr:BatchGetImage", found.arn)):
        if not records.allowed(sky, role, action, resource):
            raise StartError(
                PULL + "execution resource retrieval failed: unable to retrieve ecr "
                "registry auth: " + _denied(sky, role, action, resource)
            )
    record = images / f"{digest.removeprefix('sha256:')}.json"
    if not record.is_file():
        raise StartError(f"CannotPullContainerError: {image} was not built here")
    row = json.loads(record.read_text())
    return Image(Path(row["folder"]), tuple(row["words"]), row["environment"], row["live"])


def _secret(sky: Sky, role: str, value_from: str) -> str:
    parts = value_from.split(":")
    arn, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
    start = (
        PULL + "execution resource retrieval failed: unable to retrieve secret from asm: "
        "service call has been retried 1 time(s): failed to fetch secret "
    )
    if not records.allowed(sky, role, "secretsmanager:GetSecretValue", arn):
        raise StartError(
            f"{start}{arn} from secrets manager: "
            + _denied(sky, role, "secretsmanager:GetSecretValue", arn)
        )
    backend = sky.backend("secretsmanager")
    found = backend.secrets.get(arn)
    version = found.versions.get(found.default_version_id) if found else None
    if found is None or found.is_deleted() or version is None:
        raise StartError(
            f"{start}{arn} from secrets manager: ResourceNotFoundException: Secrets Manager can't "
            "find the specified secret value for staging label: AWSCURRENT."
        )
    text = str(version.get("secret_string", ""))
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise StartError(
            f"{PULL}execution resource retrieval failed: unable to retrieve secret "
            f"from asm: retrieved secret from Secrets Manager did not contain json "
            f"key {key}"
        ) from error


def _log(sky: Sky, role: str, container: dict[str, Any], task: Any) -> tuple[str, str]:
    options = container.get("logConfiguration", {}).get("options", {})
    group = str(options.get("awslogs-group", ""))
    stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task.id}"
    arn = f"arn:aws:logs:{sky.region}:{sky.account}:log-group:{group}:log-stream:{stream}"
    failed = (
        "ResourceInitializationError: failed to validate logger args: create stream has been "
        "retried 1 times: failed to create Cloudwatch log stream: "
    )
    logs = sky.backend("logs")
    if group not in logs.groups:
        raise StartError(
            failed + "ResourceNotFoundException: The specified log group does not exist."
        )
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not records.allowed(sky, role, action, arn):
            raise StartError(failed + _denied(sky, role, action, arn))
    return group, stream
