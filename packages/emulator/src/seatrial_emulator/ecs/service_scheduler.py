"""ECS's behaviour as one pure function: what is seen, and the time, to what is done.

Sources: ECS developer guide, "Deploy Amazon ECS services by replacing tasks" (minimum and maximum
healthy percent; "will start replacement tasks first and maintain minimumHealthyPercent tasks until
the replacement tasks become healthy"), "How the Amazon ECS deployment circuit breaker detects
failures" (half of the desired count, at least 3 and at most 200), "Amazon ECS service throttle
logic" (growing pauses between starts that fail, at most 15 minutes), "Task lifecycle"; ECS API
reference, DeploymentCircuitBreaker (``resetOnHealthyTask``, true unless it is set),
DeploymentConfiguration (an unhealthy task is replaced before it is stopped where the maximum
percent leaves room), StopServiceDeployment.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from seatrial_emulator.api.ecs_limits import failure_threshold
from seatrial_emulator.ecs.types import (
    Action,
    Complete,
    DeploymentSeen,
    Drain,
    Fail,
    Forgive,
    Kill,
    Launch,
    Observed,
    Retire,
    ServiceSeen,
    Start,
    TaskSeen,
    Terminate,
)

LONGEST_PAUSE = 900.0


def decide(observed: Observed, clock: float) -> list[Action]:
    """Return what to do now; ``clock`` is in seconds, the same clock as the tasks' times."""
    actions: list[Action] = []
    for task in observed.tasks:
        actions += _task(task, clock)
    for service in observed.services:
        own = [task for task in observed.tasks if task.service == service.key]
        actions += _service(service, own, clock)
    return actions


def _task(task: TaskSeen, clock: float) -> Iterator[Action]:
    """Move one task along its life."""
    if task.wanted:
        if task.phase == "new":
            yield Start(task.arn)
        return
    match task.phase:
        case "new" | "starting":
            yield Kill(task.arn)
        case "running":
            yield Drain(task.arn) if task.drains else Terminate(task.arn)
        case "draining" if clock - task.since >= _draining(task):
            yield Terminate(task.arn)
        case "stopping" if clock - task.since >= task.stop_timeout:
            yield Kill(task.arn)
        case _:
            return


def _draining(task: TaskSeen) -> float:
    """Return how long a task drains: the pace never cuts a request that AWS would let end."""
    return max(task.drains, task.drains_busy) if task.busy else task.drains


def _service(service: ServiceSeen, tasks: list[TaskSeen], clock: float) -> Iterator[Action]:
    if not service.deployments:
        for task in tasks:
            if task.live:
                yield Retire(task.arn, "Scaling activity initiated by (service deleted)")
        return
    primary = service.deployments[0]
    unhealthy = [t for t in tasks if _is_unhealthy(t, service, clock)]
    retired = _replaced(service, primary, unhealthy, [t for t in tasks if t.live])
    for task in retired:
        yield _retired(task, primary, failed=task in unhealthy)
    live = [t for t in tasks if t.live and t not in retired]
    new = [t for t in live if t.deployment == primary.id and t not in unhealthy]
    old = [t for t in live if t.deployment != primary.id and t not in unhealthy]
    if _forgiven(service, primary, new):
        yield Forgive(service.key, primary.id)
    else:
        yield from _given_up(service, primary)
    yield from _fewer(service, primary, new, old)
    yield from _more(service, primary, new, live, clock)
    steady = len(new) == service.desired and all(task.ready for task in new)
    if primary.rollout == "IN_PROGRESS" and steady and len(live) == len(new):
        yield Complete(service.key, primary.id)


def _retired(task: TaskSeen, primary: DeploymentSeen, *, failed: bool) -> Retire:
    scaling = f"Scaling activity initiated by (deployment {primary.id})"
    return Retire(task.arn, task.unhealthy_reason if failed else scaling, failed=failed)


def _replaced(
    service: ServiceSeen, primary: DeploymentSeen, unhealthy: list[TaskSeen], live: list[TaskSeen]
) -> list[TaskSeen]:
    """Return the tasks to stop now: unhealthy ones whose replacements are healthy, else those whose
    room a replacement needs. A failed deployment stops all of its own.

    An unhealthy task may still answer, and does where the load balancer has no healthy target. So
    room is made first by a task of an earlier deployment that was never healthy, and as many tasks
    as the minimum percent demands go on running.
    """
    healthy = [t for t in live if t not in unhealthy]
    if sum(t.ready for t in healthy) >= service.desired:
        return unhealthy
    failed = primary.rollout == "FAILED"
    over = [t for t in unhealthy if failed and t.deployment == primary.id]
    missing = service.desired - sum(t.deployment == primary.id for t in healthy)
    needed = missing - (_most(service) - len(live) + len(over))
    spare = sum(t.phase == "running" for t in live) - len(over) - _least(service)
    if _most(service) <= service.desired:
        spare = max(spare, 1)  # else no replacement could ever come
    candidates = _least_useful(primary, unhealthy, healthy)
    return over + [t for t in candidates if t not in over][: max(min(needed, spare), 0)]


def _least_useful(
    primary: DeploymentSeen, unhealthy: list[TaskSeen], healthy: list[TaskSeen]
) -> list[TaskSeen]:
    """Return what may make room, first what serves least: tasks of earlier deployments that are not
    ready, then unhealthy ones, those of earlier deployments before the primary's.
    """
    unready = [t for t in healthy if t.deployment != primary.id and not t.ready]
    return [
        *sorted(unready, key=lambda t: -t.started),
        *sorted(unhealthy, key=lambda t: (t.deployment == primary.id, t.started)),
    ]


def _is_unhealthy(task: TaskSeen, service: ServiceSeen, clock: float) -> bool:
    """A task is replaced when its health check fails after the grace period."""
    over = clock - task.started >= service.grace
    return task.live and task.phase == "running" and task.health == "unhealthy" and over


def _fewer(
    service: ServiceSeen, primary: DeploymentSeen, new: list[TaskSeen], old: list[TaskSeen]
) -> Iterator[Action]:
    """Stop what is too much: surplus first, then old tasks as far as the minimum allows."""
    surplus = len(new) - service.desired
    for task in sorted(new, key=lambda t: (t.ready, -t.started))[: max(surplus, 0)]:
        yield Retire(task.arn, f"Scaling activity initiated by (deployment {primary.id})")
    if primary.rollout == "FAILED" and not service.rollback:
        return
    least = _least(service)
    ready = sum(task.ready for task in new)
    for task in sorted(old, key=lambda t: (t.ready, t.started)):
        healthy_rest = ready + sum(t.ready for t in old if t is not task)
        if healthy_rest >= least:
            old = [t for t in old if t is not task]
            yield Retire(task.arn, f"Scaling activity initiated by (deployment {primary.id})")


def _more(
    service: ServiceSeen,
    primary: DeploymentSeen,
    new: list[TaskSeen],
    live: list[TaskSeen],
    clock: float,
) -> Iterator[Action]:
    """Start what is missing, as far as the maximum allows and failures do not hold us back."""
    if primary.rollout == "FAILED":
        return
    if primary.failures and clock - primary.last_failure < pause(primary.failures, service.pace):
        return
    for _ in range(min(service.desired - len(new), _most(service) - len(live))):
        yield Launch(service.key, primary.id)


def _least(service: ServiceSeen) -> int:
    """Return how many tasks must go on while others are replaced."""
    return math.ceil(service.desired * service.minimum / 100)


def _most(service: ServiceSeen) -> int:
    """Return how many tasks may live at once."""
    return max(math.floor(service.desired * service.maximum / 100), 1)


def pause(failures: int, pace: float) -> float:
    """Return the seconds to wait after so many failed starts: 10, 20, 40 ... 900, by the pace."""
    return min(10.0 * 2 ** max(failures - 2, 0), LONGEST_PAUSE) / pace if failures > 1 else 0.0


def _forgiven(service: ServiceSeen, primary: DeploymentSeen, new: list[TaskSeen]) -> bool:
    """Say whether a task turned healthy after the last failure. So AWS never gives up a release
    whose tasks turn healthy and then fail; it replaces them for ever.
    """
    after = any(t.health == "healthy" and t.well_since > primary.last_failure for t in new)
    return service.forgives and primary.failures > 0 and after


def _given_up(service: ServiceSeen, primary: DeploymentSeen) -> Iterator[Action]:
    """Give a deployment up because somebody stopped it, or because the breaker's count is full."""
    if primary.rollout != "IN_PROGRESS":
        return
    good = [d.id for d in service.deployments[1:] if d.rollout == "COMPLETED"]
    if primary.stop:
        back = good[0] if good and primary.stop == "ROLLBACK" else ""
        yield Fail(service.key, primary.id, back, requested=True)
    elif service.breaker and primary.failures >= failure_threshold(service.desired):
        yield Fail(service.key, primary.id, good[0] if service.rollback and good else "")
