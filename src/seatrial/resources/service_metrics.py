"""A service's metrics: when they are bad, and how the dashboard shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.alarms import Alarms
from seatrial.resources.context import Context
from seatrial.resources.graph import Ref
from seatrial.resources.kind import MINUTES_1, Alarm, Graphs
from seatrial.resources.route import groups


def alarms(context: Context, limits: Alarms, name: str) -> Iterator[Alarm]:
    """Yield the alarms of a service: CPU and memory, and what each balancer sees of it."""
    dimensions = {
        "ClusterName": Ref("aws_ecs_cluster", "main", "name"),
        "ServiceName": Ref("aws_ecs_service", name, "name"),
    }
    for metric, most in (("CPU", limits.cpu), ("Memory", limits.memory)):
        yield Alarm(
            noun=f"services.{name}",
            name=metric.lower(),
            namespace="AWS/ECS",
            metric=f"{metric}Utilization",
            dimensions=dimensions,
            statistic="Average",
            threshold=most,
            words=f"{name}: {metric} at {most} % or more for 15 minutes",
        )
    for balancer, group in groups(context, name).items():
        yield from _balanced(limits, name, balancer, group)


def _balanced(limits: Alarms, name: str, balancer: str, group: str) -> Iterator[Alarm]:
    suffix = "" if group == name else "_internal"
    yield Alarm(
        noun=f"services.{name}",
        name=f"errors{suffix}",
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        dimensions=dict(_target(balancer, group)),
        statistic="Sum",
        threshold=limits.errors,
        words=f"{name}: {limits.errors} answers 5xx or more in five minutes",
        bad=1,
        of=1,
    )
    yield Alarm(
        noun=f"services.{name}",
        name=f"unhealthy{suffix}",
        namespace="AWS/ApplicationELB",
        metric="UnHealthyHostCount",
        dimensions=dict(_target(balancer, group)),
        statistic="Maximum",
        threshold=1,
        words=f"{name}: a task fails its health check for five minutes",
        period=MINUTES_1,
        bad=5,
        of=5,
    )


def _target(balancer: str, group: str) -> tuple[tuple[str, Ref], ...]:
    return (
        ("TargetGroup", Ref("aws_lb_target_group", group, "arn_suffix")),
        ("LoadBalancer", Ref("aws_lb", balancer, "arn_suffix")),
    )


def graphs(context: Context, name: str) -> Graphs:
    """Return a service's graphs: CPU and memory, requests, response times."""
    at = ["ClusterName", Ref("aws_ecs_cluster", "main", "name"), "ServiceName", name]
    used = [["AWS/ECS", f"{metric}Utilization", *at] for metric in ("CPU", "Memory")]
    row: Graphs = [(f"{name}: CPU and memory, %", used)]
    for balancer, group in list(groups(context, name).items())[:1]:
        target: list[Any] = [word for pair in _target(balancer, group) for word in pair]
        space = "AWS/ApplicationELB"
        counts = ("RequestCount", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count")
        row.append((f"{name}: requests", [[space, c, *target, {"stat": "Sum"}] for c in counts]))
        times = [
            [space, "TargetResponseTime", *target, {"stat": s}] for s in ("Average", "p95", "p99")
        ]
        row.append((f"{name}: response time, s", times))
    return row
