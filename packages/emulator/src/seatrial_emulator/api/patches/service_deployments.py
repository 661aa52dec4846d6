"""ECS shows each deployment of a service as a service deployment, and stops one on request (ECS API
reference, ListServiceDeployments, DescribeServiceDeployments, StopServiceDeployment; the statuses
are those of the data type ServiceDeployment).

moto has none of these operations. A deployment that is rolled back stays one service deployment:
its status says how the rollback went.
Test: tests/fidelity/test_ecs.py::test_a_deployment_can_be_stopped.
"""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.moto_api._internal import mock_random

from seatrial_emulator.api.ecs_limits import failure_threshold
from seatrial_emulator.api.patches.patch import add
from seatrial_emulator.api.state import ServiceDeployment, Stop, store_of

OPEN = ("IN_PROGRESS", "ROLLBACK_REQUESTED", "STOP_REQUESTED", "ROLLBACK_IN_PROGRESS")
MOST_DEPLOYMENTS = 100  # of a service
LETTERS = string.ascii_letters + string.digits


def apply() -> None:
    """Add the operations."""
    add(Response, "list_service_deployments", _list)
    add(Response, "describe_service_deployments", _describe)
    add(Response, "stop_service_deployment", _stop)


def of(service: Any) -> list[ServiceDeployment]:
    """Return a service's deployments, the newest first."""
    return store_of(service.arn).service(service.arn).deployments


def start(service: Any, deployment: str) -> None:
    """Record that a deployment began; the one before it, if it is in progress, is stopped."""
    now = datetime.now(UTC)
    deployed = of(service)
    for other in deployed:
        if other.status in OPEN:
            other.status, other.finished = "STOPPED", now
            other.reason = "The service deployment was superseded by another one."
    source = next((t for t in deployed if t.status == "SUCCESSFUL"), None)
    number = "".join(mock_random.choice(LETTERS) for _ in range(22))
    deployed.insert(0, ServiceDeployment(number, deployment, now, source))
    del deployed[MOST_DEPLOYMENTS:]


def complete(service: Any, deployment: str) -> None:
    """Record that a deployment completed: it, or the rollback of another one."""
    for deployed in of(service):
        if deployed.deployment == deployment and deployed.status == "IN_PROGRESS":
            deployed.status, deployed.finished = "SUCCESSFUL", datetime.now(UTC)
        elif deployed.rollback_deployment == deployment and deployed.status in OPEN:
            deployed.status, deployed.finished = "ROLLBACK_SUCCESSFUL", datetime.now(UTC)


def stop(service: Any, deployment: str, *, reason: str, failures: int) -> None:
    """Record that a deployment was stopped without a rollback."""
    for deployed in of(service):
        if deployed.deployment == deployment:
            deployed.status, deployed.reason, deployed.failures = "STOPPED", reason, failures
            deployed.finished = datetime.now(UTC)


def roll_back(service: Any, deployment: str, *, to: str, reason: str, failures: int) -> None:
    """Record that the deployment ``to`` puts back what served before ``deployment``."""
    for deployed in of(service):
        if deployed.deployment == deployment:
            deployed.status, deployed.reason = "ROLLBACK_IN_PROGRESS", reason
            deployed.rollback_deployment, deployed.failures = to, failures
            deployed.rollback = {"reason": reason, "startedAt": datetime.now(UTC)}
            if deployed.source:
                deployed.rollback["serviceRevisionArn"] = _revision(service, deployed.source)


def requested_stop(service: Any, deployment: str) -> Stop:
    """Return how a client asked to stop this deployment; empty where none did."""
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
    state = store_of(service.arn).service(service.arn)
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
        "deploymentConfiguration": state.deployment_configuration or {},
        "deploymentCircuitBreaker": {
            "status": _breaker(deployed, enabled=bool(state.circuit_breaker.get("enable"))),
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
