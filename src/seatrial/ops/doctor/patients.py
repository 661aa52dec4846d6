"""A service as ECS and the load balancer see it, its tasks, and what is written about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seatrial.cloud import examination, health_checks, logs, services
from seatrial.cloud.examination import Row
from seatrial.cloud.session import Session
from seatrial.diagnosis.facts import FailedCheck, Group, Said, Service, Task
from seatrial.model.app import App
from seatrial.ops.doctor import surroundings
from seatrial.ops.release import causes
from seatrial.ops.status import failed_release
from seatrial.resources.context import Context

RECENT = 600  # seconds within which a task's failure matters of a service that runs well
LINES = 40
STEADY = "has reached a steady state"
FAILED = ("ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "ROLLBACK_IN_PROGRESS", "STOPPED")


@dataclass(frozen=True)
class Patient:
    """A service with its tasks, its texts and the ARNs of its load balancers."""

    service: Service
    tasks: tuple[Task, ...]
    said: tuple[Said, ...]
    balancers: tuple[str, ...]


def patients(app: App, session: Session) -> list[Patient]:
    """Return every service of an app that is deployed."""
    cluster = Context(app).name("service")
    rows = services.active(session, cluster, sorted(app.services))
    # After a failed release the one before was deployed again: its tasks are not what failed.
    since = "previousAt" if failed_release(session, app.app) else "createdAt"
    return [_patient(app, session, cluster, row, since) for row in rows]


def _patient(app: App, session: Session, cluster: str, row: Row, since: str) -> Patient:
    name = row["serviceName"]
    definition = examination.definition(session, row["taskDefinition"])
    newest = examination.newest_deployment(session, cluster, name)
    found = [examination.target_group(session, b["targetGroupArn"]) for b in _balanced(row)]
    service = _service(app, session, row=row, definition=definition, newest=newest, found=found)
    ended = _ended(session, cluster, service, newest.get(since))
    running = examination.running_tasks(session, cluster, name)
    tasks = (*(_failed(task, name) for task in ended), *(_running(task, name) for task in running))
    said = [
        *_events(row, service),
        *_rollouts(row, newest),
        *_stops(ended, name),
        *_lines(session, service, definition, ended, running),
    ]
    balancers = {arn for group, _, _ in found for arn in group.get("LoadBalancerArns", ())}
    return Patient(service, tasks, tuple(said), tuple(sorted(balancers)))


def _balanced(row: Row) -> list[Row]:
    return [b for b in row.get("loadBalancers", ()) if b.get("targetGroupArn")]


def _service(
    app: App,
    session: Session,
    *,
    row: Row,
    definition: Row,
    newest: Row,
    found: list[tuple[Row, list[Row], bool]],
) -> Service:
    container = definition["containerDefinitions"][0]
    group = container.get("logConfiguration", {}).get("options", {}).get("awslogs-group", "")
    limits = row.get("deploymentConfiguration", {})
    primary: Any = next(iter(row["deployments"]), {})
    given = row.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    return Service(
        name=row["serviceName"],
        desired=row["desiredCount"],
        running=row["runningCount"],
        rollout=primary.get("rolloutState", ""),
        deployment=_outcome(newest),
        alarms=tuple(newest.get("alarms", {}).get("triggeredAlarmNames", ())),
        least=limits.get("minimumHealthyPercent", 100),
        most=limits.get("maximumPercent", 200),
        image=container["image"],
        plain={e["name"]: e["value"] for e in container.get("environment", ())},
        secrets=tuple(s["valueFrom"] for s in container.get("secrets", ())),
        exec_on=bool(row.get("enableExecuteCommand")),
        log_group=group,
        log_group_there=not group or examination.log_group(session, group),
        groups=tuple(_group(*each) for each in found),
        checks=(
            *(check for group, _, _ in found for check in _closed(session, row, group)),
            *_checks(app, session, row, primary.get("id", "")),
        ),
        network=surroundings.network(session, given),
    )


def _outcome(newest: Row) -> str:
    status = str(newest.get("status", ""))
    why = newest.get("rollback", {}).get("reason") or newest.get("statusReason") or ""
    return f"{status}: {why}".rstrip(": ")


def _group(group: Row, targets: list[Row], sticky: bool) -> Group:  # noqa: FBT001
    return Group(
        name=group["TargetGroupName"],
        states=tuple(t["TargetHealth"]["State"] for t in targets),
        balanced=bool(group.get("LoadBalancerArns")),
        sticky=sticky,
    )


def _checks(app: App, session: Session, row: Row, newest: str) -> Iterator[FailedCheck]:
    name = row["serviceName"]
    arns = tuple(b["targetGroupArn"] for b in _balanced(row))
    for check in health_checks.failing(session, arns, newest):
        if cause := causes.explain(check, name, app.services[name]):
            text = f"elbv2.describe_target_health: {cause.text}"
            yield FailedCheck(check.failure, text, cause.fix)


def _closed(session: Session, row: Row, group: Row) -> Iterator[FailedCheck]:
    """Yield that no rule of a service lets its load balancer in."""
    port = next((b["containerPort"] for b in _balanced(row)), 0)
    given = row.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    own = examination.groups(session, list(given.get("securityGroups", ())))
    rules = [r for g in own for r in g["IpPermissions"] if surroundings.allows(r, port)]
    from_balancer = examination.balancer_groups(session, group.get("LoadBalancerArns", ()))
    if from_balancer and not surroundings.let_in(rules, from_balancer):
        names = ", ".join(each["GroupName"] for each in own)
        yield FailedCheck(
            "refused",
            f"ec2.describe_security_groups: {names} has no rule that lets the load balancer in on "
            f"port {port}",
            "A deploy puts the rule back.",
        )


def _ended(
    session: Session, cluster: str, service: Service, since: datetime | None
) -> list[services.Stopped]:
    """Return tasks that failed since a deployment; of a service that runs well the newest ones."""
    codes = (*services.NOT_ITS_OWN[:2], "TaskFailedToStart")
    found = services.stopped(session, cluster, service.name)
    ended = [t for t in found if t.failed or t.code in codes]
    ended = [t for t in ended if since is None or t.at is None or t.at >= since]
    if service.serves and not service.failed:
        ended = [t for t in ended if _age(t.at) < RECENT]
    return ended[-5:]


def _age(moment: datetime | None) -> float:
    return (datetime.now(UTC) - moment).total_seconds() if moment else 0.0


def _failed(task: services.Stopped, name: str) -> Task:
    reason = "; ".join(filter(None, (task.reason, task.detail)))
    return Task(id=task.id, service=name, code=task.code, reason=reason, exit_code=task.exit_code)


def _running(row: Row, name: str) -> Task:
    container: Any = next(iter(row.get("containers", ())), {})
    agents = container.get("managedAgents", ())
    return Task(
        id=row["taskArn"].rsplit("/", 1)[-1],
        service=name,
        digest=container.get("imageDigest", ""),
        agent=next((a.get("lastStatus", "") for a in agents), ""),
    )


def _events(row: Row, service: Service) -> Iterator[Said]:
    """Yield a service's events since it was last steady: what came before is over."""
    for event in row.get("events", ()):  # the newest first
        if STEADY in event["message"]:
            return
        yield Said("event", "ecs.describe_services, event", event["message"], service.name)


def _rollouts(row: Row, newest: Row) -> Iterator[Said]:
    name, where = row["serviceName"], "ecs.describe_services, rolloutStateReason"
    for deployment in row["deployments"]:
        if deployment.get("rolloutState") == "FAILED":
            yield Said("rollout", where, deployment.get("rolloutStateReason", ""), name)
    if str(newest.get("status", "")).startswith(FAILED):
        yield Said("rollout", "ecs.describe_service_deployments", _outcome(newest), name)


def _stops(ended: list[services.Stopped], name: str) -> Iterator[Said]:
    for task in ended:
        for field, text in (("stoppedReason", task.reason), ("containers[].reason", task.detail)):
            if text:
                yield Said("stop", f"ecs.describe_tasks, {field} of {task.id[:12]}", text, name)


def _lines(
    session: Session,
    service: Service,
    definition: Row,
    ended: list[services.Stopped],
    running: list[Row],
) -> Iterator[Said]:
    container = definition["containerDefinitions"][0]
    options = container.get("logConfiguration", {}).get("options", {})
    prefix, name = options.get("awslogs-stream-prefix", ""), container["name"]
    ids = [("end", task.id) for task in ended[-2:]]
    ids += [("log", row["taskArn"].rsplit("/", 1)[-1]) for row in running[:2]]
    for source, task in ids:
        stream = logs.stream(prefix, name, task)
        text = "\n".join(logs.tail(session, service.log_group, stream, LINES))
        if text:
            where = f"logs {service.log_group}, task {task[:12]}"
            yield Said("end" if source == "end" else "log", where, text, service.name)
