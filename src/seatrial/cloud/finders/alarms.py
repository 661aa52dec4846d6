"""Alarms with their topic, the dashboard and the budget."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _topic(session: Session, body: Body, mine: Tags) -> str | None:
    region, account = session.target.region, session.target.account
    arn = f"arn:aws:sns:{region}:{account}:{body['name']}"
    found = session.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return arn if mine.items() <= tags(found).items() else None


def _alarm(session: Session, body: Body, _: Tags) -> str | None:
    name = body["alarm_name"]
    rows = session.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(name) if rows else None


def _dashboard(session: Session, body: Body, _: Tags) -> str | None:
    session.client("cloudwatch").get_dashboard(DashboardName=body["dashboard_name"])
    return str(body["dashboard_name"])


def _budget(session: Session, body: Body, _: Tags) -> str | None:
    account = session.target.account
    session.client("budgets").describe_budget(AccountId=account, BudgetName=body["name"])
    return f"{account}:{body['name']}"


FINDERS: dict[str, Finder] = {
    "aws_sns_topic": _topic,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_budgets_budget": _budget,
}
