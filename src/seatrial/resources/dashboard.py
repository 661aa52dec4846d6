"""The dashboard: a row of graphs for every noun that has metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import Context, release
from seatrial.resources.graph import Json, Ref, Resource, joined
from seatrial.resources.route import groups

WIDTH, HEIGHT, COLUMNS = 8, 6, 24


def build(context: Context) -> Iterator[Resource]:
    """Yield the dashboard where it is wanted."""
    if not context.app.dashboard:
        return
    rows = list(_rows(context))
    widgets = [
        _widget(context, title, metrics, x * WIDTH, y * HEIGHT)
        for y, row in enumerate(rows)
        for x, (title, metrics) in enumerate(row)
    ]
    yield release(
        "dashboard",
        "aws_cloudwatch_dashboard",
        "main",
        dashboard_name=context.global_name("dashboard", "overview"),
        dashboard_body=Json({"widgets": widgets}),
    )


Row = list[tuple[str, list[list[Any]]]]


def _widget(
    context: Context, title: str, metrics: list[list[Any]], x: int, y: int
) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": context.app.region,
            "period": 60,
            "stat": "Average",
            "metrics": metrics,
        },
    }


def _rows(context: Context) -> Iterator[Row]:
    for name in sorted(context.app.services):
        yield _service(context, name)
    for name in sorted(context.app.databases):
        at = ["DBInstanceIdentifier", Ref("aws_db_instance", name, "identifier")]
        yield _graphs(
            name, "AWS/RDS", at, "CPUUtilization", "DatabaseConnections", "FreeStorageSpace"
        )
    for name in sorted(context.app.caches):
        group = Ref("aws_elasticache_replication_group", name)
        at = ["CacheClusterId", joined(group, "-001")]
        memory = "DatabaseMemoryUsagePercentage"
        yield _graphs(name, "AWS/ElastiCache", at, "EngineCPUUtilization", memory, "CacheHitRate")
    for name in sorted(context.app.queues):
        at = ["QueueName", Ref("aws_sqs_queue", name, "name")]
        waiting, oldest = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
        yield _graphs(name, "AWS/SQS", at, waiting, oldest, "NumberOfMessagesDeleted")


def _graphs(name: str, namespace: str, at: list[Any], *metrics: str) -> Row:
    return [(f"{name}: {metric}", [[namespace, metric, *at]]) for metric in metrics]


def _service(context: Context, name: str) -> Row:
    at = ["ClusterName", Ref("aws_ecs_cluster", "main", "name"), "ServiceName", name]
    row: Row = [
        (
            f"{name}: CPU and memory, %",
            [["AWS/ECS", f"{metric}Utilization", *at] for metric in ("CPU", "Memory")],
        )
    ]
    for balancer, group in list(groups(context, name).items())[:1]:
        target = [
            "TargetGroup",
            Ref("aws_lb_target_group", group, "arn_suffix"),
            "LoadBalancer",
            Ref("aws_lb", balancer, "arn_suffix"),
        ]
        space = "AWS/ApplicationELB"
        counts = ("RequestCount", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count")
        row.append((f"{name}: requests", [[space, c, *target, {"stat": "Sum"}] for c in counts]))
        times = [
            [space, "TargetResponseTime", *target, {"stat": s}] for s in ("Average", "p95", "p99")
        ]
        row.append((f"{name}: response time, s", times))
    return row
