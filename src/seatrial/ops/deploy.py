"""Deploy: expand, build, fill, migrate, release, wait, contract; one record at its end.

The same pipeline for AWS and for a rehearsal: only the target's values differ. What served before
keeps serving until the new release is healthy; a release that fails is put back whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.engine import provider, quick_provider
from seatrial.errors import BrokenError, Problem, UserError
from seatrial.events import Emit, Note, StepEnded, StepStarted
from seatrial.model.app import App
from seatrial.ops import fill, images, lock, migrate, record, settle
from seatrial.ops.images import Builder, Built
from seatrial.ops.record import Record
from seatrial.ops.roots import Roots
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, union
from seatrial.target import Target
from seatrial.terraform.document import documents

Line = Callable[[str], int | None]


@dataclass(frozen=True)
class Options:
    """What a deploy needs beside app and target."""

    folder: Path
    builder: Builder
    source: fill.Source
    command: str = "seatrial deploy"
    line: Line = lambda _: None


@dataclass(frozen=True)
class DeployReport:
    """How a deploy ended; ``seconds`` is wall time by step."""

    release: int
    services: tuple[str, ...]
    seconds: dict[str, float]
    result: str = "serving"

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "result": self.result,
            "release": self.release,
            "steps": [{"name": n, "seconds": s} for n, s in self.seconds.items()],
            "cause": None,
            "next": ["seatrial status", "seatrial logs"],
        }


@dataclass
class Steps:
    """Named parts of the work, timed and told."""

    emit: Emit
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell a step's beginning and end; a step that fails has no end."""
        self.emit(StepStarted(name))
        begin = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begin, 2)
        self.emit(StepEnded(name, self.seconds[name]))


@dataclass
class _Work:
    """One deploy while it runs."""

    app: App
    session: Session
    options: Options
    roots: Roots
    steps: Steps
    emit: Emit
    serving: Record | None
    values: dict[str, Any] = field(default_factory=dict)


def deploy(app: App, target: Target, options: Options, emit: Emit) -> DeployReport:
    """Deploy an app; raises UserError with the cause where it does not come to serve."""
    session, steps = Session(target), Steps(emit)
    storage.ensure_bucket(session)
    target.folder.mkdir(parents=True, exist_ok=True)
    with lock.held(session, app.app, options.command), _provider(target, emit) as reattach:
        roots = Roots(session, app.app, emit, reattach)
        work = _Work(app, session, options, roots, steps, emit, record.serving(session, app.app))
        return _run(work)


@contextmanager
def _provider(target: Target, emit: Emit) -> Iterator[str | None]:
    if not target.quick_provider:
        yield None
        return
    environment = provider.environment(target.folder) | target.variables
    with quick_provider.running(provider.binary(), environment, target.folder) as (value, note):
        if value is None:
            emit(Note(note))
        yield value


def _run(work: _Work) -> DeployReport:
    wanted = graph(work.app, work.options.line)
    number = record.last_number(work.session, work.app.app) + 1
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(images.build, work.app, work.options.folder, work.options.builder)
        expanded = _expanded(work, wanted)
        with work.steps.step("foundation"):
            work.roots.apply("foundation", documents(expanded)["foundation"], {})
        work.values = {"foundation": work.roots.outputs(), "wait": False}
        with work.steps.step("images"):
            _images(work, building.result())
    with work.steps.step("secrets"):
        restart = _fill(work)
    body = documents(wanted)["release"]
    try:
        _release(work, wanted, body, restart=restart)
    except UserError as error:
        _save(work, number, "failed", body)
        _put_back(work, error)
        raise
    if expanded.root("foundation") != wanted.root("foundation"):
        with work.steps.step("contract"):
            work.roots.apply("foundation", documents(wanted)["foundation"], {})
    _save(work, number, "serving", body)
    return DeployReport(number, tuple(sorted(work.app.services)), work.steps.seconds)


def _expanded(work: _Work, wanted: Graph) -> Graph:
    if work.serving is None:
        return wanted
    before = graph(record.app_of(work.serving, work.app.environment))
    _refuse_loss(before, wanted)
    return union(before, wanted)


def _refuse_loss(before: Graph, wanted: Graph) -> None:
    """A database or bucket that is no longer in the app file is never withdrawn by a deploy."""
    lost = [
        r
        for r in before.root("foundation")
        if r.type in ("aws_db_instance", "aws_s3_bucket") and r.address not in wanted.by_address
    ]
    if lost:
        raise UserError(
            *(
                Problem(
                    "deploy-would-lose",
                    f"`{r.noun}` is no longer in the app file, and it holds data",
                    "Put it back. In a rehearsal, `down` and then `up --fresh` begins anew.",
                    r.noun,
                )
                for r in lost
            )
        )


def _images(work: _Work, built: dict[str, Built]) -> None:
    outputs = work.values["foundation"]
    urls = {name: outputs[f"ecr_repository_{name}"]["repository_url"] for name in built}
    work.values["images"] = images.push(work.session, built, urls)
    for note in dict.fromkeys(note for image in built.values() for note in image.notes):
        work.emit(Note(note))


def _fill(work: _Work) -> set[str]:
    """Fill secrets and rotate passwords; returns the databases whose password changed."""
    outputs = work.values["foundation"]

    def arn(noun: str) -> str:
        return str(outputs[f"secretsmanager_secret_{noun}"]["arn"])

    arns = {noun: arn(noun) for noun in work.app.secrets}
    fill.secret_values(work.session, work.app, arns, work.options.source, work.emit)
    changed = set()
    for noun in sorted(work.app.databases):
        identifier = str(outputs[f"db_instance_{noun}"]["identifier"])
        if fill.database_password(work.session, identifier, arn(noun)):
            changed.add(noun)
    return changed


def _release(work: _Work, wanted: Graph, body: dict[str, Any], *, restart: set[str]) -> None:
    migrating = [n for n, s in sorted(work.app.services.items()) if s.migrate]
    if migrating and _migration_due(work):
        with work.steps.step("migrate"):
            targets = tuple(f"aws_ecs_task_definition.{name}_migrate" for name in migrating)
            work.roots.apply("release", body, work.values, targets=targets)
            for name in migrating:
                migrate.run(work.session, wanted, name, work.values["foundation"], work.emit)
    with work.steps.step("release"):
        applied = work.roots.apply("release", body, work.values)
    with work.steps.step("services"):
        if work.app.services:
            cluster = str(work.values["foundation"]["ecs_cluster_main"]["name"])
            if restart and not applied:
                migrate.restart(work.session, work.app, cluster, restart)
            settle.wait(work.session, work.app.app, cluster, sorted(work.app.services), work.emit)


def _migration_due(work: _Work) -> bool:
    """A migration runs once per release: when its code or its command is not the serving one's."""
    if work.serving is None or work.serving.images != work.values["images"]:
        return True
    before = record.app_of(work.serving, work.app.environment)
    return {n: s.migrate for n, s in before.services.items()} != {
        n: s.migrate for n, s in work.app.services.items()
    }


def _save(work: _Work, number: int, result: str, body: dict[str, Any]) -> None:
    made = Record(
        number,
        result,
        work.app.model_dump(mode="json", by_alias=True),
        body,
        work.values.get("images", {}),
        datetime.now(UTC).isoformat(timespec="seconds"),
        work.steps.seconds,
    )
    record.save(work.session, work.app.app, made)


def _put_back(work: _Work, error: UserError) -> None:
    """Apply the serving record's release again: routes and siblings go back with the code."""
    if work.serving is None:
        return
    values = work.values | {"images": work.serving.images}
    try:
        with work.steps.step("put back"):
            work.roots.apply("release", work.serving.document, values)
            cluster = str(work.values["foundation"]["ecs_cluster_main"]["name"])
            settle.wait(
                work.session,
                work.app.app,
                cluster,
                sorted(work.serving.app["services"]),
                work.emit,
                put_back=True,
            )
    except UserError as second:
        raise BrokenError(*error.problems, *second.problems) from second
    work.emit(Note(f"release {work.serving.number} serves, as before"))
