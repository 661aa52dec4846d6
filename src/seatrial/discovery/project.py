"""A folder to a draft: which files say what runs, then what the programs' sources add."""

from __future__ import annotations

import os
import re
from pathlib import Path

from seatrial.discovery import (
    commands,
    compose,
    copilot,
    dockerfile,
    dotenv,
    ecs,
    fly,
    folders,
    node,
    procfile,
    python,
    variables,
)
from seatrial.discovery.draft import Draft, Program, Site, noun_name

# The first that finds a program wins: what was made for AWS, then what names the most.
READERS = (copilot.read, compose.read, ecs.read, fly.read, procfile.read)
_WORKER = re.compile(r"\b(celery|rq|arq|dramatiq|worker|beat|huey|taskiq|sidekiq|scheduler|cron)\b")
_FRONT = re.compile(r"front|web|ui|client|app$|site|streamlit|dashboard")
_DATABASES = {
    "postgres": {"psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pg8000"},
    "mysql": {"mysqlclient", "pymysql", "aiomysql", "mysql-connector-python", "asyncmy"},
    "valkey": {"redis", "arq", "rq", "django-redis", "celery-redbeat", "aioredis", "valkey"},
}


def look(root: Path) -> Draft:
    """Return what the files of a project say; without programs and sites where nothing does."""
    draft = Draft()
    for read in READERS:
        read(root, draft)
        if draft.programs:
            break
    if not draft.programs:
        _bare(root, draft)
    for program in list(draft.programs):
        _complete(root, draft, program)
    _publish(draft)
    return draft


def _bare(root: Path, draft: Draft) -> None:
    """Without a file that says what runs, each folder that can be built is a program."""
    places = (
        [root]
        if folders.is_buildable(root)
        else [one for one in folders.within(root) if folders.is_buildable(one)]
    )
    for place in places:
        where = str(place.relative_to(root.resolve())) if place != root else "."
        alone = "web" if python.read(place).is_web or place == root else "app"
        name = noun_name(place.name if place != root else alone)
        program = Program(name=name, source=where, context=where, open=True)
        draft.programs.append(program)
        draft.sources.append(f"the sources in `{where}`")


def _complete(root: Path, draft: Draft, program: Program) -> None:
    """Add what the folder of a program says: how it is built, started, and asked for health."""
    if program.image:
        return
    folder = folders.choose(root, program)
    if not folder.build:
        draft.leave(f"{program.source}: `{program.name}`: {folder.note}")
        draft.programs.remove(program)
        return
    place = root / folder.sources
    if folder.note:
        draft.leave(f"{program.source}: `{program.name}`: {folder.note}")
    program.context = folder.build
    context, own = root / folder.build, folder.dockerfile
    special = own is not None and own.resolve() != (context / "Dockerfile").resolve()
    program.dockerfile = os.path.relpath(own, context) if own and special else ""
    image = dockerfile.read(folder.dockerfile) if folder.dockerfile else dockerfile.Dockerfile()
    if _is_site(draft, program, folder.sources, node.read(place)):
        return
    if any(
        (place / name).is_file()
        for name in ("requirements.txt", "pyproject.toml", "Pipfile.lock", "setup.py", "manage.py")
    ):
        _python(draft, program, place, image)
    elif not is_worker(program) and not program.schedule:
        _other(draft, program, place, image)
    program.health = program.health or image.health


def _is_site(draft: Draft, program: Program, build: str, found: node.Project | None) -> bool:
    if found is None or not found.output:
        return False
    draft.programs.remove(program)
    draft.sites.append(
        Site(
            name=program.name,
            source=program.source,
            build=build,
            output=found.output,
            command=["sh", "-c", found.build],
        )
    )
    for name in program.values:
        if name.startswith(("VITE_", "REACT_APP_", "NEXT_PUBLIC_")):
            draft.leave(
                f"{program.source}: `{program.name}`: {name} is read when the site is "
                "built; call the API at the site's own address (`routes`)"
            )
    return True


def is_worker(program: Program) -> bool:
    """Say whether a program waits for work and not for requests, by its name or command."""
    line = program.command if isinstance(program.command, str) else " ".join(program.command)
    flower = "flower" in line
    return not flower and bool(_WORKER.search(f"{program.name.replace('-', ' ')} {line}"))


def _python(draft: Draft, program: Program, place: Path, image: dockerfile.Dockerfile) -> None:
    project = python.read(place)
    served = program.port or _port_of(program.command) or image.port
    worker = (is_worker(program) and not program.open) or bool(program.schedule)
    if not worker and (project.is_web or program.open):
        program.port = served or commands.port(project) or commands.WEB_PORT
        program.health = program.health or commands.health(project)
        if not program.command and not image.has_command:
            program.command = commands.web(project, program.port)
            program.comments["command"] = "by what the sources import"
    elif not worker and not program.command and not image.has_command:
        program.command = f"python {project.main}" if project.main else commands.celery(project)
    if not program.command and not image.has_command:
        program.command = f"python {project.main or 'main.py'}"
        program.comments["command"] = "a guess: nothing here says what to run"
    if not program.values and not program.secrets:
        _read_names(draft, program, project, place)
    _data(draft, project)
    if program.source not in ("fly.toml", "Procfile") and "compose" not in program.source:
        _celery(draft, program, project)
    if project.django and program.port and not program.migrate:
        program.migrate = "python manage.py migrate --noinput"
    elif (place / "alembic.ini").is_file() and program.port and not program.migrate:
        program.migrate = "alembic upgrade head"


def _other(draft: Draft, program: Program, place: Path, image: dockerfile.Dockerfile) -> None:
    """A Node program, or one that only its Dockerfile describes."""
    found = node.read(place)
    program.port = program.port or image.port or (commands.NODE_PORT if found else None)
    if found and not image.has_command and not program.command and not found.starts:
        draft.leave(f"`{program.name}`: package.json has no `start` script")
    if not program.values and not program.secrets:
        _read_names(draft, program, python.Project(), place)


def _port_of(command: str | list[str]) -> int | None:
    line = command if isinstance(command, str) else " ".join(command)
    found = re.search(
        r"(?:--(?:server[.-])?port[= ]|(?:-b|--bind)[= ]\S*:|-p[= ])(\d{2,5})\b|"
        r"\b0\.0\.0\.0:(\d{2,5})\b",
        line,
    )
    return int(found[1] or found[2]) if found else None


def _read_names(draft: Draft, program: Program, project: python.Project, place: Path) -> None:
    """Without variables in a manifest: those that the sources read and `.env` files name."""
    file, names = dotenv.nearest(place)
    program.values |= dict.fromkeys(names)
    for name in project.names:
        if variables.is_secret(name):
            program.values.setdefault(name, None)
    if file and file not in draft.sources:
        draft.sources.append(f"the names in {file}")


def _data(draft: Draft, project: python.Project) -> None:
    """Without data in a manifest: what the drivers among the requirements speak to."""
    if any("compose" in source for source in draft.sources):
        return
    known = {data.kind for data in draft.data}
    for kind, drivers in _DATABASES.items():
        if drivers & project.dependencies and kind not in known:
            if kind == "mysql" and "postgres" in {d.kind for d in draft.data}:
                continue
            draft.store(kind, "the requirements")  # type: ignore[arg-type]  # keys of _DATABASES
    if {"pymongo", "motor", "mongoengine", "beanie"} & project.dependencies:
        draft.leave(
            "MongoDB (its driver is required): Seatrial has none; give its address as a secret"
        )


def _celery(draft: Draft, program: Program, project: python.Project) -> None:
    command = commands.celery(project)
    workers = [p for p in draft.programs if is_worker(p)]
    if command and project.is_web and not workers:
        draft.programs.append(
            Program(
                name="worker",
                source="imports of Celery",
                command=command,
                context=program.context,
                values=dict(program.values),
            )
        )


def _publish(draft: Draft) -> None:
    """Give the internet's paths out: `/` to a front end, `/api` and names to the others."""
    shown = [p for p in draft.programs if p.open and p.port and not is_worker(p)]
    if not shown and not draft.sites:
        shown = [p for p in draft.programs if p.port and not is_worker(p)][:1]
    paths = {p.path for p in shown if p.path}
    free = [p for p in shown if not p.path]
    free.sort(key=lambda p: not _FRONT.search(p.name))
    for program in free:
        wanted = ["/"] if not draft.sites and "/" not in paths else []
        wanted += ["/api", f"/{program.name}"]
        program.path = next(path for path in wanted if path not in paths)
        paths.add(program.path)
