"""The cluster that tasks run in, and a repository for each build's images."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources.context import Context, builds, foundation
from seatrial.resources.graph import Json, Ref, Resource

CLUSTER = Ref("aws_ecs_cluster", "main", "arn")
INSIGHTS = Ref("aws_cloudwatch_log_group", "container_insights")  # no noun has an underscore


def build(context: Context) -> Iterator[Resource]:
    """Yield the cluster and the repositories."""
    if not context.app.services:
        return
    insights = "enabled" if context.production else "disabled"
    if context.production:
        yield _insights(context)
    yield foundation(
        "cluster",
        "aws_ecs_cluster",
        "main",
        *((INSIGHTS,) if context.production else ()),
        name=context.name("service"),
        setting=[{"name": "containerInsights", "value": insights}],
    )
    yield foundation(
        "cluster",
        "aws_ecs_cluster_capacity_providers",
        "main",
        cluster_name=Ref("aws_ecs_cluster", "main", "name"),
        capacity_providers=["FARGATE", "FARGATE_SPOT"],
    )
    for name in sorted(set(builds(context.app).values())):
        yield from _repository(context, name)


def _insights(context: Context) -> Resource:
    """Return the log group that Container Insights writes to: made by AWS it would have no
    retention and no tags, and outlive the cluster (CloudWatch user guide, "Container Insights
    performance log events for Amazon ECS").
    """
    return foundation(
        "cluster",
        INSIGHTS.type,
        INSIGHTS.name,
        name=f"/aws/ecs/containerinsights/{context.name('service')}/performance",
        retention_in_days=context.app.logs.retention,
    )


def _repository(context: Context, name: str) -> Iterator[Resource]:
    noun = f"builds.{name}"
    yield foundation(
        noun,
        "aws_ecr_repository",
        name,
        name=context.name("repository", name),
        force_delete=True,
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=[{"scan_on_push": True}],
    )
    rules = [
        _expire(
            1,
            "untagged images after two weeks",
            tagStatus="untagged",
            countType="sinceImagePushed",
            countUnit="days",
            countNumber=14,
        ),
        _expire(
            2,
            "all but the last hundred",
            tagStatus="any",
            countType="imageCountMoreThan",
            countNumber=100,
        ),
    ]
    yield foundation(
        noun,
        "aws_ecr_lifecycle_policy",
        name,
        repository=Ref("aws_ecr_repository", name, "name"),
        policy=Json({"rules": rules}),
    )


def _expire(priority: int, description: str, **selection: str | int) -> dict[str, object]:
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }
