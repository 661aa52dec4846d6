"""Status: what runs and what fails, read from AWS's own records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from seatrial.cloud import databases, services
from seatrial.cloud.service_events import ServiceEvent
from seatrial.cloud.session import Session
from seatrial.cloud.tasks import Task, running, targets
from seatrial.model.app import App
from seatrial.ops import smoke
from seatrial.ops.other_states import OtherState, other_states
from seatrial.ops.pause import paused
from seatrial.ops.release import record
from seatrial.ops.release.causes import end
from seatrial.ops.release.operation import none_serves
from seatrial.ops.release.roots import Roots
from seatrial.resources.context import Context

RECENT = 300  # seconds within which the failure of a task is reported
LISTED = 3  # tasks of a service that failed, the newest
FAILING = 2  # tasks of one deployment that failed recently: no accident any more


@dataclass(frozen=True)
class FailedTask:
    """A task that failed; ``reason`` in ECS's words, with the exit code."""

    id: str
    reason: str
    at: datetime | None


@dataclass(frozen=True)
class ServiceStatus:
    """One service; ``healthy`` is None where nothing checks it.

    ``failures`` counts the tasks of the newest deployment that failed in the last minutes; of the
    tasks that failed, ``stopped`` has the newest ones that ECS still knows (for about an hour).
    """

    name: str
    desired: int
    running: int
    healthy: int | None
    revision: str
    deployment: str
    why: str
    failures: int = 0
    deployments: tuple[services.Deployment, ...] = ()  # the newest first
    groups: tuple[str, ...] = ()  # its target groups
    events: tuple[ServiceEvent, ...] = ()  # in ECS's words, the newest first
    tasks: tuple[Task, ...] = ()
    stopped: tuple[FailedTask, ...] = ()

    @property
    def serves(self) -> bool:
        """Return whether all its tasks run, healthy where that is checked."""
        healthy = self.healthy is None or self.healthy >= self.desired
        return self.running >= self.desired and healthy

    @property
    def well(self) -> bool:
        """Return whether it serves, and its tasks do not fail again and again."""
        return self.serves and self.failures < FAILING

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            **self.__dict__,
            "tasks": [{**t.__dict__, "started": _text(t.started)} for t in self.tasks],
            "deployments": [_deployment(d) for d in self.deployments],
            "events": [{**e.__dict__, "at": _text(e.at)} for e in self.events],
            "stopped": [{**t.__dict__, "at": _text(t.at)} for t in self.stopped],
        }


@dataclass(frozen=True)
class Incident:
    """What ECS wrote of a service, or how a task of it stopped; ``id`` is ECS's."""

    id: str
    at: datetime | None
    name: str
    text: str
    failed: bool


@dataclass(frozen=True)
class StatusReport:
    """An environment at one moment."""

    release: int | None
    services: tuple[ServiceStatus, ...]
    databases: dict[str, str]
    address: str
    failed_release: int | None = None  # the newest release, where it failed
    others: tuple[OtherState, ...] = ()
    paused: str = ""  # who paused it, and since when

    @property
    def names(self) -> list[str]:
        """Return what runs as tasks."""
        return [service.name for service in self.services]

    @property
    def groups(self) -> dict[str, str]:
        """Return whose each target group is."""
        return {group: s.name for s in self.services for group in s.groups}

    @property
    def has_data(self) -> bool:
        """Return whether there are databases."""
        return bool(self.databases)

    @property
    def incidents(self) -> list[Incident]:
        """Return what happened to tasks, in ECS's words."""
        found = [
            Incident(e.id, e.at, s.name, e.text, False) for s in self.services for e in s.events
        ]
        return found + [
            Incident(t.id, t.at, s.name, f"task {t.id[:8]} stopped: {t.reason}", failed=True)
            for s in self.services
            for t in s.stopped
        ]

    @property
    def well(self) -> bool:
        """Return whether everything that should run does."""
        return not self.problems

    @property
    def serves(self) -> bool:
        """Return whether everything runs now, whatever failed before."""
        available = all(state == "available" for state in self.databases.values())
        return available and all(service.serves for service in self.services)

    @property
    def problems(self) -> list[str]:
        """Return what does not run as it should, one sentence each."""
        found = [
            f"{s.name}: {s.running} of {s.desired} tasks running"
            + (f", {s.failures} failed in the last {RECENT // 60} min" if s.failures else "")
            + (f": {s.why}" if s.why else "")
            for s in self.services
            if not s.well
        ]
        wanted = ("available", "stopping", "stopped") if self.paused else ("available",)
        states = self.databases.items()
        found += [f"database {n} is {state}" for n, state in states if state not in wanted]
        return found + [other.sentence for other in self.others if not other.well]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "release": self.release,
            "failed_release": self.failed_release,
            "services": [s.as_json() for s in self.services],
            "databases": self.databases,
            "others": [dict(other.__dict__) for other in self.others],
            "address": self.address,
            "paused": self.paused,
        }


def status(app: App, session: Session) -> StatusReport:
    """Return what runs of an app; raises UserError where nothing of it was deployed."""
    context = Context(app)
    serving = record.serving(session, app.app)
    found = services.describe(session, context.name("service"), sorted(app.services))
    if serving is None and not found:
        raise none_serves(app)
    states = {}
    for noun in sorted(app.databases):
        instance = databases.find(session, context.name("database", noun))
        states[noun] = instance.status if instance else "missing"
    return StatusReport(
        serving.number if serving else None,
        tuple(_service(session, context, row) for row in found),
        states,
        smoke.address(app, session.target, Roots(session, app.app, lambda _: None).outputs()),
        failed_release(session, app.app),
        others=other_states(app.app, session),
        paused=paused(session, app.app),
    )


def failed_release(session: Session, app: str) -> int | None:
    """Return the number of the newest release where it failed: it is not what serves."""
    newest = record.read(session, app, record.last_number(session, app))
    return newest.number if newest and newest.result == "failed" else None


def _service(session: Session, context: Context, row: services.Service) -> ServiceStatus:
    healthy, why = None, ""
    for group in row.groups:
        count, reasons = services.healthy(session, group)
        healthy, why = count, reasons[0] if reasons else ""
    newest = row.deployments[0] if row.deployments else None
    ended = services.stopped(session, context.name("service"), row.name)
    recent = [t for t in ended if newest and t.deployment == newest.id and _is_recent(t)]
    failures = [task for task in recent if task.own or task.unhealthy]
    if failures and (row.running < row.desired or len(failures) >= FAILING):
        why = end(failures[-1])
    elif row.running < row.desired and ended:
        why = ended[-1].reason
    return ServiceStatus(
        name=row.name,
        desired=row.desired,
        running=row.running,
        healthy=healthy,
        revision=row.revision,
        deployment=newest.rollout if newest else "",
        why=why,
        failures=len(failures),
        deployments=row.deployments,
        groups=row.groups,
        events=row.events,
        tasks=_tasks(session, context.name("service"), row),
        stopped=tuple(FailedTask(t.id, end(t), t.at) for t in _failed(ended)[-LISTED:]),
    )


def _tasks(session: Session, cluster: str, row: services.Service) -> tuple[Task, ...]:
    """Return the tasks of a service, each with the state of its target."""
    states: dict[str, str] = {}
    for group in row.groups:
        states |= targets(session, group)
    found = running(session, cluster, row.name)
    return tuple(replace(task, target=states.get(task.address, "")) for task in found)


def _deployment(row: services.Deployment) -> dict[str, Any]:
    return {**row.__dict__, "created": _text(row.created), "completed": _text(row.completed)}


def _failed(ended: list[services.Stopped]) -> list[services.Stopped]:
    return [task for task in ended if task.failed]


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _is_recent(task: services.Stopped) -> bool:
    return task.at is None or (datetime.now(UTC) - task.at).total_seconds() < RECENT
