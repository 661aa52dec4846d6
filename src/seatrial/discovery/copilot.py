"""AWS Copilot's manifests: `copilot/NAME/manifest.yml`, and the templates of their add-ons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from seatrial.discovery import files, images, probes
from seatrial.discovery.draft import DataKind, Draft, Program, noun_name
from seatrial.model.secret import PARAMETER

_ADDONS: dict[str, DataKind] = {
    "AWS::S3::Bucket": "bucket",
    "AWS::SQS::Queue": "queue",
    "AWS::DynamoDB::Table": "table",
    "AWS::ElastiCache::ReplicationGroup": "valkey",
    "AWS::ElastiCache::CacheCluster": "valkey",
    "AWS::ElastiCache::ServerlessCache": "valkey",
    "AWS::RDS::DBInstance": "postgres",
    "AWS::RDS::DBCluster": "postgres",
}
_WEB = ("Load Balanced Web Service", "Request-Driven Web Service")
_LEFT = {
    "sidecars": "one container a task",
    "storage": "tasks keep no files; use a bucket",
    "exec": "",
    "publish": "use `topics`",
    "observability": "not supported",
}


def read(folder: Path, draft: Draft) -> None:
    """Add the services and jobs of a Copilot application."""
    manifests = sorted((folder / "copilot").glob("*/manifest.y*ml"))
    workspace = files.yaml_map(folder / "copilot" / ".workspace")
    draft.app = draft.app or str(workspace.get("application", ""))
    for path in manifests:
        if path.parent.parent.name != "environments":
            _manifest(folder, path, draft)
    for path in sorted((folder / "copilot").glob("*/addons/*.y*ml")):
        _addon(folder, path, draft)


def _manifest(folder: Path, path: Path, draft: Draft) -> None:
    given = files.yaml_map(path)
    kind, source = str(given.get("type", "")), str(path.relative_to(folder))
    if not kind or kind == "Environment":
        return
    draft.sources.append(source)
    name = str(given.get("name") or path.parent.name)
    if kind == "Static Site":
        draft.leave(f"{source}: a static site; write it below `sites`")
        return
    program = _program(name, given, source)
    program.open = kind in _WEB
    draft.programs.append(program)
    if kind == "Worker Service" and given.get("subscribe"):
        draft.store("queue", source, name=f"{name}-queue")
    for key, why in _LEFT.items():
        if key in given and why:
            draft.leave(f"{source}: `{key}`: {why}")
    for env, overlay in files.mapping(given.get("environments")).items():
        if overlay:
            draft.leave(f"{source}: `environments.{env}`: write it below `environments` here")


def _program(name: str, given: dict[str, Any], source: str) -> Program:
    image, http = files.mapping(given.get("image")), files.mapping(given.get("http"))
    build = image.get("build")
    build = {"dockerfile": build} if isinstance(build, str) else files.mapping(build)
    dockerfile = str(build.get("dockerfile", ""))
    folder = str(build.get("context") or (str(Path(dockerfile).parent) if dockerfile else ""))
    location = str(image.get("location", ""))
    return Program(
        name=noun_name(name),
        source=source,
        context="" if location else (folder or "."),
        dockerfile=dockerfile,
        target=str(build.get("target", "")),
        arguments={k: files.plain(v) for k, v in files.mapping(build.get("args")).items()},
        image=location,
        command=files.words(given.get("command") or given.get("entrypoint")),
        port=_whole(image.get("port")),
        path=_path(http.get("path")),
        health=_health(http, image),
        cpu=(_whole(given.get("cpu")) or 0) / 1024 or None,
        memory=_whole(given.get("memory")),
        count=_count(given.get("count")),
        values={
            k: None if isinstance(v, dict) else files.plain(v)
            for k, v in files.mapping(given.get("variables")).items()
        },
        secrets=list(files.mapping(given.get("secrets"))),
        stored={
            name: {"parameter": value}
            for name, value in files.mapping(given.get("secrets")).items()
            if isinstance(value, str) and value and re.fullmatch(PARAMETER, value)
        },
        schedule=str(files.mapping(given.get("on")).get("schedule", "")),  # see files.yaml_map
    )


def _path(value: Any) -> str:
    found = str(value or "")
    return "" if found in ("", "/") else "/" + found.strip("/")


def _health(http: dict[str, Any], image: dict[str, Any]) -> str:
    check = http.get("healthcheck")
    if isinstance(check, dict):
        return str(check.get("path", ""))
    return str(check or probes.path(files.mapping(image.get("healthcheck")).get("command")))


def _count(value: Any) -> int | None:
    if isinstance(value, dict):
        span = re.match(r"\d+", str(files.mapping(value).get("range", "")))
        return int(span[0]) if span else None
    return _whole(value)


def _whole(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _addon(folder: Path, path: Path, draft: Draft) -> None:
    source = str(path.relative_to(folder))
    resources = files.mapping(files.yaml_map(path).get("Resources"))
    for resource in map(files.mapping, resources.values()):
        kind = _ADDONS.get(str(resource.get("Type")))
        if kind is None:
            continue
        properties = files.mapping(resource.get("Properties"))
        engine = str(properties.get("Engine", ""))
        if kind == "postgres" and ("mysql" in engine or "maria" in engine):
            kind = "mysql"
        version = images.version(kind, str(properties.get("EngineVersion", "")))
        name = path.stem if kind in ("bucket", "queue", "table") else ""
        draft.store(kind, source, name=name, version=version)
        if source not in draft.sources:
            draft.sources.append(source)
        if "Cluster" in str(resource.get("Type")) and "RDS" in str(resource.get("Type")):
            draft.leave(f"{source}: Aurora; here it is an RDS instance of the same engine")
