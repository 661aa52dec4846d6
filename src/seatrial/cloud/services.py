"""ECS: services, their deployments and tasks; running one task and waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from seatrial.cloud.service_events import ServiceEvent, events
from seatrial.cloud.session import Session, aws_errors
from seatrial.cloud.waiting import until
from seatrial.errors import UserError

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ContainerOverrideTypeDef, ServiceTypeDef

# Reasons of RunTask that pass by themselves (ECS developer guide, "API failure reasons"), and how
# long they are waited for, in seconds.
PASSING = ("capacity", "resource:", "agent")
PATIENCE = 600
KILLED = 137  # the exit code of a program that got SIGKILL: for its memory, or by an operator


# A task of a good release may end so: AWS takes its machine back, somebody stops it, or what
# replaces it finds no room (ECS API reference, Task, stopCode).
NOT_ITS_OWN = ("SpotInterruption", "TerminationNotice", "UserInitiated", "TaskFailedToStart")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment of a service; ``completed`` is when ECS said so, by AWS's clock."""

    id: str
    primary: bool
    revision: str
    rollout: str
    reason: str
    running: int
    failed: int
    created: datetime
    completed: datetime | None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service as ECS sees it."""

    name: str
    desired: int
    running: int
    pending: int
    revision: str
    deployments: tuple[Deployment, ...]
    groups: tuple[str, ...]
    events: tuple[ServiceEvent, ...] = ()  # the newest ones first
    unplaced: tuple[str, ...] = ()  # events of this deployment: there was no room for a task

    @property
    def steady(self) -> bool:
        """Return whether the wanted revision runs, alone and in full."""
        first = self.deployments[0] if self.deployments else None
        return bool(first and first.rollout == "COMPLETED" and self.running == self.desired)


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A task that ended; ``exit_code`` is None where its program never started.

    ``code`` is ECS's stop code, ``at`` the end by AWS's clock.
    """

    arn: str
    reason: str
    exit_code: int | None
    container: str = ""
    deployment: str = ""
    code: str = ""
    at: datetime | None = None
    detail: str = ""  # what ECS says of its container

    @property
    def id(self) -> str:
        """Return the task's id, which ends the name of its log stream."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def own(self) -> bool:
        """Return whether its program ended of itself, neither killed nor asked to."""
        return self.code == "EssentialContainerExited" and self.exit_code != KILLED

    @property
    def unhealthy(self) -> bool:
        """Return whether ECS stopped the task for its health checks."""
        return self.code == "ServiceSchedulerInitiated" and "health check" in self.reason.lower()

    @property
    def failed(self) -> bool:
        """Return whether the task itself failed, or its health checks did."""
        if self.code == "ServiceSchedulerInitiated":
            return self.unhealthy
        return self.code not in NOT_ITS_OWN


def describe(session: Session, cluster: str, names: list[str]) -> list[Service]:
    """Return services by name, in the given order; missing ones, or all with their cluster, are
    left out.
    """
    return [_service(row) for row in active(session, cluster, names)]


def active(session: Session, cluster: str, names: list[str]) -> list[ServiceTypeDef]:
    """Return the records of services that are not being deleted, by name."""
    found: list[ServiceTypeDef] = []
    ecs = session.client("ecs")
    for start in range(0, len(names), 10):  # the API takes ten at a time
        with aws_errors("to describe services"):
            try:
                rows = ecs.describe_services(cluster=cluster, services=names[start : start + 10])
            except ecs.exceptions.ClusterNotFoundException:
                return []
        found += [row for row in rows["services"] if row["status"] == "ACTIVE"]
    return found


def _service(row: Mapping[str, Any]) -> Service:
    return Service(
        name=row["serviceName"],
        desired=row["desiredCount"],
        running=row["runningCount"],
        pending=row["pendingCount"],
        revision=row["taskDefinition"].rsplit("/", 1)[-1],
        deployments=tuple(_deployment(d, row) for d in row["deployments"]),
        groups=tuple(b["targetGroupArn"] for b in row.get("loadBalancers", [])),
        events=events(row),
        unplaced=_unplaced(row),
    )


def _deployment(row: Mapping[str, Any], service: Mapping[str, Any]) -> Deployment:
    return Deployment(
        id=row["id"],
        primary=row["status"] == "PRIMARY",
        revision=row["taskDefinition"].rsplit("/", 1)[-1],
        rollout=row.get("rolloutState", ""),
        reason=row.get("rolloutStateReason", ""),
        running=row["runningCount"],
        failed=row.get("failedTasks", 0),
        created=row["createdAt"],
        completed=_completed(row["id"], service),
    )


def _completed(deployment: str, service: Mapping[str, Any]) -> datetime | None:
    """Return when ECS wrote that a deployment completed (ECS guide, "Service event messages")."""
    words = f"(deployment {deployment}) deployment completed"
    at = [e["createdAt"] for e in service.get("events", []) if words in e["message"]]
    return min(at, default=None)


def _unplaced(row: Mapping[str, Any]) -> tuple[str, ...]:
    since = row["deployments"][0]["createdAt"] if row["deployments"] else None
    return tuple(
        event["message"]
        for event in row.get("events", [])
        if since and event["createdAt"] >= since and "unable to place a task" in event["message"]
    )


def healthy(session: Session, group: str) -> tuple[int, list[str]]:
    """Return how many targets of a group are healthy, and why the others are not."""
    states = _states(session, group)
    why = [
        s.get("Description", s["State"])
        for s in states
        if s["State"] not in ("healthy", "draining")
    ]
    return sum(s["State"] == "healthy" for s in states), why


def unhealthy(session: Session, group: str) -> list[str]:
    """Return why targets of a group are unhealthy; new ones are not yet."""
    found = [s for s in _states(session, group) if s["State"] == "unhealthy"]
    return [s.get("Description", s["State"]) for s in found]


def _states(session: Session, group: str) -> list[Mapping[str, Any]]:
    with aws_errors("to describe target health"):
        rows = session.client("elbv2").describe_target_health(TargetGroupArn=group)
    return [row["TargetHealth"] for row in rows["TargetHealthDescriptions"]]


def stopped(session: Session, cluster: str, service: str) -> list[Stopped]:
    """Return the tasks of a service that stopped, other than by scaling, the newest last."""
    client, rows = session.client("ecs"), list[Mapping[str, Any]]()
    with aws_errors("to look at stopped tasks"):
        pages = client.get_paginator("list_tasks").paginate(
            cluster=cluster, serviceName=service, desiredStatus="STOPPED"
        )
        for page in pages:  # of a hundred, as many as DescribeTasks takes
            if page["taskArns"]:
                rows += client.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
    found = sorted((_stopped(row) for row in rows), key=lambda t: t.at or datetime.now(UTC))
    return [t for t in found if not t.reason.startswith("Scaling activity")]


def _stopped(row: Mapping[str, Any]) -> Stopped:
    container = (row.get("containers") or [{}])[0]
    return Stopped(
        arn=row["taskArn"],
        reason=row.get("stoppedReason", ""),
        exit_code=container.get("exitCode"),
        container=container.get("name", ""),
        deployment=row.get("startedBy", ""),
        code=row.get("stopCode", ""),
        at=row.get("stoppedAt"),
        detail=container.get("reason", ""),
    )


def force(session: Session, cluster: str, service: str) -> None:
    """Replace a service's tasks by new ones of the same revision."""
    with aws_errors(f"to restart {service}"):
        session.client("ecs").update_service(
            cluster=cluster, service=service, forceNewDeployment=True
        )


def stop_deployment(session: Session, cluster: str, service: str) -> bool:
    """Stop what is being deployed and go back to what served; False where that cannot be.

    Before its first completed deployment a service has nothing to go back to (ECS API reference,
    StopServiceDeployment).
    """
    ecs = session.client("ecs")
    try:
        found = ecs.list_service_deployments(
            cluster=cluster, service=service, status=["PENDING", "IN_PROGRESS"]
        )["serviceDeployments"]
        for row in found:
            ecs.stop_service_deployment(
                serviceDeploymentArn=row["serviceDeploymentArn"], stopType="ROLLBACK"
            )
    except ClientError:
        return False
    return bool(found)


def scale(session: Session, cluster: str, service: str, count: int) -> None:
    """Let a service run ``count`` tasks at least, until its scalable target is registered anew."""
    client, name = session.client("application-autoscaling"), f"service/{cluster}/{service}"
    where: dict[str, Any] = {
        "ServiceNamespace": "ecs",
        "ResourceId": name,
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    with aws_errors(f"to scale {service}"):
        found = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[name])
        for row in found["ScalableTargets"]:
            client.register_scalable_target(
                **where, MinCapacity=count, MaxCapacity=max(count, row["MaxCapacity"])
            )
        session.client("ecs").update_service(cluster=cluster, service=service, desiredCount=count)


def forget_definitions(session: Session, prefix: str) -> int:
    """Deregister every task definition whose family begins so; return how many there were."""
    ecs, count = session.client("ecs"), 0
    with aws_errors("to deregister task definitions"):
        for page in ecs.get_paginator("list_task_definitions").paginate(status="ACTIVE"):
            for arn in page["taskDefinitionArns"]:
                if arn.rsplit("/", 1)[-1].startswith(prefix):
                    ecs.deregister_task_definition(taskDefinition=arn)
                    count += 1
    return count


def run(
    session: Session,
    cluster: str,
    family: str,
    network: Any,
    *,
    command: tuple[str, list[str]] | None = None,
    timeout: float = PATIENCE,
) -> str:
    """Run one task of a family's newest revision, or of a revision, and return its ARN.

    RunTask answers without one where there is no room, and says why: it is asked again for
    ``timeout`` seconds where that may pass. Raises UserError.
    ``command`` is a container's name and the words that it runs instead of its own.
    """
    why = ""
    instead: list[ContainerOverrideTypeDef] = []
    if command is not None:
        instead = [{"name": command[0], "command": command[1]}]

    def started() -> str | None:
        nonlocal why
        with aws_errors(f"to run {family}"):
            made = session.client("ecs").run_task(
                cluster=cluster,
                taskDefinition=family,
                count=1,
                launchType="FARGATE",
                networkConfiguration={"awsvpcConfiguration": network},
                overrides={"containerOverrides": instead},
            )
        if made["tasks"]:
            return str(made["tasks"][0]["taskArn"])
        why = "; ".join(str(row.get("reason")) for row in made["failures"])
        if any(word in why.lower() for word in PASSING):
            return None
        raise _unplaced_task(family, why)

    if arn := until(session, started, 15, timeout / session.target.pace):
        return arn
    raise _unplaced_task(family, why)


def _unplaced_task(family: str, why: str) -> UserError:
    return UserError.of(
        "migration-unplaced",
        f"ECS did not start a task of {family}: {why}",
        "Where capacity is short, run the command again later; a quota is raised in Service "
        "Quotas (Fargate On-Demand vCPU, L-3032A538).",
    )


def ended(session: Session, cluster: str, arn: str) -> Stopped | None:
    """Return how a task ended; None while it runs."""
    with aws_errors("to look at a task"):
        rows = session.client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    return _stopped(rows[0]) if rows and rows[0]["lastStatus"] == "STOPPED" else None


def wait_stopped(
    session: Session,
    cluster: str,
    arn: str,
    waiting: Callable[[float], None] = lambda _: None,
    *,
    timeout: float = 3600,
) -> Stopped:
    """Wait for a task's end; one that runs for ``timeout`` seconds is stopped and counts as failed.

    ``waiting`` hears after each look for how many seconds it runs.
    """
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < timeout:
        if found := ended(session, cluster, arn):
            return found
        waiting(seconds)
        time.sleep(1 / session.target.pace)
    with aws_errors(f"to stop the task {arn}"):
        session.client("ecs").stop_task(cluster=cluster, task=arn, reason="it ran for too long")
    return Stopped(arn=arn, reason=f"still running after {timeout:.0f} s", exit_code=None)


def clear(session: Session, cluster: str, *, timeout: float = 300) -> int:
    """Stop every task of a cluster and wait until none is left; return how many there were.

    A cluster with tasks cannot be deleted, and their interfaces hold the security groups
    (ECS API reference, DeleteCluster). A cluster that is gone has none.
    """
    client, requested = session.client("ecs"), set[str]()

    def gone() -> bool | None:
        left = _unstopped(session, cluster)
        for arn in set(left) - requested:
            with aws_errors(f"to stop the task {arn}"):
                client.stop_task(cluster=cluster, task=arn, reason="seatrial destroy")
            requested.add(arn)
        return None if left else True

    until(session, gone, 2, timeout)
    return len(requested)


def _unstopped(session: Session, cluster: str) -> list[str]:
    client, arns = session.client("ecs"), list[str]()
    with aws_errors("to list tasks"):
        try:
            for status in ("RUNNING", "STOPPED"):
                for page in client.get_paginator("list_tasks").paginate(
                    cluster=cluster, desiredStatus=status
                ):
                    arns += page["taskArns"]
        except client.exceptions.ClusterNotFoundException:
            return []
        rows = []
        for start in range(0, len(arns), 100):
            rows += client.describe_tasks(cluster=cluster, tasks=arns[start : start + 100])["tasks"]
    return [row["taskArn"] for row in rows if row["lastStatus"] != "STOPPED"]
