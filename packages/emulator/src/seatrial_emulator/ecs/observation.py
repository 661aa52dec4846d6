"""The emulator's records as frozen values for ``decide``. Callers hold the lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.api.patches import service_deployments
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.state import TargetState
from seatrial_emulator.ecs import task_start
from seatrial_emulator.ecs.task_runner import Runner
from seatrial_emulator.ecs.types import Checked, DeploymentSeen, Observed, ServiceSeen, TaskSeen


@dataclass
class Failures:
    """How often tasks of a deployment failed, and when last."""

    count: int = 0
    last: float = 0.0
    why: str = ""
    unplaced: float = 0.0  # when there was last no room for a task


@dataclass
class Notes:
    """What the controller remembers beside the records."""

    failures: dict[str, Failures] = field(default_factory=dict)
    open: dict[tuple[str, int], int] = field(default_factory=dict)  # requests in progress by target

    def of(self, deployment: str) -> Failures:
        """Return the failures of a deployment."""
        return self.failures.setdefault(deployment, Failures())


def service_key(service: Any) -> str:
    """Return what identifies a service: cluster and name."""
    return f"{service.cluster_name}:{service.name}"


def task_service(task: Any) -> str:
    """Return the service a task belongs to; empty for tasks that were run one by one."""
    name = task_start.service_of(task)
    return f"{task.cluster_name}:{name}" if name else ""


def records(emulator: Emulator) -> list[Any]:
    """Return the record of every task that is not over."""
    found = []
    for tasks in emulator.backend("ecs").tasks.values():
        found += [task for task in tasks.values() if task.last_status != "STOPPED"]
    return found


def observe(emulator: Emulator, runner: Runner, notes: Notes, pace: float) -> Observed:
    """Return everything at this moment."""
    tasks = tuple(_task(emulator, runner, notes, task, pace) for task in records(emulator))
    services = {
        key: _service(row, notes, pace)
        for key, row in emulator.backend("ecs").services.items()
        if row.status == "ACTIVE"
    }
    for task in tasks:
        if task.service and task.service not in services:
            services[task.service] = ServiceSeen(task.service, 0, ())
    return Observed(tuple(services.values()), tasks)


def _task(emulator: Emulator, runner: Runner, notes: Notes, task: Any, pace: float) -> TaskSeen:
    local = runner.local(task.task_arn)
    container = _container(emulator, task)
    drains = _drains(emulator, local.targets)
    health, reason = _health(emulator, local.targets)
    return TaskSeen(
        arn=task.task_arn,
        service=task_service(task),
        deployment=task.started_by,
        phase=local.phase,
        wanted=task.desired_status != "STOPPED",
        since=local.since,
        started=local.started,
        health=health,
        unhealthy_reason=reason,
        stop_timeout=float(container.get("stopTimeout", 30)),
        drains=drains / pace,
        drains_busy=drains,
        busy=any(notes.open.get((address, port)) for _, address, port in local.targets),
        well_since=_well_since(emulator, local.targets),
    )


def _drains(emulator: Emulator, targets: list[tuple[str, str, int]]) -> float:
    """Return a target's deregistration delay in seconds; a group that is gone drains nothing."""
    for arn, _, _ in targets[:1]:
        group = emulator.backend("elbv2").target_groups.get(arn)
        if group is not None:
            return float(group.attributes.get("deregistration_delay.timeout_seconds") or 300)
    return 0.0


def _container(emulator: Emulator, task: Any) -> dict[str, Any]:
    definition = emulator.backend("ecs").describe_task_definition(task.task_definition_arn)
    found: dict[str, Any] = definition.container_definitions[0]
    return found


def _health(emulator: Emulator, targets: list[tuple[str, str, int]]) -> tuple[Checked, str]:
    found: list[tuple[Checked, str]] = []
    for arn, address, port in targets:
        target = _target(emulator, arn, address, port)
        name = arn.split("/")[-2] if "/" in arn else arn
        why = f"Task failed ELB health checks in (target-group {name}): {target.reason}"
        if target.health != "draining":
            found.append((target.health, why))
    for state in ("unhealthy", "initial", "healthy"):
        for health, why in found:
            if health == state:
                return health, why
    return "unchecked", ""


def _well_since(emulator: Emulator, targets: list[tuple[str, str, int]]) -> float:
    """Return when the last of a task's targets became healthy; 0 where one is not."""
    found = [_target(emulator, *target).healthy_since for target in targets]
    return max(found, default=0.0) if all(found) else 0.0


def _target(emulator: Emulator, arn: str, address: str, port: int) -> TargetState:
    targets = emulator.state.target_group(arn).targets
    return targets.get((address, port), TargetState())


def _service(row: Any, notes: Notes, pace: float) -> ServiceSeen:
    settings = row.deployment_configuration or {}
    breaker = settings.get("deploymentCircuitBreaker") or {}
    grace = row.health_check_grace_period_seconds or 0
    deployments = tuple(
        DeploymentSeen(
            id=d["id"],
            rollout=d["rolloutState"],
            failures=(f := notes.of(d["id"])).count,
            last_failure=f.last,
            why=f.why,
            stop=service_deployments.requested_stop(row, d["id"]),
        )
        for d in row.deployments
    )
    return ServiceSeen(
        key=service_key(row),
        desired=int(row.desired_count),
        deployments=deployments,
        minimum=int(settings.get("minimumHealthyPercent", 100)),
        maximum=int(settings.get("maximumPercent", 200)),
        grace=float(grace),
        breaker=bool(breaker.get("enable")),
        rollback=bool(breaker.get("rollback")),
        forgives=bool(breaker.get("resetOnHealthyTask", True)),
        pace=pace,
    )
