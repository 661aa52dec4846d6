"""Heroku's files: `Procfile` (what runs) and `app.json` (add-ons, variables)."""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.discovery import files
from seatrial.discovery.draft import Draft, Program, noun_name

_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")
WEB_PORT = 8000  # Heroku chooses one at the start; the app file names it


def read(folder: Path, draft: Draft) -> None:
    """Add the processes of a Procfile and what app.json asks for."""
    lines = [
        found
        for line in files.text(folder / "Procfile").splitlines()
        if (found := _LINE.match(line.strip()))
    ]
    if not lines:
        return
    draft.sources.append("Procfile")
    release = next((line[2] for line in lines if line[1] == "release"), "")
    manifest = files.json_map(folder / "app.json")
    for line in lines:
        if line[1] != "release":
            draft.programs.append(_program(line[1], line[2], release))
    if manifest:
        draft.sources.append("app.json")
        _addons(draft, files.listing(manifest.get("addons")))
        _variables(draft, files.mapping(manifest.get("env")))
    if release and not any(program.migrate for program in draft.programs):
        draft.leave(f"Procfile `release` ({release}): no web process to run it for")


def _program(name: str, command: str, release: str) -> Program:
    web = name == "web"
    return Program(
        name=noun_name(name),
        source="Procfile",
        context=".",
        command=re.sub(r"\$\{?PORT(:-\d+)?\}?", str(WEB_PORT), command),
        port=WEB_PORT if web else None,
        open=web,
        migrate=release if web else "",
    )


def _addons(draft: Draft, addons: list[object]) -> None:
    for addon in addons:
        plan = str(files.mapping(addon).get("plan", "") or addon).split(":")[0]
        if "postgres" in plan:
            draft.store("postgres", "app.json")
        elif "mysql" in plan or plan in ("cleardb", "jawsdb", "jawsdb-maria"):
            draft.store("mysql", "app.json")
        elif "redis" in plan or "key-value" in plan:
            draft.store("valkey", "app.json")
        elif plan in ("bucketeer", "cloudcube"):
            draft.store("bucket", "app.json")
        else:
            draft.leave(f"app.json add-on `{plan}`: nothing here replaces it")


def _variables(draft: Draft, variables: dict[str, object]) -> None:
    for name, given in variables.items():
        described = files.mapping(given)
        secret = described.get("generator") == "secret"
        value = described.get("value") if described else given
        for program in draft.programs:
            if secret:
                program.secrets.append(name)
            else:
                program.values[name] = None if value is None else files.plain(value)
