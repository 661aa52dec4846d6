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
    """Yield the alarms of a service: CPU, memory, no task, and what each balancer sees of it."""
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
    always_on = context.app.services[name].count.always
    if always_on:
        yield _running(context, name, dimensions)
    for balancer, group in groups(context, name).items():
        yield from _balanced(limits, name, balancer, group)
        if always_on:
            yield _healthy(name, balancer, group)


def _running(context: Context, name: str, dimensions: dict[str, Any]) -> Alarm:
    """Return the alarm of a service without tasks; one that sends nothing has none.

    Container Insights counts them. Without it the samples of the CPU do: each task sends some every
    minute (ECS developer guide, "Amazon ECS service utilization metrics").
    """
    insights = context.production
    return Alarm(
        noun=f"services.{name}",
        name="running",
        namespace="ECS/ContainerInsights" if insights else "AWS/ECS",
        metric="RunningTaskCount" if insights else "CPUUtilization",
        dimensions=dimensions,
        statistic="Maximum" if insights else "SampleCount",
        threshold=1,
        words=f"{name}: no task ran for five minutes",
        period=MINUTES_1,
        bad=5,
        of=5,
        below=True,
        silent=True,
    )


def _healthy(name: str, balancer: str, group: str) -> Alarm:
    """Return the alarm of a target group without a healthy target, or without any."""
    return _of_targets(
        name,
        balancer,
        group,
        "healthy",
        metric="HealthyHostCount",
        statistic="Maximum",
        threshold=1,
        words=f"{name}: no healthy task for three minutes",
        period=MINUTES_1,
        bad=3,
        of=3,
        below=True,
        silent=True,
    )


def _of_targets(name: str, balancer: str, group: str, what: str, **fields: Any) -> Alarm:
    """Return an alarm of a service's target group at a balancer."""
    return Alarm(
        noun=f"services.{name}",
        name=what if group == name else f"{what}_internal",
        namespace="AWS/ApplicationELB",
        dimensions=dict(_target(balancer, group)),
        **fields,
    )


def of_balancers(context: Context, limits: Alarms) -> Iterator[Alarm]:
    """Yield an alarm for each balancer's own errors: nobody answered, or not in time."""
    found = {b for name in context.app.services for b in groups(context, name)}
    for balancer in sorted(found):
        yield Alarm(
            noun="edge",
            name="errors" if balancer == "main" else f"errors_{balancer}",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_ELB_5XX_Count",
            dimensions={"LoadBalancer": Ref("aws_lb", balancer, "arn_suffix")},
            statistic="Sum",
            threshold=limits.errors,
            words=f"the balancer itself answered 5xx {limits.errors} times or more in five minutes",
            bad=1,
            of=1,
        )


def _balanced(limits: Alarms, name: str, balancer: str, group: str) -> Iterator[Alarm]:
    yield _of_targets(
        name,
        balancer,
        group,
        "errors",
        metric="HTTPCode_Target_5XX_Count",
        statistic="Sum",
        threshold=limits.errors,
        words=f"{name}: {limits.errors} answers 5xx or more in five minutes",
        bad=1,
        of=1,
    )
    yield _of_targets(
        name,
        balancer,
        group,
        "unhealthy",
        metric="UnHealthyHostCount",
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
