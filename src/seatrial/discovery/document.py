"""A draft as the keys of an app file, with a comment for each choice."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import Any

from seatrial.discovery import variables
from seatrial.discovery.draft import Data, Draft, Program, Site, noun_name
from seatrial.model import app as model

LOWEST_PORT = 1024  # below it only root may listen (`man 7 ip`), and tasks are not root
_SECTION = {
    "postgres": "databases",
    "mysql": "databases",
    "valkey": "caches",
    "bucket": "buckets",
    "queue": "queues",
    "table": "tables",
}
_SHELL = re.compile(r"&&|\|\||[|;<>&]|\$(?!\{\w[\w-]*\.)")
Path = tuple[str, ...]


@dataclass
class Document:
    """An app file's keys in their order; ``comments`` by path."""

    raw: dict[str, Any] = field(default_factory=dict)
    comments: dict[Path, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def put(self, path: Path, value: Any, comment: str = "") -> None:
        """Set a value at a path, unless it is empty, with its comment."""
        if value in (None, "", [], (), 0, {}):
            return
        at = self.raw
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = value
        if comment:
            self.comments[path] = comment


def write(draft: Draft, *, app: str, region: str) -> Document:
    """Return a draft as an app file."""
    found = Document(left=draft.left)
    found.put(("app",), noun_name(draft.app or app, kind="app", longest=32))
    found.put(("region",), draft.region or region, "change it to where your users are")
    _unique(draft)
    linked = {p.name: variables.place(draft, p) for p in draft.programs}
    _share(draft, linked)
    for program in draft.programs:
        if not program.schedule:
            _program(found, program, linked[program.name])
    for program in draft.programs:
        if program.schedule:
            _job(found, draft, program)
    for site in draft.sites:
        _site(found, draft, site)
    for data in draft.data:
        _store(found, data)
    for placed in linked.values():
        for noun, given in placed.secrets:
            why = "made once, at the first deploy" if "generate" in given else "it exists already"
            found.put(
                ("secrets", noun),
                given or "by-hand",
                why if given else f"seatrial secret set {noun}",
            )
    return found


def _unique(draft: Draft) -> None:
    """Rename what has the name of something else: names are unique across an app."""
    seen: set[str] = set()
    named: list[Data | Program | Site] = [*draft.data, *draft.programs, *draft.sites]
    for one in named:
        while one.name in seen or (one.name == "app" and not isinstance(one, Program)):
            one.name = f"{one.name}-{'data' if isinstance(one, Data) else '2'}"
        seen.add(one.name)


def _share(draft: Draft, linked: dict[str, variables.Placed]) -> None:
    """Data that no program names is used by every program that could."""
    for data in draft.data:
        if not any(data.name in placed.uses for placed in linked.values()):
            for program in draft.programs:
                if not program.image or len(draft.programs) == 1:
                    linked[program.name].use(data.name)


def _build(program: Program) -> str | dict[str, Any]:
    """Return the folder, or how its image is built where a bare folder does not say it."""
    given = {
        "dockerfile": program.dockerfile,
        "target": program.target,
        "args": program.arguments,
    }
    said = {key: value for key, value in given.items() if value}
    if program.image or not said:
        return "" if program.image else program.context
    return {"context": program.context, **said}


def _program(found: Document, program: Program, placed: variables.Placed) -> None:
    path = ("services", program.name)
    notes, port = program.comments, program.port
    found.put((*path, "build"), _build(program), notes.get("build", ""))
    found.put((*path, "image"), program.image)
    command = _command(program.command)
    if port and port < LOWEST_PORT:
        port, command = _raised(found, program, port, command)
    found.put((*path, "command"), command, notes.get("command", ""))
    found.put((*path, "port"), str(port) if port else "", notes.get("port", ""))
    if port and program.path:
        why = "" if program.path == "/" else "the prefix reaches the program as it is"
        found.put((*path, "public"), program.path, why)
    if port and program.path:
        path_comment = "" if program.health else "answers 200? else name a path that does"
        found.put((*path, "health"), _health(program.health), path_comment)
    found.put((*path, "cpu"), f"{program.cpu:g}" if program.cpu else "", notes.get("cpu", ""))
    found.put((*path, "memory"), f"{program.memory} MB" if program.memory else "")
    found.put((*path, "count"), str(program.count) if program.count and program.count > 1 else "")
    found.put((*path, "uses"), list(placed.uses))
    found.put((*path, "env"), dict(placed.env))
    found.put((*path, "migrate"), _command(program.migrate), notes.get("migrate", ""))
    for name in placed.missing:
        found.left.append(
            f"`{program.name}`: {name} has no value in {program.source}: set it in "
            "`env`, or make it a secret"
        )


def _health(path: str) -> str:
    return path if re.fullmatch(r"/[\x21-\x7e]*", path) else "/"


def _raised(found: Document, program: Program, port: int, command: Any) -> tuple[int, Any]:
    """Move a port that only root may use up, in the command too."""
    raised = 8000 + port
    number = re.compile(rf"(?<!\d){port}(?!\d)")
    found.left.append(
        f"{program.source}: `{program.name}` listens on {port}; tasks are not root: "
        f"make it listen on {raised}"
    )
    if isinstance(command, list):
        return raised, [number.sub(str(raised), word) for word in command]
    return raised, number.sub(str(raised), command)


def _command(words: str | list[str]) -> str | list[str]:
    """Return a command without a shell, or in one where only a shell understands it."""
    if isinstance(words, list):
        return [re.sub(r"\$\{", "$${", word) for word in words if word]
    line = " ".join(words.split())
    if _SHELL.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", line)) or "$" in line:
        return ["sh", "-c", re.sub(r"\$\{", "$${", line)]
    try:
        shlex.split(line)
    except ValueError:
        return ["sh", "-c", line]
    return line


def _job(found: Document, draft: Draft, program: Program) -> None:
    owner = next(
        (
            p
            for p in draft.programs
            if p.context == program.context and not p.schedule and p.context
        ),
        None,
    )
    command = _command(program.command)
    if owner is None or not command:
        found.left.append(
            f"{program.source}: the job `{program.name}` ({program.schedule}): write it "
            "below `jobs`, with its service"
        )
        return
    path = ("jobs", program.name)
    found.put((*path, "service"), owner.name)
    found.put((*path, "command"), command)
    found.put((*path, "schedule"), _schedule(program.schedule))


def _schedule(text: str) -> str:
    words = {
        "@yearly": "0 0 1 1 *",
        "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *",
        "@hourly": "0 * * * *",
    }
    every = re.fullmatch(r"@every (\d+)([mh])", text)
    if every:
        unit = "minute" if every[2] == "m" else "hour"
        return f"rate({every[1]} {unit}{'s' if every[1] != '1' else ''})"
    return words.get(text, text)


def _site(found: Document, draft: Draft, site: Site) -> None:
    path = ("sites", site.name)
    found.put((*path, "build"), site.build)
    found.put((*path, "command"), site.command)
    found.put((*path, "output"), site.output)
    found.put((*path, "spa"), "true")
    routes = {
        f"{p.path.rstrip('/')}/*": p.name
        for p in draft.programs
        if p.port and p.path not in ("", "/")
    }
    found.put((*path, "routes"), routes, "one address for page and API, so no CORS")


def _store(found: Document, data: Data) -> None:
    path = (_SECTION[data.kind], data.name)
    match data.kind:
        case "postgres" | "mysql":
            found.put((*path, "engine"), data.kind, f"in {data.source}")
            found.put((*path, "version"), data.version)
        case "valkey":
            found.put(path, "valkey", f"in {data.source}; speaks Redis's protocol, over TLS only")
        case "table":
            found.put(path, {"key": "id"}, f"in {data.source}; is `id` its key?")
        case _:
            found.raw.setdefault(path[0], {})[path[1]] = {}
            found.comments[path] = f"in {data.source}"


ORDER = ("app", "region", *model.SECTIONS)
