"""Compose files: services by `build` or `image`, their ports, variables and dependencies."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from seatrial.discovery import dotenv, files, images, probes
from seatrial.discovery.draft import Draft, Program, noun_name

_NAMES = tuple(f"{name}.{end}" for name in ("compose", "docker-compose") for end in ("yaml", "yml"))
_FOLDERS = (".", "docker", "deploy", "deployment", "infra", "server")
_ONCE = re.compile(r"(^|[-_])(migrat\w*|prestart|init|setup|create-?buckets?|bootstrap)([-_]|$)")


def find(folder: Path) -> Path | None:
    """Return the project's compose file: the usual name first, then one of production."""
    for where in _FOLDERS:
        for name in _NAMES:
            if (folder / where / name).is_file():
                return folder / where / name
    return next(iter(sorted(folder.glob("*compose*.y*ml"), key=_least_local)), None)


def _least_local(path: Path) -> tuple[bool, str]:
    return any(word in path.name for word in ("dev", "local", "test", "override")), path.name


def read(folder: Path, draft: Draft) -> None:
    """Add the services of the compose file."""
    path = find(folder)
    given = files.yaml_map(path) if path else {}
    listed = {str(k): files.mapping(v) for k, v in files.mapping(given.get("services")).items()}
    if path is None or not listed:
        return
    source = str(path.relative_to(folder))
    draft.sources.append(source)
    draft.app = draft.app or _default(str(given.get("name", "")))
    once = _once(listed)
    for name, service in listed.items():
        _service(draft, name, service, _Where(folder, path.parent, source))
    _migrations(draft, once)


class _Where:
    """The project, the folder of the compose file, and its name."""

    def __init__(self, folder: Path, base: Path, source: str) -> None:
        self.folder, self.base, self.source = folder, base, source

    def below(self, *parts: str) -> str:
        """Return a path of the compose file as one of the project."""
        return os.path.relpath(self.base.joinpath(*parts), self.folder)


def _once(listed: dict[str, dict[str, Any]]) -> set[str]:
    """Return the services that run once: others wait for their end, or their name says so."""
    waited = {
        name
        for service in listed.values()
        for name, how in files.mapping(service.get("depends_on")).items()
        if files.mapping(how).get("condition") == "service_completed_successfully"
    }
    return {noun_name(name) for name in listed if name in waited or _ONCE.search(name)}


def _service(draft: Draft, name: str, given: dict[str, Any], where: _Where) -> None:
    image, build = _default(str(given.get("image", ""))), given.get("build")
    if given.get("profiles"):
        draft.leave(
            f"{where.source}: `{name}`: only in profile "
            f"{', '.join(map(str, files.listing(given['profiles'])))}"
        )
        return
    purpose = images.purpose(image) if not build else images.Purpose()
    if purpose.data:
        data = draft.store(purpose.data, where.source, name=name, version=purpose.version)
        data.hosts = (*data.hosts, str(given.get("container_name", name)))
    elif purpose.left:
        draft.leave(f"{where.source}: `{name}` ({image}): {purpose.left}")
        draft.left_hosts[name] = purpose.left
    elif not build and not image:
        draft.leave(f"{where.source}: `{name}`: neither `build` nor `image` here")
    else:
        draft.programs.append(_program(name, given, where))
        _volumes(draft, name, given, where)


def _program(name: str, given: dict[str, Any], where: _Where) -> Program:
    build = given.get("build")
    build = {"context": build} if isinstance(build, str) else files.mapping(build)
    context = str(build.get("context", ".")) if build else ""
    resources = files.mapping(files.mapping(given.get("deploy")).get("resources"))
    ports, labels = _ports(given), _labels(given)
    program = Program(
        name=noun_name(name),
        source=where.source,
        context=context if "://" in context else where.below(context) if build else "",
        dockerfile=where.below(context, str(build["dockerfile"])) if "dockerfile" in build else "",
        target=_default(str(build.get("target") or "")),
        arguments=_arguments(build.get("args")),
        image="" if build else _default(str(given.get("image"))),
        command=_command(given),
        port=ports[0] if ports else labels[0],
        open=bool(given.get("ports")) or labels[0] is not None,
        path=labels[1],
        health=probes.path(files.mapping(given.get("healthcheck")).get("test")),
        count=_count(given),
        values=_values(given, where),
        needs=_needs(given),
    )
    if files.mapping(resources.get("limits")):
        program.comments["cpu"] = "compose limits are not those of Fargate; the default is small"
    return program


def _arguments(given: Any) -> dict[str, str]:
    """Return a build's arguments; what this machine's environment would give has no value here."""
    if isinstance(given, list):
        given = dict(str(row).partition("=")[::2] for row in given)
    rows = {str(key): _default(str(value)) for key, value in files.mapping(given).items() if value}
    return {name: value for name, value in rows.items() if "$" not in value}


def _command(given: dict[str, Any]) -> str | list[str]:
    """Return what runs; the words of an entry point come first."""
    entry, command = files.words(given.get("entrypoint")), files.words(given.get("command"))
    if not entry or not command:
        return _unescaped(command or entry)
    together = [*(_split(entry)), *(_split(command))]
    return _unescaped(together)


def _split(words: str | list[str]) -> list[str]:
    return words if isinstance(words, list) else words.split()


def _unescaped(words: str | list[str]) -> str | list[str]:
    if isinstance(words, list):
        return [_default(word).replace("$$", "$") for word in words]
    return _default(" ".join(words.split())).replace("$$", "$")


def _ports(given: dict[str, Any]) -> list[int]:
    found = []
    for port in [*files.listing(given.get("ports")), *files.listing(given.get("expose"))]:
        target = port.get("target") if isinstance(port, dict) else _default(str(port))
        last = re.search(r"(\d+)(?:-\d+)?(?:/tcp)?$", str(target))
        found += [int(last[1])] if last else []
    return found


def _labels(given: dict[str, Any]) -> tuple[int | None, str]:
    """Return the port and path that labels of Traefik give."""
    listed = given.get("labels")
    rows = [f"{k}={v}" for k, v in listed.items()] if isinstance(listed, dict) else listed
    text = "\n".join(str(row) for row in files.listing(rows))
    port = re.search(r"loadbalancer\.server\.port=(\d+)", text)
    path = re.search(r"PathPrefix\(`(/[^`]+)`\)", text)
    shown = re.search(r"traefik\.http\.routers\.", text)
    return (int(port[1]) if port else None) if shown or port else None, path[1] if path else ""


def _count(given: dict[str, Any]) -> int | None:
    count = files.mapping(given.get("deploy")).get("replicas", given.get("scale"))
    return int(str(count)) if str(count).isdigit() else None


def _values(given: dict[str, Any], where: _Where) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for file in files.listing(given.get("env_file")):
        name = str(file.get("path", "") if isinstance(file, dict) else file)
        named = dotenv.names(where.base / name) or dotenv.names(where.base / f"{name}.example")
        values |= dict.fromkeys(named or dotenv.nearest((where.base / name).parent)[1])
    listed = given.get("environment")
    pairs = (
        listed.items()
        if isinstance(listed, dict)
        else (
            str(row).partition("=")[::2] if "=" in str(row) else (row, None)
            for row in files.listing(listed)
        )
    )
    for name, value in pairs:
        values[str(name)] = None if value is None else _default(files.plain(value))
    return values


def _default(text: str) -> str:
    """Fill in the defaults of `${NAME:-default}`; `${NAME}` stays."""
    for _ in range(3):
        text = re.sub(r"\$\{(\w+):?-([^${}]*)\}", r"\2", text)
    return re.sub(r"\$\{(\w+):?[?][^}]*\}", r"${\1}", text)


def _needs(given: dict[str, Any]) -> list[str]:
    depends = given.get("depends_on")
    listed = list(depends) if isinstance(depends, dict) else files.listing(depends)
    return [str(name).split(":")[0] for name in [*listed, *files.listing(given.get("links"))]]


def _volumes(draft: Draft, name: str, given: dict[str, Any], where: _Where) -> None:
    for volume in files.listing(given.get("volumes")):
        row = (
            f"{volume.get('source', '')}:{volume.get('target', '')}"
            if isinstance(volume, dict)
            else str(volume)
        )
        source, _, target = row.partition(":")
        if source and target and not source.startswith((".", "/", "~", "$")):
            draft.leave(
                f"{where.source}: `{name}` keeps files at `{target.split(':')[0]}`; tasks "
                "keep none: use a bucket"
            )


def _migrations(draft: Draft, once: set[str]) -> None:
    """Make what runs once the migration of the service with the same build."""
    for program in [p for p in draft.programs if p.name in once and not p.open]:
        same = [
            p
            for p in draft.programs
            if p.context == program.context and p.name not in once and p.context
        ]
        owner = next((p for p in same if p.open), same[0] if same else None)
        if owner and not owner.migrate and program.command:
            owner.migrate = program.command
            owner.comments["migrate"] = f"`{program.name}` in {program.source}"
        elif owner or program.image:
            draft.leave(f"{program.source}: `{program.name}`: runs once; nothing here runs it")
        else:
            continue
        draft.programs.remove(program)
