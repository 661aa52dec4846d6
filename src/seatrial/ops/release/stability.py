"""Waiting for services to serve the wanted revision; the cause where they do not."""

from __future__ import annotations

import time
from collections import Counter

from seatrial.cloud import logs, services
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UserError
from seatrial.events import DeploymentChanged, Emit, TaskChanged
from seatrial.model.app import App
from seatrial.ops.release.operation import Operation

LINES = 12
SAME_ENDS = 2  # new tasks that end in the same way, after which no more are waited for
UNPLACED = 3  # events without room for a task, after which no more are waited for
MARGIN = 5.0  # seconds beyond the time that a health check takes to fail


def steady(work: Operation, names: list[str]) -> None:
    """Wait until services are steady, then see whether a new release stays well.

    ECS calls a deployment complete the moment its tasks are healthy. One whose tasks turn healthy
    and then fail would be called a success, and would be replaced for ever.
    """
    place = (work.session, work.app.app, work.cluster)
    with work.steps.step("services"):
        wait(*place, names, work.emit)
    if work.serving is None:
        return
    with work.steps.step("proof"):
        prove(*place, names, _watched(work.app, names))


def _watched(app: App, names: list[str]) -> float:
    """Return the seconds on AWS in which a health check that fails is noticed."""
    checks = [app.services[name].health for name in names if name in app.services]
    return max((h.interval * h.unhealthy for h in checks), default=0) + MARGIN


def prove(session: Session, app: str, cluster: str, names: list[str], seconds: float) -> None:
    """Watch steady services; raises UserError when a task ends or a target turns unhealthy.

    ``seconds`` are those of AWS: the target's pace divides them.
    """
    deadline = time.monotonic() + seconds / session.target.pace
    while time.monotonic() < deadline:
        found = services.describe(session, cluster, names)
        failed = [s for s in found if _fell(session, cluster, s)]
        if failed:
            raise UserError(*(cause(session, app, cluster, s) for s in failed))
        time.sleep(2 / session.target.pace)


def _fell(session: Session, cluster: str, service: services.Service) -> bool:
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
    app: str,
    cluster: str,
    names: list[str],
    emit: Emit,
    *,
    timeout: float = 900,
    put_back: bool = False,
) -> None:
    """Wait until every service is steady; raises UserError with each failed service's cause.

    With ``put_back`` the deployments that have failed already are the reason, not a new failure.
    """
    deadline = time.monotonic() + timeout
    reported: dict[str, str] = {}
    known: set[str] | None = None if put_back else set()
    while True:
        found = services.describe(session, cluster, names)
        if known is None:
            known = {d.id for s in found for d in s.deployments if d.rollout != "COMPLETED"}
        ends = {s.name: [] if put_back else _ends(session, cluster, s) for s in found}
        for service in found:
            _tell(service, reported, emit)
            _tell_ends(
                session,
                app,
                name=service.name,
                ends=ends[service.name],
                reported=reported,
                emit=emit,
            )
        failed = [s for s in found if s.deployments and _failed(s, known)]
        doomed = [] if failed else [s for s in found if _doomed(ends[s.name])]
        for service in doomed:
            services.stop_deployment(session, cluster, service.name)
        if failed or doomed:
            raise UserError(*(cause(session, app, cluster, s) for s in (*failed, *doomed)))
        if len(found) == len(names) and all(service.steady for service in found):
            return
        if time.monotonic() > deadline:
            late = [s for s in found if not s.steady]
            raise UserError(*(cause(session, app, cluster, s) for s in late))
        time.sleep(1 / session.target.pace)


def _failed(service: services.Service, known: set[str]) -> bool:
    """A breaker that rolls back makes the old revision primary and leaves the failed one below."""
    if len(service.unplaced) >= UNPLACED:
        return True
    fresh = [d for d in service.deployments if d.id not in known]
    return any(d.rollout == "FAILED" or "rolling back" in d.reason for d in fresh)


def _ends(session: Session, cluster: str, service: services.Service) -> list[services.Stopped]:
    """Return the tasks of the deployment in progress that ended; asked only where some failed."""
    primary = service.deployments[0] if service.deployments else None
    if primary is None or primary.rollout != "IN_PROGRESS" or not primary.failed:
        return []
    ended = services.stopped(session, cluster, service.name)
    return [task for task in ended if task.deployment == primary.id]


def _doomed(ends: list[services.Stopped]) -> bool:
    """Say whether two new tasks ended in the same way of themselves: a third will too.

    The circuit breaker would wait for more of them. What AWS ended is not the program's doing.
    """
    causes = Counter((task.exit_code, task.reason) for task in ends if task.own)
    return any(count >= SAME_ENDS for count in causes.values())


def _tell_ends(
    session: Session,
    app: str,
    name: str,
    ends: list[services.Stopped],
    reported: dict[str, str],
    emit: Emit,
) -> None:
    """Tell each task's end once, with the last line that it wrote."""
    for task in ends:
        if task.arn in reported:
            continue
        reported[task.arn] = _end(task)
        last = [f"; last line: {line}" for line in _output(session, app, name, task, 1)]
        emit(TaskChanged(name, task.arn, "a task ended:", reported[task.arn] + "".join(last)))


def _end(task: services.Stopped) -> str:
    code = f" (exit code {task.exit_code})" if task.exit_code is not None else ""
    return f"{task.reason}{code}"


def _tell(service: services.Service, reported: dict[str, str], emit: Emit) -> None:
    first = service.deployments[0] if service.deployments else None
    state = f"{service.running} of {service.desired} running" if not service.steady else "steady"
    if first and reported.get(service.name) != state:
        reported[service.name] = state
        emit(DeploymentChanged(service.name, state, first.reason))


def cause(session: Session, app: str, cluster: str, service: services.Service) -> Problem:
    """Return why a service does not serve: the last task's end, its output, its targets."""
    current = {deployment.id for deployment in service.deployments}
    ended = [
        task
        for task in services.stopped(session, cluster, service.name)
        if task.deployment in current
    ]
    text = f"service `{service.name}` is not healthy: "
    if service.unplaced:
        text += service.unplaced[0]
    elif ended:
        last = ended[-1]
        text += _end(last)
        output = _output(session, app, service.name, last, LINES)
        if output:
            text += "\n  its last lines:\n" + "\n".join(f"    {line}" for line in output)
    else:
        why = [reason for g in service.groups for reason in services.healthy(session, g)[1]]
        text += why[0] if why else "its tasks did not become healthy in time"
    return Problem("service-failed", text, _fix(text, service.name), f"services.{service.name}")


def _output(session: Session, app: str, name: str, task: services.Stopped, count: int) -> list[str]:
    """Return the last lines that a service's task wrote."""
    stream = logs.stream(name, task.container or name, task.id)
    return logs.tail(session, f"/{app}/{session.target.environment}/{name}", stream, count)


def _fix(text: str, name: str) -> str:
    if "health checks" in text.lower():
        return (
            f"Answer 200 at services.{name}.health on the port it names, listening on 0.0.0.0, "
            "or name the right path or port."
        )
    if "Capacity is unavailable" in text:
        return "Try again later, or in another zone or region: Fargate has no room now."
    if "not found in $PATH" in text:
        return "Name a program that the build installs: is it in the requirements?"
    return f"Fix what the last lines report; `seatrial logs` has all of {name}'s."
