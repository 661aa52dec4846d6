"""Deploy: expand, build, fill, migrate, release, wait, contract; one record at its end.

The same pipeline for AWS and for a rehearsal: only the target's values differ. What served before
keeps serving until the new release is healthy; a release that fails is rolled back whole.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.cloud import objects, storage
from seatrial.engine import git
from seatrial.errors import BrokenError, Problem, UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import (
    breaking_changes,
    composing,
    database_logins,
    delegation,
    files,
    ingestion,
    migrate,
    pause,
    secret_generation,
    sites,
    smoke,
    upgrade,
)
from seatrial.ops.backup import stamp
from seatrial.ops.images import builds, tags
from seatrial.ops.images.builds import Builder, Built
from seatrial.ops.release import lock, record, stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.ops.release.record import Record
from seatrial.resources.catalog import HOLDS, graph, holds_data
from seatrial.resources.graph import Graph, union
from seatrial.schemas import check
from seatrial.terraform.document import documents

Line = Callable[[str], int | None]
TASKS = "aws_ecs_task_definition"


@dataclass(frozen=True)
class Leaving:
    """A database or bucket that leaves; ``export`` is where objects go, None for nowhere."""

    noun: str
    export: Path | None = None


@dataclass(frozen=True)
class Options:
    """What a deploy needs beside app and target."""

    folder: Path
    builder: Builder
    source: secret_generation.Source
    command: str = "seatrial deploy"
    line: Line = lambda _: None
    leaving: Leaving | None = None


@dataclass(frozen=True)
class DeployReport:
    """How a deploy ended; ``seconds`` is wall time by step."""

    release: int
    services: tuple[str, ...]
    seconds: dict[str, float]
    result: str = "serving"
    address: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "result": self.result,
            "release": self.release,
            "address": self.address,
            "steps": [{"name": n, "seconds": s} for n, s in self.seconds.items()],
            "cause": None,
            "next": ["seatrial status", "seatrial logs"],
        }


@dataclass(frozen=True)
class Made:
    """What a release is made of: its number, its document, where its code comes from."""

    number: int
    document: dict[str, Any]
    commit: str = ""
    migrations: dict[str, str] = field(default_factory=dict)
    breaks: list[str] = field(default_factory=list)
    sites: dict[str, str] = field(default_factory=dict)


def deploy(app: App, place: Destination, options: Options, emit: Emit) -> DeployReport:
    """Deploy an app; raises UserError with the cause where it does not come to serve."""
    with locked_operation(app, place, options.command, emit) as work:
        work.app = tags.pinned(app, work.session, emit)
        return _run(work, options)


def _run(work: Operation, options: Options) -> DeployReport:
    wanted = graph(work.app, options.line)
    check.refuse(wanted)
    pause.wake(work)
    made = _made(work, wanted, options.folder)
    with ThreadPoolExecutor(3) as pool:
        folder, builder = options.folder, options.builder
        building = pool.submit(builds.build, work.app, folder, builder, work.session)
        finished = work.session.target.folder / "sites"
        siting = pool.submit(sites.build, work.app, folder, finished)
        connecting = pool.submit(work.roots.connect, "release", documents(wanted)["release"])
        sites.await_failure(siting, work.app)
        expanded = _expanded(work, wanted, options.leaving, options.folder)
        work.roots.graph = expanded
        delegation.delegate(work, expanded, documents(expanded)["foundation"])
        upgrade.upgrade(work, expanded)
        with work.steps.step("foundation"):
            work.roots.apply("foundation", documents(expanded)["foundation"], {})
        work.values = {"foundation": work.roots.outputs(), "wait": False}
        with work.steps.step("images"):
            _images(work, building.result())
            made = replace(made, sites=sites.upload(work, siting.result()))
            connecting.result()
    with work.steps.step("secrets"):
        changed = files.sync(work, options.folder)
        restart = _unseen(work, _fill(work, options.source) | changed)
        ingestion.start(work, changed)
    try:
        _release(work, wanted, made, restart=restart)
    except UserError as error:
        save(work, made, "failed")
        put_back(work, error)
        raise
    save(work, made, "serving")
    if restart:
        storage.remove(work.session, _unseen_key(work))
    if expanded.root("foundation") != wanted.root("foundation"):
        with work.steps.step("contract"):
            if options.leaving:
                _let_go(work, expanded, options.leaving)
            work.roots.apply("foundation", documents(wanted)["foundation"], {})
    address = smoke.address(work.app, work.session.target, work.values["foundation"])
    names = tuple(sorted(work.app.services))
    return DeployReport(made.number, names, work.steps.seconds, address=address)


def _made(work: Operation, wanted: Graph, folder: Path) -> Made:
    now = breaking_changes.files(work.app, folder)
    before = work.serving.migrations if work.serving else now
    breaks = breaking_changes.new(folder, before, now)
    for text in breaks:
        why = "the release that serves works with the new database while tasks are replaced"
        work.emit(Note(f"{text}: {why}", warning=True))
    body = documents(wanted)["release"]
    return Made(work.next_number(), body, git.commit(folder), now, breaks)


def _expanded(work: Operation, wanted: Graph, leaving: Leaving | None, folder: Path) -> Graph:
    if work.serving is None:
        return wanted
    served = record.app_of(work.serving, work.app.environment)
    _refuse_stranger(work, work.serving, served, folder)
    before = graph(served)
    _refuse_loss(before, wanted, leaving)
    return union(before, wanted)


def _refuse_stranger(work: Operation, serving: Record, served: App, folder: Path) -> None:
    """Another project under the same name would have its services replaced by this one's."""
    alike = served.services.keys() & work.app.services.keys() or not served.services
    if alike or not git.strange(folder, serving.commit):
        return
    raise UserError.of(
        "deploy-stranger",
        f"another project is called {work.app.app} in {work.app.environment}: its services are "
        f"{', '.join(sorted(served.services))}, made of commit {serving.commit[:12]}, which this "
        "repository does not know",
        "Give this app another name (`app:`).",
        "app",
    )


def _refuse_loss(before: Graph, wanted: Graph, leaving: Leaving | None) -> None:
    """A database or bucket that is no longer in the app file is never withdrawn by a deploy."""
    lost = [
        r
        for r in before.root("foundation")
        if holds_data(r) and r.address not in wanted.by_address
        if leaving is None or r.name != leaving.noun
    ]
    if lost:
        raise UserError(
            *(
                Problem(
                    "deploy-would-lose",
                    f"`{r.noun}` is no longer in the app file, and it holds data",
                    f"Restore it in the app file, or remove it: `seatrial remove ENV "
                    f"{r.name}`. In a "
                    "rehearsal, use `down` and then `up --fresh` to start empty.",
                    r.noun,
                )
                for r in lost
            )
        )


def _let_go(work: Operation, expanded: Graph, leaving: Leaving) -> None:
    """Switch off what protects one noun, after a copy of its objects; its end is the next apply."""
    types = [type_ for type_ in HOLDS if (type_, leaving.noun) in expanded.by_address]
    if "aws_s3_bucket" in types and leaving.export is not None:
        objects.export(work.session, work.bucket(leaving.noun), leaving.export)
    targets = tuple(f"{type_}.{leaving.noun}" for type_ in types)
    values = {"teardown": True, "final_snapshot": stamp()}
    body = documents(expanded)["foundation"]
    work.roots.terraform("foundation", body, values).apply(targets=targets)


def _images(work: Operation, built: dict[str, Built]) -> None:
    outputs = work.values["foundation"]
    urls = {name: outputs[f"ecr_repository_{name}"]["repository_url"] for name in built}
    work.values["images"] = builds.push(work.session, built, urls)
    for note in dict.fromkeys(note for image in built.values() for note in image.notes):
        work.emit(Note(note))


def _fill(work: Operation, source: secret_generation.Source) -> set[str]:
    """Fill secrets and rotate passwords; returns the databases whose password changed."""
    arns = {
        noun: work.secret(noun) for noun, secret in work.app.secrets.items() if not secret.existing
    }
    secret_generation.secret_values(work.session, work.app, arns, source, work.emit)
    changed = {noun for noun in sorted(work.app.databases) if database_logins.rotate(work, noun)}
    composing.compose(work, work.app)
    return changed


def _unseen(work: Operation, changed: set[str]) -> set[str]:
    """Return the nouns whose values changed and that no release which serves has taken up yet.

    They are written down: a deploy that fails or is killed after this leaves them to the next one.
    """
    key = _unseen_key(work)
    before = (storage.read_json(work.session, key) or {}).get("nouns", [])
    found = changed | set(before)
    if found - set(before):
        body = json.dumps({"nouns": sorted(found)}).encode()
        storage.write(work.session, key, body)
    return found


def _unseen_key(work: Operation) -> str:
    return f"{work.app.app}/{work.app.environment}/changed-values.json"


def _release(work: Operation, wanted: Graph, made: Made, *, restart: set[str]) -> None:
    body = made.document
    migrating = [n for n, s in sorted(work.app.services.items()) if s.migrate]
    if migrating and _migration_due(work):
        with work.steps.step("migrate"):
            targets = tuple(f"aws_ecs_task_definition.{name}_migrate" for name in migrating)
            work.roots.apply("release", body, work.values, targets=targets)
            migrate.every(work, wanted, migrating)
    before = stability.deployments(work)
    with work.steps.step("release"):
        changed = work.roots.apply("release", body, work.values)
        replaced = {name for name in work.app.services if f"{TASKS}.{name}" in changed}
        migrate.restart(work.session, work.app, work.cluster, restart, replaced=replaced)
    if work.app.services:
        stability.steady(work, sorted(work.app.services), before)
    sites.activate(work, made.sites, work.serving.sites if work.serving else {})
    smoke.smoke(work)


def _migration_due(work: Operation) -> bool:
    """A migration runs once per release: when its code or its command is not the serving one's."""
    if work.serving is None or work.serving.images != work.values["images"]:
        return True
    before = record.app_of(work.serving, work.app.environment)
    return {n: s.migrate for n, s in before.services.items()} != {
        n: s.migrate for n, s in work.app.services.items()
    }


def save(work: Operation, made: Made, result: str, *, back_to: int = 0) -> None:
    """Write the record of a release that was made now."""
    found = Record(
        number=made.number,
        result=result,
        app=work.app.model_dump(mode="json", by_alias=True),
        document=made.document,
        images=work.values.get("images", {}),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=work.steps.seconds,
        back_to=back_to,
        commit=made.commit,
        who=f"{lock.user()}@{socket.gethostname()}",
        migrations=made.migrations,
        breaks=made.breaks,
        sites=made.sites,
    )
    record.save(work.session, work.app.app, found)


def put_back(work: Operation, error: UserError) -> None:
    """Apply the serving record's release again: routes and siblings go back with the code."""
    if work.serving is None:
        return
    values = work.values | {"images": work.serving.images}
    names = sorted(work.serving.app["services"])
    try:
        with work.steps.step("roll back"):
            work.roots.apply("release", work.serving.document, values)
            stability.wait(work.session, work.app, work.cluster, names, work.emit, put_back=True)
        served = {n: d for n, d in work.serving.sites.items() if n in work.app.sites}
        sites.activate(work, served, served)
    except UserError as second:
        raise BrokenError(*error.problems, *second.problems) from second
    work.emit(Note(f"release {work.serving.number} serves, as before"))
