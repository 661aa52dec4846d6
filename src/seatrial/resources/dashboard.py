"""The dashboard: a row of graphs for every noun that has metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import Context, release
from seatrial.resources.graph import Json, Resource

WIDTH, HEIGHT, COLUMNS = 8, 6, 24


def build(context: Context) -> Iterator[Resource]:
    """Yield the dashboard where it is wanted."""
    if not context.app.dashboard:
        return
    rows = [
        kind.graphs(context, name)
        for kind in context.kinds
        if kind.graphs
        for name in kind.names(context.app)
    ]
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
