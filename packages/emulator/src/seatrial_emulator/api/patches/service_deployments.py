"""ECS tells each deployment of a service as a service deployment, and stops one on request (ECS API
reference, ListServiceDeployments, DescribeServiceDeployments, StopServiceDeployment; the statuses
are those of the data type ServiceDeployment).

moto has none of these operations. A deployment that is rolled back stays one service deployment:
its status says how the way back went.
Test: tests/fidelity/test_ecs.py::test_a_deployment_can_be_stopped.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.moto_api._internal import mock_random

from seatrial_emulator.api.ecs_limits import failure_threshold

Stop = Literal["", "ROLLBACK", "ABORT"]
OPEN = ("IN_PROGRESS", "ROLLBACK_REQUESTED", "STOP_REQUESTED", "ROLLBACK_IN_PROGRESS")
KEPT = 100
LETTERS = string.ascii_letters + string.digits


@dataclass
class ServiceDeployment:
    """One service deployment."""

    number: str
    deployment: str
    created: datetime
    source: ServiceDeployment | None = None
    status: str = "IN_PROGRESS"
    reason: str = ""
    finished: datetime | None = None
    stop: Stop = ""
    failures: int = 0
    rollback: dict[str, Any] = field(default_factory=dict)
    back: str = ""  # the deployment that puts the source back


def apply() -> None:
    """Add the operations."""
    Response.list_service_deployments = _list
    Response.describe_service_deployments = _describe
    Response.stop_service_deployment = _stop


def of(service: Any) -> list[ServiceDeployment]:
    """Return a service's deployments, the newest first."""
    found: list[ServiceDeployment] = service.__dict__.setdefault("rehearsed_history", [])
    return found


def began(service: Any, deployment: str) -> None:
    """Tell that a deployment began; the one before it, if it was under way, is stopped."""
    now = datetime.now(UTC)
    deployed = of(service)
    for other in deployed:
        if other.status in OPEN:
            other.status, other.finished = "STOPPED", now
            other.reason = "The service deployment was superseded by another one."
    good = next((t for t in deployed if t.status == "SUCCESSFUL"), None)
    number = "".join(mock_random.choice(LETTERS) for _ in range(22))
    deployed.insert(0, ServiceDeployment(number, deployment, now, good))
    del deployed[KEPT:]


def ended(service: Any, deployment: str) -> None:
    """Tell that a deployment completed: it, or the way back from another one."""
    for deployed in of(service):
        if deployed.deployment == deployment and deployed.status == "IN_PROGRESS":
            deployed.status, deployed.finished = "SUCCESSFUL", datetime.now(UTC)
        elif deployed.back == deployment and deployed.status in OPEN:
            deployed.status, deployed.finished = "ROLLBACK_SUCCESSFUL", datetime.now(UTC)


def failed(service: Any, deployment: str, reason: str, count: int) -> None:
    """Tell that a deployment was given up without a way back."""
    for deployed in of(service):
        if deployed.deployment == deployment:
            deployed.status, deployed.reason, deployed.failures = "STOPPED", reason, count
            deployed.finished = datetime.now(UTC)


def rolls_back(service: Any, deployment: str, back: str, reason: str, count: int) -> None:
    """Tell that the deployment ``back`` puts back what served before ``deployment``."""
    for deployed in of(service):
        if deployed.deployment == deployment:
            deployed.status, deployed.reason, deployed.back, deployed.failures = (
                "ROLLBACK_IN_PROGRESS",
                reason,
                back,
                count,
            )
            deployed.rollback = {"reason": reason, "startedAt": datetime.now(UTC)}
            if deployed.source:
                deployed.rollback["serviceRevisionArn"] = _revision(service, deployed.source)


def asked(service: Any, deployment: str) -> Stop:
    """Return what somebody asked for this deployment."""
    return next((t.stop for t in of(service) if t.deployment == deployment), "")


def _arn(service: Any, deployed: ServiceDeployment) -> str:
    place = service.arn.split(":service/")[0]
    return f"{place}:service-deployment/{service.cluster_name}/{service.name}/{deployed.number}"


def _revision(service: Any, deployed: ServiceDeployment) -> str:
    place = service.arn.split(":service/")[0]
    number = deployed.deployment.rsplit("/", 1)[-1]
    return f"{place}:service-revision/{service.cluster_name}/{service.name}/{number}"


def _brief(service: Any, deployed: ServiceDeployment) -> dict[str, Any]:
    row = {
        "serviceDeploymentArn": _arn(service, deployed),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": deployed.created,
        "startedAt": deployed.created,
        "status": deployed.status,
        "targetServiceRevisionArn": _revision(service, deployed),
    }
    if deployed.reason:
        row["statusReason"] = deployed.reason
    if deployed.finished:
        row["finishedAt"] = deployed.finished
    return row


def _whole(service: Any, deployed: ServiceDeployment) -> dict[str, Any]:
    row = _brief(service, deployed)
    row.pop("targetServiceRevisionArn")
    settings = getattr(service, "deployment_configuration", None) or {}
    breaker = settings.get("deploymentCircuitBreaker") or {}
    live: dict[str, Any] = next(
        (d for d in service.deployments if d["id"] == deployed.deployment), {}
    )
    failures = live.get("failedTasks", deployed.failures)
    row |= {
        "updatedAt": deployed.finished or datetime.now(UTC),
        "targetServiceRevision": _counts(service, deployed, live),
        "sourceServiceRevisions": [_counts(service, deployed.source, {})]
        if deployed.source
        else [],
        "deploymentConfiguration": settings,
        "deploymentCircuitBreaker": {
            "status": _breaker(deployed, enabled=bool(breaker.get("enable"))),
            "failureCount": failures,
            "threshold": failure_threshold(int(service.desired_count)),
        },
    }
    if deployed.rollback:
        row["rollback"] = deployed.rollback
    return row


def _counts(service: Any, deployed: ServiceDeployment, live: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": _revision(service, deployed),
        "requestedTaskCount": int(service.desired_count),
        "runningTaskCount": live.get("runningCount", 0),
        "pendingTaskCount": live.get("pendingCount", 0),
    }


def _breaker(deployed: ServiceDeployment, *, enabled: bool) -> str:
    if not enabled:
        return "DISABLED"
    if deployed.rollback and not deployed.stop:
        return "TRIGGERED"
    return "MONITORING" if deployed.status == "IN_PROGRESS" else "MONITORING_COMPLETE"


def _service(response: Any) -> Any:
    name = response._get_param("service").split("/")[-1]
    cluster = response._get_param("cluster", "default").split("/")[-1]
    return response.ecs_backend._get_service(cluster, name)


def _list(self: Any) -> ActionResult:
    service = _service(self)
    wanted = self._get_param("status") or []
    rows = [_brief(service, t) for t in of(service) if not wanted or t.status in wanted]
    return ActionResult({"serviceDeployments": rows})


def _find(response: Any, arn: str) -> tuple[Any, ServiceDeployment] | None:
    for service in response.ecs_backend.services.values():
        for deployed in of(service):
            if _arn(service, deployed) == arn:
                return service, deployed
    return None


def _describe(self: Any) -> ActionResult:
    rows, failures = [], []
    for arn in self._get_param("serviceDeploymentArns"):
        found = _find(self, arn)
        if found:
            rows.append(_whole(*found))
        else:
            failures.append({"arn": arn, "reason": "MISSING"})
    return ActionResult({"serviceDeployments": rows, "failures": failures})


def _stop(self: Any) -> ActionResult:
    arn = self._get_param("serviceDeploymentArn")
    found = _find(self, arn)
    if found is None or found[1].status != "IN_PROGRESS":
        raise InvalidParameterException("The service deployment is not in progress.")
    deployed = found[1]
    deployed.stop = self._get_param("stopType") or "ROLLBACK"
    deployed.status = "ROLLBACK_REQUESTED" if deployed.stop == "ROLLBACK" else "STOP_REQUESTED"
    return ActionResult({"serviceDeploymentArn": arn})
