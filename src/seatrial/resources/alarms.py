"""Alarms on every noun that has some, and the topic through which people hear of them.

Alarms on data stand in the foundation, those on tasks and targets in the release (decision 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.alarms import Alarms
from seatrial.resources import access, service_metrics
from seatrial.resources.context import ACCOUNT, Context, foundation, make
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import Alarm

NOUN = "alarms"
TOPIC = Ref("aws_sns_topic", "alarms", "arn")


def build(context: Context) -> Iterator[Resource]:
    """Yield the topic with its subscriptions, and an alarm for everything that is alarm."""
    alarms = context.app.alarms
    if alarms is None:
        return
    yield from _topic(context, alarms)
    for kind in context.kinds:
        for name in kind.names(context.app):
            for alarm in kind.alarms(context, alarms, name):
                yield _alarm(context, alarm)
    for alarm in service_metrics.of_balancers(context, alarms):
        yield _alarm(context, alarm)


def _topic(context: Context, alarms: Alarms) -> Iterator[Resource]:
    yield foundation(NOUN, "aws_sns_topic", "alarms", name=context.name("topic", NOUN))
    services = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    publish = {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": services},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    yield foundation(
        NOUN, "aws_sns_topic_policy", "alarms", arn=TOPIC, policy=access.policy(publish)
    )
    for protocol, endpoints in (("email", alarms.email), ("https", alarms.webhook)):
        for index, endpoint in enumerate(endpoints):
            yield foundation(
                NOUN,
                "aws_sns_topic_subscription",
                f"{protocol}_{index}",
                topic_arn=TOPIC,
                protocol=protocol,
                endpoint=endpoint,
                endpoint_auto_confirms=True if protocol == "https" else None,
            )
    if alarms.slack:
        yield from _slack(context, alarms)


def _slack(context: Context, alarms: Alarms) -> Iterator[Resource]:
    """A channel, by Amazon Q Developer in chat applications; its role may do nothing."""
    trusted = access.policy(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "chatbot.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    )
    yield access.role(context, NOUN, "chat", trusted)
    slack = alarms.slack
    if slack is None:
        return
    yield foundation(
        NOUN,
        "aws_chatbot_slack_channel_configuration",
        "alarms",
        configuration_name=context.global_name("chat", NOUN),
        iam_role_arn=Ref("aws_iam_role", "chat", "arn"),
        slack_team_id=slack.workspace,
        slack_channel_id=slack.channel,
        sns_topic_arns=[TOPIC],
        guardrail_policy_arns=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
    )


def _alarm(context: Context, alarm: Alarm) -> Resource:
    address = f"{alarm.noun.rpartition('.')[2]}_{alarm.name}"
    return make(
        alarm.root,
        alarm.noun,
        "aws_cloudwatch_metric_alarm",
        address,
        alarm_name=context.name("alarm", address.replace("_", "-")),
        alarm_description=alarm.words,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=alarm.dimensions,
        statistic=alarm.statistic,
        period=alarm.period,
        evaluation_periods=alarm.of,
        datapoints_to_alarm=alarm.bad,
        threshold=alarm.threshold,
        comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanOrEqualToThreshold",
        treat_missing_data="breaching" if alarm.silent else "notBreaching",
        alarm_actions=[TOPIC],
        ok_actions=[TOPIC],
    )
