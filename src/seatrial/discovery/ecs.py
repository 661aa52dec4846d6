"""ECS task definitions kept as JSON, as `aws ecs register-task-definition` takes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from seatrial.discovery import files, images, probes
from seatrial.discovery.draft import Draft, Program, noun_name
from seatrial.model.secret import ARN, PARAMETER

_FOLDERS = (
    ".",
    ".aws",
    "aws",
    "ecs",
    "deploy",
    "deployment",
    "infra",
    ".github",
    "task-definitions",
)


def read(folder: Path, draft: Draft) -> None:
    """Add the containers of every task definition."""
    for path in sorted(p for where in _FOLDERS for p in (folder / where).glob("*.json")):
        given = files.json_map(path)
        given = files.mapping(given.get("taskDefinition")) or given
        containers = files.listing(given.get("containerDefinitions"))
        if containers:
            source = str(path.relative_to(folder))
            draft.sources.append(source)
            for container in containers:
                _container(draft, given, files.mapping(container), source)
            for volume in files.listing(given.get("volumes")):
                draft.leave(
                    f"{source}: volume `{files.mapping(volume).get('name')}`; tasks keep "
                    "no files; use a bucket"
                )


def _container(draft: Draft, task: dict[str, Any], given: dict[str, Any], source: str) -> None:
    name, image = str(given.get("name", "app")), str(given.get("image", ""))
    purpose = images.purpose(image)
    if purpose.data:
        draft.store(purpose.data, source, name=name, version=purpose.version)
        return
    sidecar = any(word in image for word in ("xray-daemon", "fluent", "cloudwatch-agent", "envoy"))
    if purpose.left or sidecar:
        draft.leave(
            f"{source}: container `{name}`: {purpose.left or 'a sidecar; one container a task'}"
        )
        return
    ports = [files.mapping(one) for one in files.listing(given.get("portMappings"))]
    port = ports[0].get("containerPort") if ports else None
    built = not image or ".dkr.ecr." in image or "<" in image or "PLACEHOLDER" in image.upper()
    options = files.mapping(files.mapping(given.get("logConfiguration")).get("options"))
    draft.region = draft.region or str(options.get("awslogs-region", ""))
    secrets = [files.mapping(row) for row in files.listing(given.get("secrets"))]
    draft.programs.append(
        Program(
            name=noun_name(name),
            source=source,
            context="." if built else "",
            image="" if built else image,
            command=files.words(given.get("command") or given.get("entryPoint")),
            port=int(port) if port else None,
            open=bool(port),
            health=probes.path(files.mapping(given.get("healthCheck")).get("command")),
            cpu=_number(task.get("cpu"), 1024),
            memory=int(_number(task.get("memory"), 1) or 0) or None,
            values={
                str(row.get("name")): files.plain(row.get("value"))
                for row in map(files.mapping, files.listing(given.get("environment")))
            },
            secrets=[str(row.get("name")) for row in secrets],
            stored={
                str(row.get("name")): stored
                for row in secrets
                if (stored := _stored(draft, str(row.get("valueFrom"))))
            },
        )
    )


def _stored(draft: Draft, where: str) -> dict[str, str]:
    """Return where a secret of this region is; empty for one key of it, or another region's."""
    region = where.split(":")[3] if where.startswith("arn:") and where.count(":") > 3 else ""
    if region and region == draft.region and re.fullmatch(ARN, where):
        return {"arn": where}
    name = where.partition(":parameter")[2] if region == draft.region else ""
    return {"parameter": name} if name and re.fullmatch(PARAMETER, name) else {}


def _number(value: Any, unit: int) -> float | None:
    try:
        return float(value) / unit
    except (TypeError, ValueError):
        return None
