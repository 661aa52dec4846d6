"""What a client of the ECS API sees while deployments go wrong. AWS's API alone is asked: with
``SEATRIAL_FIDELITY_SERVICE=cluster/service`` these run against that service of the account that the
machine's credentials belong to (they replace its tasks, and put them back).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from helpers import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE = 60 if "SEATRIAL_FIDELITY_SERVICE" not in os.environ else 1200
SHARED = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "cpu", "memory")


@dataclass(frozen=True)
class Place:
    """A service somewhere."""

    client: Callable[[str], Any]
    cluster: str
    service: str

    def described(self) -> dict[str, Any]:
        """Return the service."""
        rows = self.client("ecs").describe_services(cluster=self.cluster, services=[self.service])
        found: dict[str, Any] = rows["services"][0]
        return found

    def deployments(self) -> list[dict[str, Any]]:
        """Return its service deployments, the newest first, as they are described."""
        ecs = self.client("ecs")
        rows = ecs.list_service_deployments(cluster=self.cluster, service=self.service)
        arns = [row["serviceDeploymentArn"] for row in rows["serviceDeployments"]]
        found: list[dict[str, Any]] = ecs.describe_service_deployments(
            serviceDeploymentArns=arns[:20]
        )["serviceDeployments"]
        return found

    def release(self, *command: str) -> str:
        """Let the service run a command instead of its own; return its definition from before."""
        ecs, before = self.client("ecs"), str(self.described()["taskDefinition"])
        row = ecs.describe_task_definition(taskDefinition=before)["taskDefinition"]
        containers = [{**c, "command": list(command)} for c in row["containerDefinitions"]]
        made = ecs.register_task_definition(
            **{key: row[key] for key in SHARED if key in row},
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=containers,
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.update_service(cluster=self.cluster, service=self.service, taskDefinition=made)
        return before


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Return a service of the account that was named, else of the rehearsed hello."""
    if given := os.environ.get("SEATRIAL_FIDELITY_SERVICE"):
        cluster, _, service = given.partition("/")
        return Place(boto3.client, cluster, service)
    hello = request.getfixturevalue("hello")  # which has deployed what earlier tests edited
    return Place(hello.client, "hello-dev", "web")


@pytest.fixture
def crashed(place: Place) -> tuple[Place, str]:
    """Release a program that ends at once, and wait as the AWS CLI does."""
    before = place.release("sh", "-c", "echo fidelity; exit 3")
    eventually(place.deployments, lambda rows: rows[0]["status"] != "IN_PROGRESS", PATIENCE)
    place.client("ecs").get_waiter("services_stable").wait(
        cluster=place.cluster,
        services=[place.service],
        WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE},
    )
    return place, before


def test_services_stable_tells_nothing_of_a_rollback(crashed):
    """The waiter ends well after a rollback; the service runs what it ran before, and the events
    and the service deployment say why."""
    place, before = crashed
    service, reported = place.described(), place.deployments()[0]
    assert service["taskDefinition"] == before
    assert (service["runningCount"], service["pendingCount"]) == (service["desiredCount"], 0)
    assert reported["status"] == "ROLLBACK_SUCCESSFUL"
    assert reported["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert reported["deploymentCircuitBreaker"]["threshold"] == 3
    assert reported["deploymentCircuitBreaker"]["failureCount"] >= 3
    assert "circuit breaker" in reported["rollback"]["reason"]
    said = " ".join(event["message"] for event in service["events"][:20])
    assert "deployment failed: tasks failed to start." in said
    assert "has reached a steady state" in said


def test_a_stopped_task_says_why(crashed):
    """A task that ended has its stop code, reason, exit code, and times in their order; it is
    listed among the stopped tasks alone."""
    place, _ = crashed
    ecs = place.client("ecs")
    stopped = ecs.list_tasks(cluster=place.cluster, desiredStatus="STOPPED")["taskArns"]
    assert not set(stopped) & set(ecs.list_tasks(cluster=place.cluster)["taskArns"])
    rows = ecs.describe_tasks(cluster=place.cluster, tasks=stopped)["tasks"]
    row = next(r for r in rows if r["containers"][0].get("exitCode") == 3)
    assert row["stopCode"] == "EssentialContainerExited"
    assert row["stoppedReason"] == "Essential container in task exited"
    order = ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppedAt")
    assert [row[key] for key in order] == sorted(row[key] for key in order)
    assert row["lastStatus"] == row["desiredStatus"] == "STOPPED"


def test_a_deployment_can_be_stopped(place: Place):
    """StopServiceDeployment puts back what served; a deployment that is over cannot be stopped."""
    before = place.release("sh", "-c", "sleep 600")
    ecs = place.client("ecs")
    reported = place.deployments()[0]
    assert reported["status"] == "IN_PROGRESS"
    assert reported["targetServiceRevision"]["requestedTaskCount"] == 1
    arn = reported["serviceDeploymentArn"]
    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    over = eventually(
        lambda: place.deployments()[0], lambda row: row["status"] == "ROLLBACK_SUCCESSFUL", PATIENCE
    )
    assert over["finishedAt"] >= over["startedAt"]
    assert place.described()["taskDefinition"] == before
    with pytest.raises(ecs.exceptions.ClientError, match="not in progress"):
        ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")


def test_a_task_that_a_user_stopped_says_so(place: Place):
    """StopTask: its reason, the stop code UserInitiated; ECS starts another one."""
    ecs = place.client("ecs")

    def running() -> list[str]:
        found: list[str] = ecs.list_tasks(cluster=place.cluster, serviceName=place.service)[
            "taskArns"
        ]
        return found

    (task,) = running()[:1]
    ecs.stop_task(cluster=place.cluster, task=task, reason="to see")

    def row() -> dict[str, Any]:
        found: dict[str, Any] = ecs.describe_tasks(cluster=place.cluster, tasks=[task])["tasks"][0]
        return found

    over = eventually(row, lambda seen: seen["lastStatus"] == "STOPPED", PATIENCE)
    assert (over["stopCode"], over["stoppedReason"]) == ("UserInitiated", "to see")
    eventually(running, lambda arns: bool(arns) and task not in arns, PATIENCE)
    eventually(place.described, lambda s: s["runningCount"] == s["desiredCount"], PATIENCE)
