"""Metrics: which ones an app has, in which periods; and the graph that shows them."""

from __future__ import annotations

import pytest

from seatrial.cli.graph import graph
from seatrial.model.app import App
from seatrial.ops import metrics


@pytest.mark.parametrize(
    ("since", "pace", "period"),
    [(3600, 1, 60), (600, 1, 60), (7 * 86_400, 1, 10_080), (600, 10, 10), (60, 100, 1)],
)
def test_a_column_is_a_period_of_cloudwatch(since: float, pace: float, period: int):
    """A minute on AWS; less in a rehearsal, by its pace; more where sixty columns are too few."""
    assert metrics.period_of(since, pace) == period


def test_metrics_are_those_of_the_dashboard_that_are_deployed():
    """Dimensions are read from the state; a thing that is not deployed has no metrics."""
    app = App.model_validate(
        {
            "app": "a",
            "region": "us-east-1",
            "services": {"web": {"build": ".", "port": 80, "public": {"path": ["/"]}}},
            "databases": {"db": {}, "later": {}},
        }
    )
    attributes = {
        ("aws_ecs_cluster", "main"): {"name": "a-dev"},
        ("aws_lb_target_group", "web"): {"arn_suffix": "targetgroup/w/1"},
        ("aws_lb", "main"): {"arn_suffix": "app/a/1"},
        ("aws_db_instance", "db"): {"identifier": "a-dev-db"},
    }
    found = list(metrics.of_app(app, attributes))
    assert {noun for noun, _, _ in found} == {"web", "db"}
    times = [m for _, _, m in found if m.name == "TargetResponseTime"]
    assert [m.statistic for m in times] == ["Average", "p95", "p99"]
    assert dict(times[0].dimensions) == {
        "TargetGroup": "targetgroup/w/1",
        "LoadBalancer": "app/a/1",
    }


def test_a_graph_has_a_block_for_each_period():
    """The newest is at the right, the largest is full, a gap is a space."""
    points = [(0.0, 0.0), (10.0, 1.0), (30.0, 8.0)]
    assert graph(points, end=40, period=10, width=4) == "▁▂ █"
    assert graph([], end=40, period=10, width=3) == "   "
    assert graph([(35.0, 0.0)], end=40, period=10, width=2) == " ▁"
