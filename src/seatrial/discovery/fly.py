"""Fly.io's `fly.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.discovery import files
from seatrial.discovery.draft import Draft, Program, noun_name


def read(folder: Path, draft: Draft) -> None:
    """Add the processes of a fly.toml."""
    given = files.toml_map(folder / "fly.toml")
    if not given:
        return
    draft.sources.append("fly.toml")
    draft.app = draft.app or str(given.get("app", ""))
    http = files.mapping(given.get("http_service"))
    listed = [files.mapping(one) for one in files.listing(given.get("services"))]
    served = http or (listed[0] if listed else {})
    processes = files.mapping(given.get("processes")) or {"app": ""}
    web = _web(processes, served)
    release = str(files.mapping(given.get("deploy")).get("release_command", ""))
    for name, command in processes.items():
        program = _program(name, given, served if name == web else {})
        program.command = str(command)
        program.migrate = release if name == web else ""
        draft.programs.append(program)
    for mount in files.listing(given.get("mounts") or given.get("mount")):
        where = files.mapping(mount).get("destination", "")
        draft.leave(f"fly.toml volume at `{where}`: tasks keep no files; use a bucket")
    if "auto_stop_machines" in http and http["auto_stop_machines"] not in (False, "off"):
        draft.leave("fly.toml `auto_stop_machines`: services do not stop when nobody calls them")
    if given.get("statics"):
        draft.leave("fly.toml `statics`: serve the files from the program, or make them a site")


def _web(processes: dict[str, Any], served: dict[str, Any]) -> str:
    named = [name for name in files.listing(served.get("processes")) if name in processes]
    known = [*named, *(name for name in ("app", "web") if name in processes), *processes]
    return str(known[0]) if served else ""


def _program(name: str, given: dict[str, Any], served: dict[str, Any]) -> Program:
    build = files.mapping(given.get("build"))
    checks = [
        files.mapping(one)
        for key in ("checks", "http_checks")
        for one in files.listing(served.get(key))
    ]
    named = [files.mapping(one) for one in files.mapping(given.get("checks")).values()]
    path = next((str(one["path"]) for one in [*checks, *named] if "path" in one), "")
    env = files.mapping(given.get("env"))
    port = served.get("internal_port") or (env.get("PORT") if served else None)
    return Program(
        name=noun_name(name),
        source="fly.toml",
        context=".",
        dockerfile=str(build.get("dockerfile", "")),
        image=str(build.get("image", "")),
        port=int(str(port)) if str(port).isdigit() else (8080 if served else None),
        open=bool(served),
        health=path,
        values={key: files.plain(value) for key, value in env.items()},
    )
