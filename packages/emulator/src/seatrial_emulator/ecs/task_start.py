"""What a task needs before it runs, resolved as Fargate does; every refusal in AWS's words.

Sources: ECS developer guide, "Stopped tasks error messages" and "Fargate task ... resource
initialization errors". The order is Fargate's: role, network, registry, secrets, logs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial_emulator.api import aws_messages, records
from seatrial_emulator.api.labels import BUILDS
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Facts, Fault


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
    """A build that can be run: where it lies, what it runs, in which environment.

    ``pulled`` is the name that podman pulls it by where it has layers; ``declared`` are the
    volumes that it declares: others are root's alone (ECS developer guide, "Bind mounts": 0755).
    ``foreign`` where it lies in a registry that is not the account's.
    """

    folder: Path
    words: tuple[str, ...]
    environment: dict[str, str]
    live: str = ""
    entry: tuple[str, ...] = ()
    pulled: str = ""
    declared: frozenset[str] = frozenset()
    foreign: bool = False


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
    faults: tuple[Fault, ...] = ()


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


def plan(
    emulator: Emulator,
    task: Any,
    definition: Any,
    images: Path,
    active: tuple[Fault, ...],
    *,
    has_route: bool,
) -> Plan:
    """Resolve a task; raises StartError with the stopped reason.

    ``active`` are the faults that hold everywhere, ``has_route`` says whether it can reach AWS.
    """
    container = next(c for c in definition.container_definitions if c.get("essential", True))
    role = definition.execution_role_arn or ""
    for arn in (role, definition.task_role_arn or role):
        if not records.trusts(emulator, arn, "ecs-tasks.amazonaws.com"):
            raise StartError(aws_messages.role(arn))
    if not has_route:
        raise StartError(aws_messages.no_route_to_ecr())
    name = str(container["image"])
    faults = (*active, *built_in(emulator, images, name, of_service=bool(service_of(task))))
    _refuse(faults, _facts(emulator, role, name, container))
    image = _image(emulator, role, name, images)
    secrets = {
        s["name"]: _secret(emulator, role, s["valueFrom"]) for s in container.get("secrets", [])
    }
    group, stream = _log(emulator, role, container, task)
    task_role = definition.task_role_arn or ""
    return Plan(
        container=container,
        placement=placement(task),
        image=image,
        secrets=secrets,
        group=group,
        stream=stream,
        task_role=task_role,
        faults=faults,
    )


def read_only(plan: Plan) -> tuple[Path, ...]:
    """Return the folder that stands for an image whose task cannot write to its root."""
    if plan.image.pulled or not plan.container.get("readonlyRootFilesystem"):
        return ()
    return (Path(plan.image.live) if plan.image.live else plan.image.folder,)


def service_of(task: Any) -> str:
    """Return the name of the service that a task belongs to; empty for one that was run alone."""
    group = str(task.group or "")
    return group[8:] if group.startswith("service:") else ""


def built_in(
    emulator: Emulator, images: Path, image: str, *, of_service: bool
) -> tuple[Fault, ...]:
    """Return the fault that an image was built with, for tasks of services or for lone ones."""
    record = _record(emulator, images, image)
    if not record or record.get("applies_to", "service") != ("service" if of_service else "task"):
        return ()
    fault = FAULTS.get(record.get("fault", ""))
    return (fault,) if fault else ()


def _record(emulator: Emulator, images: Path, image: str) -> dict[str, Any]:
    """Return how an image runs: from our own builds, or from where its manifest says it lies."""
    name = f"{image.partition('@sha256:')[2]}.json"
    for folder in (images, _builds(emulator, image)):
        if folder is not None and (folder / name).is_file():
            found: dict[str, Any] = json.loads((folder / name).read_text())
            return found
    return {}


def _builds(emulator: Emulator, image: str) -> Path | None:
    repository, _, digest = image.partition("@")
    repository_record = emulator.backend("ecr").repositories.get(repository.partition("/")[2])
    for found in repository_record.images if repository_record else ():
        if found.get_image_digest() == digest:
            said = json.loads(found.image_manifest).get("annotations", {}).get(BUILDS)
            return Path(said) if said else None
    return None


def _facts(emulator: Emulator, role: str, image: str, container: dict[str, Any]) -> Facts:
    first = next((str(s["valueFrom"]) for s in container.get("secrets", [])), "")
    arn, key, _ = _parted(first)
    return Facts(role, emulator.account, image, arn, key)


def _refuse(faults: tuple[Fault, ...], facts: Facts) -> None:
    for fault in faults:
        if fault.refuses and (why := fault.refuses(facts)):
            raise StartError(why)


def _image(emulator: Emulator, role: str, image: str, images: Path) -> Image:
    repository, _, digest = image.partition("@")
    host, _, name = repository.partition("/")
    if program := _program(emulator, repository):
        return program
    if not host.endswith(".amazonaws.com"):
        return Image(Path("/"), (), {}, pulled=image, foreign=True)
    found = emulator.backend("ecr").repositories.get(name)
    if found is None or not any(i.get_image_digest() == digest for i in found.images):
        raise StartError(aws_messages.image_missing(image))
    pulled = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    wanted = (("ecr:GetAuthorizationToken", "*"), *((action, found.arn) for action in pulled))
    for action, resource in wanted:
        if not records.allowed(emulator, role, action, resource):
            why = aws_messages.denied(emulator.account, role, action, resource)
            raise StartError(aws_messages.image_denied(why))
    row = _record(emulator, images, image)
    if row:
        words, entry = tuple(row["words"]), tuple(row["entry"])
        return Image(Path(row["folder"]), words, row["environment"], row["live"], entry)
    return _layered(
        emulator, image, next(i for i in found.images if i.get_image_digest() == digest)
    )


def _program(emulator: Emulator, repository: str) -> Image | None:
    """Return the folder of this machine that stands for an image, by its name with any tag."""
    name = repository.rpartition(":")[0] if ":" in repository.rpartition("/")[2] else repository
    short = name.partition("/")[2] if name.partition("/")[0].endswith(".amazonaws.com") else name
    folder = emulator.programs.get(name) or emulator.programs.get(short)
    path = os.environ.get("PATH", os.defpath)
    return Image(folder, (), {"PATH": f"{folder}{os.pathsep}{path}"}) if folder else None


def _layered(emulator: Emulator, image: str, record: Any) -> Image:
    """Return an image whose layers were pushed; podman pulls it from the emulator's registry."""
    config = emulator.registry.config(record.image_manifest)
    if config is None:
        raise StartError(f"CannotPullContainerError: {image} was not built here")
    said = config.get("config") or {}
    words, entry = tuple(said.get("Cmd") or ()), tuple(said.get("Entrypoint") or ())
    name = f"{emulator.host}/{image.partition('/')[2]}"
    declared = frozenset(said.get("Volumes") or ())
    return Image(Path("/"), words, {}, entry=entry, pulled=name, declared=declared)


def _parted(value_from: str) -> tuple[str, str, str]:
    """Return the ARN, the JSON key and the version's stage of a ``valueFrom``."""
    parts = value_from.split(":")
    key, stage, *_ = (*parts[7:], "", "")
    return ":".join(parts[:7]), key, stage


def _version(secret: Any, stage: str) -> dict[str, Any] | None:
    """Return a secret's version at a stage, the current one where none is named."""
    if secret is None or not stage:
        return secret.versions.get(secret.default_version_id) if secret else None
    return next((v for v in secret.versions.values() if stage in v["version_stages"]), None)


def _parameter(emulator: Emulator, role: str, arn: str) -> str:
    """Return a parameter's value, decrypted; its ARN lacks the first slash of a path."""
    if not records.allowed(emulator, role, "ssm:GetParameters", arn):
        why = aws_messages.denied(emulator.account, role, "ssm:GetParameters", arn)
        raise StartError(aws_messages.parameter_denied(why))
    name = arn.partition(":parameter/")[2]
    store = emulator.backend("ssm")
    found = store.get_parameter(f"/{name}") or store.get_parameter(name)
    if found is None:
        raise StartError(aws_messages.parameter_missing(f"/{name}" if "/" in name else name))
    return str(found.decrypt(found.value))


def _secret(emulator: Emulator, role: str, value_from: str) -> str:
    if ":ssm:" in value_from:
        return _parameter(emulator, role, value_from)
    arn, key, stage = _parted(value_from)
    action = "secretsmanager:GetSecretValue"
    if not records.allowed(emulator, role, action, arn):
        why = aws_messages.denied(emulator.account, role, action, arn)
        raise StartError(aws_messages.secret_denied(arn, why))
    found = emulator.backend("secretsmanager").secrets.get(arn)
    version = _version(found, stage)
    if found is None or found.is_deleted() or version is None:
        raise StartError(aws_messages.secret_missing(arn))
    text = str(version.get("secret_string", ""))
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise StartError(aws_messages.key_missing(key)) from error


def _log(emulator: Emulator, role: str, container: dict[str, Any], task: Any) -> tuple[str, str]:
    options = container.get("logConfiguration", {}).get("options", {})
    group = str(options.get("awslogs-group", ""))
    stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task.id}"
    arn = f"arn:aws:logs:{emulator.region}:{emulator.account}:log-group:{group}:log-stream:{stream}"
    if group not in emulator.backend("logs").groups:
        raise StartError(aws_messages.log_group_missing())
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not records.allowed(emulator, role, action, arn):
            raise StartError(
                aws_messages.log_denied(aws_messages.denied(emulator.account, role, action, arn))
            )
    return group, stream


def place_variables(region: str) -> dict[str, str]:
    """Return where a task runs, as ECS says it (ECS developer guide, "Amazon ECS environment
    variables"): SDKs take their region from these.
    """
    return {
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": region,
    }


def metadata_variables(task_id: str, host: str, *, own_role: bool, usual: bool) -> dict[str, str]:
    """Return the variables that lead to the task's metadata and credentials.

    ``usual`` where they are at Fargate's own address and port, which SDKs know.
    """
    found = {"ECS_CONTAINER_METADATA_URI_V4": f"http://{host}/v4/{task_id}"}
    path = f"/v2/credentials/{task_id}"
    if own_role and usual:
        found["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = path
    elif own_role:
        found["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://{host}{path}"
    return found
