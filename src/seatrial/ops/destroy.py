"""Destroy: everything of an environment, after a last copy of its data; and the proof.

Databases leave a final snapshot each, buckets an export (unless that was refused). A part that
fails does not stop the others; the inventory by tag says what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.cloud import databases, interfaces, inventory, objects, services, storage
from seatrial.cloud.inventory import Thing
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import cost, pause
from seatrial.ops.backup import stamp
from seatrial.ops.release import record
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.resources.catalog import graph
from seatrial.resources.context import Context
from seatrial.target import Target
from seatrial.terraform.document import documents


@dataclass(frozen=True)
class DestroyReport:
    """How a destroy ended; ``left`` still exists, ``retained`` was kept on purpose.

    ``unseen`` are kinds that these credentials may not list: of them nothing is known.
    """

    left: tuple[Thing, ...]
    retained: tuple[str, ...]
    problems: tuple[Problem, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Return whether nothing is left of what could be listed."""
        return not self.left and not self.problems

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "result": "destroyed" if self.gone else "failed",
            "release": None,
            "steps": [{"name": n, "seconds": s} for n, s in self.seconds.items()],
            "cause": self.problems[0].as_json() if self.problems else None,
            "left": [thing.__dict__ for thing in self.left],
            "retained": list(self.retained),
            "unseen": list(self.unseen),
            "next": [] if self.gone else ["seatrial destroy"],
        }


@dataclass(frozen=True)
class Loss:
    """What a destroy would take away."""

    databases: tuple[str, ...]
    buckets: dict[str, tuple[int, int]]  # objects and bytes by the bucket's name
    things: tuple[Thing, ...]
    monthly: float  # dollars that what serves costs


def loss(app: App, target: Target) -> Loss:
    """Return what a destroy would take away; changes nothing."""
    session = Session(target)
    things = inventory.find(session, app.app, app.environment)
    served = record.serving(session, app.app)
    return Loss(
        tuple(thing.name for thing in things if thing.kind == "database"),
        {t.name: objects.size(session, t.name) for t in things if t.kind == "bucket"},
        tuple(things),
        cost.estimate(record.app_of(served, app.environment) if served else app).monthly,
    )


def destroy(app: App, place: Destination, export: Path | None, emit: Emit) -> DestroyReport:
    """Destroy an environment; ``export`` is where its buckets' objects go, None for nowhere.

    What fails is in the report's problems; another call goes on where this one stopped.
    """
    with locked_operation(app, place, "seatrial destroy", emit) as work:
        problems: list[Problem] = []
        served = work.serving
        if served is not None:
            work.app = record.app_of(served, app.environment)
            work.values["images"] = served.images
        pause.wake(work, tasks=False)  # RDS changes no instance that is stopped
        retained = _keep(work, export)
        whole = graph(work.app)
        work.roots.graph = whole
        bodies = documents(whole)
        for name, parts in _parts(work, bodies, retained):
            with work.steps.step(name), ThreadPoolExecutor(len(parts)) as pool:
                problems += _ended(work, [pool.submit(part) for part in parts])
        found = inventory.look(work.session, app.app, app.environment)
        if not found.things and not problems:
            _forget(work)
        retained += (name for name in _snapshots(work) if name not in retained)
        seconds = work.steps.seconds
        return DestroyReport(found.things, tuple(retained), tuple(problems), seconds, found.unseen)


def _snapshots(work: Operation) -> tuple[str, ...]:
    return inventory.retained(work.session, work.app.app, work.app.environment)


def _ended(work: Operation, parts: list[Future[None]]) -> list[Problem]:
    """Wait for parts of the work, each to its end, interrupted or not.

    A second interruption is passed on to Terraform.
    """
    problems: list[Problem] = []
    interruptions: list[KeyboardInterrupt] = []
    left = list(parts)
    while left:
        try:
            left[0].result()
            left.pop(0)
        except UserError as error:
            problems += error.problems
            left.pop(0)
        except KeyboardInterrupt as error:
            interruptions.append(error)
            if len(interruptions) > 1:
                work.roots.interrupt()
    if interruptions:
        raise interruptions[0]
    return problems


def _keep(work: Operation, export: Path | None) -> list[str]:
    """Export the buckets, unless that was refused; nothing is destroyed where it fails."""
    retained: list[str] = []
    if export is None:
        return retained
    with work.steps.step("export"):
        there = inventory.find(work.session, work.app.app, work.app.environment)
        for noun in sorted(work.app.buckets):
            name = work.bucket(noun)
            if Thing("bucket", name) in there:
                count = objects.export(work.session, name, export / noun)
                retained.append(f"{count} objects of {noun} in {export / noun}")
    return retained


def _parts(
    work: Operation, bodies: dict[Any, dict[str, Any]], retained: list[str]
) -> list[tuple[str, list[Callable[[], None]]]]:
    """Return the parts of the work, in the order that dependencies ask for; those that stand in
    one list need not wait for each other.
    """
    ending = stamp()
    values = {"teardown": True, "final_snapshot": ending}
    foundation = bodies["foundation"]

    def release() -> None:
        if work.roots.held("release") or work.roots.cut_off("release"):
            work.roots.destroy("release", bodies["release"], _release_values(work))
        services.clear(work.session, work.cluster)
        services.forget_definitions(work.session, f"{Context(work.app).prefix}-")

    def beside() -> None:
        """What a restore left beside is in no state."""
        known = {Context(work.app).name("database", noun) for noun in work.app.databases}
        for found in databases.tagged(work.session, work.app.app, work.app.environment):
            if found.identifier not in known:
                databases.delete(work.session, found.identifier, f"{found.identifier}-{ending}")
                retained.append(f"database snapshot {found.identifier}-{ending}")

    def protections() -> None:
        if work.roots.held("foundation"):
            work.roots.terraform("foundation", foundation, values).apply()

    def everything() -> None:
        names = [a for a in work.roots.held("foundation") if a.startswith("aws_db_instance.")]
        try:
            work.roots.destroy("foundation", foundation, values)
        except UserError:
            if not interfaces.wait_released(work.session, work.app.app, work.app.environment):
                raise
            work.emit(Note("AWS has taken its network interfaces away: the rest goes now"))
            work.roots.destroy("foundation", foundation, values)
        nouns = sorted(name.partition(".")[2] for name in names)
        full = Context(work.app).name
        retained.extend(f"database snapshot {full('database', noun)}-{ending}" for noun in nouns)

    return [
        ("release", [release, beside, protections]),
        ("foundation", [everything]),
    ]


def _release_values(work: Operation) -> dict[str, Any]:
    """A release that never came to be has no images; its variables must still be there."""
    nothing = "none@sha256:" + "0" * 64
    images = work.values.get("images") or dict.fromkeys(graph(work.app).builds, nothing)
    return {**work.values, "images": images}


def _forget(work: Operation) -> None:
    """Remove records and states of what is gone, so that the next deploy is a first one.

    The bucket is versioned: what was written stays there as old versions.
    """
    prefix = f"{work.app.app}/{work.app.environment}/"
    for key in storage.keys(work.session, prefix):
        if not key.endswith("/deploy.lock"):
            storage.remove(work.session, key)
    work.emit(Note("deleted records and state; the state bucket keeps their old versions"))
