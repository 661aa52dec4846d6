"""Requests as they flow: a rehearsal's by the second, AWS's by the minute. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seatrial.ops.metrics import Series

FAILED = ("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count")
MINUTE = 60


def by_second(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the balancer counted, by service; ``names`` are services by target group."""
    return [
        {
            "at": row["at"],
            "service": names.get(row["group"], "?"),
            "requests": row["counts"].get("RequestCount", 0),
            "failed": sum(row["counts"].get(name, 0) for name in FAILED),
            "seconds": row["counts"].get("seconds", 0),
            "unit": 1,
        }
        for row in rows
    ]


def by_minute(found: Iterable[Series]) -> Iterator[dict[str, Any]]:
    """Yield what CloudWatch counted, a row for each service and minute."""
    rows: dict[tuple[str, float], dict[str, Any]] = {}
    times = {}
    for series in found:
        name = series.metric.name
        for point in series.points:
            key = series.noun, point.time
            if name == "RequestCount" or name in FAILED:
                row = rows.setdefault(key, _empty(*key))
                row["requests" if name == "RequestCount" else "failed"] += point.value
            elif name == "TargetResponseTime" and series.metric.statistic == "Average":
                times[key] = point.value
    for key, row in rows.items():
        yield row | {"seconds": times.get(key, 0.0) * row["requests"]}


def _empty(service: str, at: float) -> dict[str, Any]:
    return {
        "at": at,
        "service": service,
        "requests": 0.0,
        "failed": 0.0,
        "seconds": 0.0,
        "unit": MINUTE,
    }
