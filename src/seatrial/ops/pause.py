"""Pause and resume: services without tasks, databases stopped; what is stored stays.

What was paused is known from AWS itself (no task is wanted, an instance is stopped), so that a
deploy, a rollback and a destroy start it again whoever stopped it. A note beside the state says
who paused and since when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seatrial.cloud import databases, schedules, services, stop_schedules, storage
from seatrial.cloud.session import Session
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.ops.release import lock, record, stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.ops.scale import least
from seatrial.resources import naming
from seatrial.resources.context import Context

NOTE = "paused.json"
# Lines of an estimate that end with tasks and instances: what is billed by the hour.
STOPS = ("Fargate", "public IPv4 of tasks", "db.", "Extended Support")


@dataclass(frozen=True)
class PauseReport:
    """What was stopped or started; ``saves`` and ``left`` are US dollars a month."""

    names: tuple[str, ...]
    saves: float
    left: float

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Savings:
    """What a paused month costs less, and what it still costs, in US dollars."""

    saves: float
    left: float


def savings(app: App) -> Savings:
    """Return what a month without tasks and with stopped databases saves: hours, not storage."""
    whole = cost.estimate(app)
    saves = sum(line.monthly for line in whole.lines if line.item.startswith(STOPS))
    return Savings(round(saves, 2), round(whole.monthly - saves, 2))


def pause(app: App, place: Destination, emit: Emit) -> PauseReport:
    """End every task and stop every database of what serves; raises UserError before a release.

    Jobs do not start either. RDS starts a stopped database after seven days: a schedule stops it
    again.
    """
    with locked_operation(app, place, "seatrial pause", emit) as work:
        names = list(least(work))
        with work.steps.step("tasks"):
            schedules.switch(work.session, _jobs(app), on=False)
            for name in names:
                services.scale(work.session, work.cluster, name, 0)
        _write(work)
        stability.running(work, names)
        stopped = []
        with work.steps.step("instances"):
            identifiers = _instances(work)
            if identifiers:
                mine = naming.tags(app.app, app.environment)
                stop_schedules.ensure(work.session, _names(app), identifiers, mine)
            stopped = [name for name in identifiers if databases.stop(work.session, name)]
        found = savings(record.app_of(work.served(), app.environment))
        return PauseReport((*names, *stopped), found.saves, found.left)


def resume(app: App, place: Destination, emit: Emit) -> PauseReport:
    """Start what is paused, and wait until every service runs again."""
    with locked_operation(app, place, "seatrial resume", emit) as work:
        found = savings(record.app_of(work.served(), app.environment))
        started = wake(work)
        stability.steady(work, list(least(work)))
        return PauseReport(started, found.saves, found.left)


def wake(work: Operation, *, tasks: bool = True) -> tuple[str, ...]:
    """Start stopped databases, then services that want no task, of the release that serves.

    Returns their names; without ``tasks`` services stay as they are.
    """
    if work.serving is None:
        return ()
    noted = paused(work.session, work.app.app)
    if noted:
        stop_schedules.remove(work.session, _names(work.app))
    started = [name for name in _instances(work) if databases.start(work.session, name)]
    if noted and tasks:
        schedules.switch(work.session, _jobs(work.app), on=True)
    counts = least(work)
    rows = services.describe(work.session, work.cluster, list(counts))
    empty = [row.name for row in rows if tasks and not row.desired and counts[row.name]]
    for name in empty:
        services.scale(work.session, work.cluster, name, counts[name])
    if noted:
        storage.remove(work.session, _key(work.session, work.app.app))
    if started or empty:
        work.emit(Note(f"was paused; started: {', '.join((*started, *empty))}"))
    return (*started, *empty)


def paused(session: Session, app: str) -> str:
    """Return who paused an environment and since when; empty where nobody did."""
    found = storage.read_json(session, _key(session, app))
    return f"paused since {found.get('since')} by {found.get('who')}" if found else ""


def _write(work: Operation) -> None:
    body = {"since": datetime.now(UTC).isoformat(timespec="seconds"), "who": lock.user()}
    storage.write(work.session, _key(work.session, work.app.app), json.dumps(body).encode())


def _key(session: Session, app: str) -> str:
    return f"{app}/{session.target.environment}/{NOTE}"


def _instances(work: Operation) -> list[str]:
    """Return the environment's databases, those that a restore left beside others too."""
    found = databases.tagged(work.session, work.app.app, work.app.environment)
    return sorted(instance.identifier for instance in found)


def _jobs(app: App) -> str:
    return Context(app).name("schedule")


def _names(app: App) -> stop_schedules.Names:
    context = Context(app)
    return stop_schedules.Names(
        context.name("schedule", "pause"),
        context.global_name("role", "pause"),
        f"/seatrial/{app.app}/{app.environment}/",
    )
