"""The cluster: free but for Container Insights; and the images of its builds."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource

IMAGES = Assumption("images", 1, "GB of images, each build")
# Custom metrics of Container Insights: each cluster's, family of tasks' and service's (CloudWatch
# pricing, example "Container Insights for Amazon ECS").
OF_CLUSTER, OF_FAMILY, OF_SERVICE = 8, 6, 11
# It writes an event of about 1 KB a minute for the cluster, each service, task and container
# (CloudWatch user guide, "Container Insights performance log events for Amazon ECS").
EVENT_GB, MINUTES = 1e-6, 60


def _repository(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "images", case.of(IMAGES), "ecr.gb")


def _cluster(case: Case, resource: Resource) -> Iterator[Line]:
    """Container Insights, where it is on: its metrics are billed as one's own."""
    if not any(row["value"] != "disabled" for row in resource.body["setting"]):
        return
    services = _count(case, "aws_ecs_service")
    families = _count(case, "aws_ecs_task_definition")
    metrics = OF_CLUSTER + OF_FAMILY * families + OF_SERVICE * services
    yield case.line(resource, "Container Insights: metrics", metrics, "metric.custom")


def _insights(case: Case, resource: Resource) -> Iterator[Line]:
    services = [r for r in case.graph.resources if r.type == "aws_ecs_service"]
    tasks = sum(int(service.body["desired_count"]) for service in services)
    events = HOURS * MINUTES * (1 + len(services) + 2 * tasks)
    yield case.line(resource, "Container Insights: events", events * EVENT_GB, "logs.ingest.gb")
    months = int(resource.body["retention_in_days"]) / 30
    stored = events * EVENT_GB * months
    yield case.line(resource, "Container Insights: events kept", stored, "logs.store.gb")


def _count(case: Case, type_: str) -> int:
    return sum(resource.type == type_ for resource in case.graph.resources)


COSTS = Costs(
    section="cluster",
    rules={
        "aws_ecr_repository": _repository,
        "aws_ecs_cluster": _cluster,
        "aws_cloudwatch_log_group": _insights,
    },
    free=frozenset({"aws_ecr_lifecycle_policy", "aws_ecs_cluster_capacity_providers"}),
    assumptions=(IMAGES,),
)
