"""Deploy: expand, build, fill, migrate, release, wait, contract; one record at its end.

The same pipeline for AWS and for a rehearsal: only the target's values differ. What served before
keeps serving until the new release is healthy; a release that fails is put back whole.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.errors import BrokenError, Problem, UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import fill, images, migrate, record, settle
from seatrial.ops.images import Builder, Built
from seatrial.ops.record import Record
from seatrial.ops.work import Place, Work, opened
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, union
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


def deploy(app: App, place: Place, options: Options, emit: Emit) -> DeployReport:
    """Deploy an app; raises UserError with the cause where it does not come to serve."""
    with opened(app, place, options.command, emit) as work:
        return _run(work, options)


def _run(work: Work, options: Options) -> DeployReport:
    wanted = graph(work.app, options.line)
    number = work.next_number()
    with ThreadPoolExecutor(2) as pool:
        building = pool.submit(images.build, work.app, options.folder, options.builder)
        connecting = pool.submit(work.roots.connect, "release", documents(wanted)["release"])
        expanded = _expanded(work, wanted)
        with work.steps.step("foundation"):
            work.roots.apply("foundation", documents(expanded)["foundation"], {})
        work.values = {"foundation": work.roots.outputs(), "wait": False}
        with work.steps.step("images"):
            _images(work, building.result())
            connecting.result()
    with work.steps.step("secrets"):
        restart = _fill(work, options.source)
    body = documents(wanted)["release"]
    try:
        _release(work, wanted, body, restart=restart)
    except UserError as error:
        save(work, number, "failed", body)
        put_back(work, error)
        raise
    if expanded.root("foundation") != wanted.root("foundation"):
        with work.steps.step("contract"):
            work.roots.apply("foundation", documents(wanted)["foundation"], {})
    save(work, number, "serving", body)
    return DeployReport(number, tuple(sorted(work.app.services)), work.steps.seconds)


def _expanded(work: Work, wanted: Graph) -> Graph:
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


def _images(work: Work, built: dict[str, Built]) -> None:
    outputs = work.values["foundation"]
    urls = {name: outputs[f"ecr_repository_{name}"]["repository_url"] for name in built}
    work.values["images"] = images.push(work.session, built, urls)
    for note in dict.fromkeys(note for image in built.values() for note in image.notes):
        work.emit(Note(note))


def _fill(work: Work, source: fill.Source) -> set[str]:
    """Fill secrets and rotate passwords; returns the databases whose password changed."""
    arns = {noun: work.secret(noun) for noun in work.app.secrets}
    fill.secret_values(work.session, work.app, arns, source, work.emit)
    return {
        noun
        for noun in sorted(work.app.databases)
        if fill.database_password(work.session, work.identifier(noun), work.secret(noun))
    }


def _release(work: Work, wanted: Graph, body: dict[str, Any], *, restart: set[str]) -> None:
    migrating = [n for n, s in sorted(work.app.services.items()) if s.migrate]
    if migrating and _migration_due(work):
        with work.steps.step("migrate"):
            targets = tuple(f"aws_ecs_task_definition.{name}_migrate" for name in migrating)
            work.roots.apply("release", body, work.values, targets=targets)
            migrate.every(work, wanted, migrating)
    with work.steps.step("release"):
        applied = work.roots.apply("release", body, work.values)
    if restart and not applied:
        migrate.restart(work.session, work.app, work.cluster, restart)
    if work.app.services:
        settle.steady(work, sorted(work.app.services))


def _migration_due(work: Work) -> bool:
    """A migration runs once per release: when its code or its command is not the serving one's."""
    if work.serving is None or work.serving.images != work.values["images"]:
        return True
    before = record.app_of(work.serving, work.app.environment)
    return {n: s.migrate for n, s in before.services.items()} != {
        n: s.migrate for n, s in work.app.services.items()
    }


def save(work: Work, number: int, result: str, body: dict[str, Any], *, back_to: int = 0) -> None:
    """Write the record of a release that was made now."""
    made = Record(
        number,
        result,
        work.app.model_dump(mode="json", by_alias=True),
        body,
        work.values.get("images", {}),
        datetime.now(UTC).isoformat(timespec="seconds"),
        work.steps.seconds,
        back_to,
    )
    record.save(work.session, work.app.app, made)


def put_back(work: Work, error: UserError) -> None:
    """Apply the serving record's release again: routes and siblings go back with the code."""
    if work.serving is None:
        return
    values = work.values | {"images": work.serving.images}
    names = sorted(work.serving.app["services"])
    try:
        with work.steps.step("put back"):
            work.roots.apply("release", work.serving.document, values)
            settle.wait(work.session, work.app.app, work.cluster, names, work.emit, put_back=True)
    except UserError as second:
        raise BrokenError(*error.problems, *second.problems) from second
    work.emit(Note(f"release {work.serving.number} serves, as before"))
