"""CloudWatch: the values of metrics over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from seatrial.cloud.session import Session, aws_errors

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

MOST = 500  # queries that one GetMetricData takes (CloudWatch API reference)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of one thing, and how the values of a period become one."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True)
class Point:
    """The value of one period; ``time`` is its begin, in seconds since 1970."""

    time: float
    value: float


def values(
    session: Session, metrics: Sequence[Metric], *, start: datetime, end: datetime, period: int
) -> list[list[Point]]:
    """Return the points of each metric, oldest first; a period without data has none.

    ``period`` is in seconds: 1, 5, 10, 30 or minutes (CloudWatch API reference, MetricStat).
    """
    found: list[list[Point]] = [[] for _ in metrics]
    for first in range(0, len(metrics), MOST):
        queries = [_query(n, m, period) for n, m in enumerate(metrics[first : first + MOST], first)]
        with aws_errors("to read metrics"):
            pages = (
                session.client("cloudwatch")
                .get_paginator("get_metric_data")
                .paginate(MetricDataQueries=queries, StartTime=start, EndTime=end)
            )
            for row in (row for page in pages for row in page["MetricDataResults"]):
                times = zip(row["Timestamps"], row["Values"], strict=True)
                found[int(row["Id"][1:])] += [Point(at.timestamp(), value) for at, value in times]
    return [sorted(points, key=lambda point: point.time) for points in found]


def _query(number: int, metric: Metric, period: int) -> MetricDataQueryTypeDef:
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in metric.dimensions],
            },
            "Period": period,
            "Stat": metric.statistic,
        },
    }
