"""Waiting for services to serve the wanted revision; the cause where they do not."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from seatrial.cloud import services
from seatrial.cloud.services import Service, Stopped
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.events import DeploymentChanged, Emit, Note, TaskChanged
from seatrial.model.app import App
from seatrial.ops.release import causes
from seatrial.ops.release.causes import Cause
from seatrial.ops.release.operation import Operation

SAME_ENDS = 2  # new tasks that end in the same way, after which no more are waited for
UNPLACED = 3  # events without room for a task, after which no more are waited for
MARGIN = 5.0  # seconds beyond the time that a health check takes to fail
START_SECONDS = 3.0  # a program's own time to start, or to end: the pace does not shorten it


def steady(work: Operation, names: list[str], before: frozenset[str] = frozenset()) -> None:
    """Wait until services are steady, then see whether a new release stays well.

    ``before`` are deployments that there were before: what becomes of them is no failure of this.
    ECS calls a deployment complete the moment its tasks are healthy, and a worker's the moment that
    it runs. One whose tasks fail then would be called a success, and would be replaced for ever.
    """
    running(work, names, before)
    with work.steps.step("proof"):
        prove(work.session, work.app, work.cluster, names, _watched(work.app, names))


def running(work: Operation, names: list[str], before: frozenset[str] = frozenset()) -> None:
    """Wait until services are steady, as a step of the work."""
    with work.steps.step("services"):
        wait(work.session, work.app, work.cluster, names, work.emit, before=before)


def _watched(app: App, names: list[str]) -> float:
    """Return the seconds on AWS in which a health check that fails is noticed."""
    checks = [app.services[name].health for name in names if name in app.services]
    return max((h.interval * h.unhealthy for h in checks), default=0) + MARGIN


def deployments(work: Operation) -> frozenset[str]:
    """Return the ids of every deployment that there is now."""
    found = services.describe(work.session, work.cluster, sorted(work.app.services))
    return frozenset(d.id for service in found for d in service.deployments)


def prove(session: Session, app: App, cluster: str, names: list[str], seconds: float) -> None:
    """Watch steady services; raises UserError when a task ends or a target turns unhealthy.

    ``seconds`` are those of AWS: the target's pace divides them, but never the time that a program
    without health checks has to end at its start.
    """
    begin, paced = time.monotonic(), seconds / session.target.pace
    while True:
        found = services.describe(session, cluster, names)
        failed = [s for s in found if _fell(session, cluster, s)]
        if failed:
            raise UserError(*(causes.cause(session, app, cluster, s) for s in failed))
        unchecked = any(not s.groups and s.desired for s in found)
        least = min(START_SECONDS, seconds) if unchecked else 0
        if time.monotonic() >= begin + max(paced, least):
            return
        time.sleep(2 / session.target.pace)


def _fell(session: Session, cluster: str, service: Service) -> bool:
    """Say whether a task of a completed deployment failed since, or a target is unhealthy now.

    A task that failed before and was replaced is no reason: ECS got over it.
    """
    if service.deployments:
        primary = service.deployments[0]
        since = primary.completed or primary.created
        ended = services.stopped(session, cluster, service.name)
        if any(t.failed and t.deployment == primary.id and t.at and t.at > since for t in ended):
            return True
    return any(services.unhealthy(session, group) for group in service.groups)


def wait(
    session: Session,
    app: App,
    cluster: str,
    names: list[str],
    emit: Emit,
    *,
    timeout: float = 900,
    put_back: bool = False,
    before: frozenset[str] = frozenset(),
) -> None:
    """Wait until every service is steady; raises UserError with each failed service's cause.

    With ``put_back`` the deployments that have failed already are the reason, not a new failure.
    """
    deadline = time.monotonic() + timeout
    waiting = _Waiting(
        session=session, app=app, cluster=cluster, emit=emit, put_back=put_back, before=before
    )
    while True:
        found = services.describe(session, cluster, names)
        if failed := waiting.failed(found):
            raise UserError(*(causes.cause(session, app, cluster, s) for s in failed))
        if len(found) == len(names) and all(service.steady for service in found):
            return
        if time.monotonic() > deadline:
            late = [s for s in found if not s.steady]
            raise UserError(*(causes.cause(session, app, cluster, s) for s in late))
        time.sleep(1 / session.target.pace)


@dataclass(kw_only=True)
class _Waiting:
    """What was seen and reported while services become steady."""

    session: Session
    app: App
    cluster: str
    emit: Emit
    put_back: bool
    before: frozenset[str]
    known: set[str] | None = None  # deployments that failed before
    reported: dict[str, str] = field(default_factory=dict)

    def failed(self, found: list[Service]) -> list[Service]:
        """Tell what has changed; return the services that will not become steady."""
        if self.known is None:
            self.known = self._known(found)
        doomed = [service for service in found if self._look(service)]
        if given_up := [s for s in found if s.deployments and _failed(s, self.known)]:
            return given_up
        for service in doomed:
            services.stop_deployment(self.session, self.cluster, service.name)
        return doomed

    def _known(self, found: list[Service]) -> set[str]:
        """Return the deployments whose failure is none of what is waited for."""
        if self.put_back:
            return {d.id for s in found for d in s.deployments if d.rollout != "COMPLETED"}
        return set(self.before) - {s.deployments[0].id for s in found if s.deployments}

    def _look(self, service: Service) -> bool:
        """Tell of one service; return whether its new tasks will not do better by waiting."""
        ends = [] if self.put_back else _ends(self.session, self.cluster, service)
        unwell = [] if self.put_back else self._health(service)
        self._tell_state(service)
        self._tell_ends(service.name, ends)
        self._tell_health(service.name, unwell)
        return _doomed(ends, unwell)

    def _health(self, service: Service) -> list[Cause]:
        return [] if service.steady else causes.health(self.session, self.app, service)

    def _tell_state(self, service: Service) -> None:
        first = service.deployments[0] if service.deployments else None
        state = _state(service)
        if first and self.reported.get(service.name) != state:
            self.reported[service.name] = state
            self.emit(DeploymentChanged(service.name, state, first.reason))

    def _tell_ends(self, name: str, ends: list[Stopped]) -> None:
        """Tell each task's end once, with the last line that it wrote."""
        for task in ends:
            if task.arn in self.reported:
                continue
            self.reported[task.arn] = causes.end(task)
            lines = causes.last_lines(self.session, self.app.app, name, task.arn, 1)
            last = "".join(f"; last line: {line}" for line in lines)
            self.emit(TaskChanged(name, task.arn, "a task ended:", self.reported[task.arn] + last))

    def _tell_health(self, name: str, unwell: list[Cause]) -> None:
        """Tell each cause of failing health checks once, as soon as it is known."""
        for cause in unwell:
            key = f"{name} {cause.fix}"  # the text may count seconds
            if key not in self.reported:
                self.reported[key] = cause.text
                text = f"health checks of {name} fail: {cause.text}. {cause.fix}"
                self.emit(Note(text, warning=True))


def _state(service: Service) -> str:
    """Return how far a service is; tasks that are replaced still serve, which is no outage."""
    if service.steady:
        return "steady"
    new = service.deployments[0].running if service.deployments else 0
    old = service.running - new
    if old > 0:
        return f"{new} of {service.desired} new tasks running; {old} from before still serving"
    return f"{service.running} of {service.desired} running"


def _failed(service: Service, known: set[str]) -> bool:
    """A breaker that rolls back makes the old revision primary and leaves the failed one below."""
    if len(service.unplaced) >= UNPLACED:
        return True
    fresh = [d for d in service.deployments if d.id not in known]
    return any(d.rollout == "FAILED" or "rolling back" in d.reason for d in fresh)


def _ends(session: Session, cluster: str, service: Service) -> list[Stopped]:
    """Return the tasks of the deployment in progress that ended; asked only where some failed."""
    primary = service.deployments[0] if service.deployments else None
    if primary is None or primary.rollout != "IN_PROGRESS" or not primary.failed:
        return []
    ended = services.stopped(session, cluster, service.name)
    return [task for task in ended if task.deployment == primary.id]


def _doomed(ends: list[Stopped], unwell: list[Cause]) -> bool:
    """Say whether another task would end as these did.

    That is so after two that ended in the same way of themselves, or for their health checks; after
    one where the next one's checks fail too; and at once where the cause cannot pass. The circuit
    breaker would wait for more of them. What AWS ended is not the program's doing.
    """
    unhealthy = [task for task in ends if task.unhealthy]
    endings = Counter((task.exit_code, task.reason) for task in ends if task.own)
    alike = max([len(unhealthy), *endings.values()]) >= SAME_ENDS
    return alike or any(cause.certain for cause in unwell) or bool(unhealthy and unwell)
