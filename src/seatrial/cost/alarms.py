"""Alarms and the dashboard; who hears of them by mail or in a channel costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource


def _alarm(case: Case, resource: Resource) -> Iterator[Line]:
    """All of a noun's alarms are one line, added by the first."""
    mine = [r for r in case.graph.resources if r.type == resource.type and r.noun == resource.noun]
    if mine[0] is resource:
        yield case.line(resource, "alarms", len(mine), "alarm.standard")


def _dashboard(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "dashboard", 1, "dashboard")


COSTS = Costs(
    rules={"aws_cloudwatch_metric_alarm": _alarm, "aws_cloudwatch_dashboard": _dashboard},
    free=frozenset(
        {
            "aws_budgets_budget",
            "aws_chatbot_slack_channel_configuration",
            "aws_sns_topic",
            "aws_sns_topic_policy",
            "aws_sns_topic_subscription",
        }
    ),
)
