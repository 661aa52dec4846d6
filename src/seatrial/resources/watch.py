"""Alarms on everything that runs, the topic that tells people, a dashboard and a budget.

Alarms on data stand in the foundation, those on tasks and targets in the release (decision 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seatrial.model.watch import Alarms
from seatrial.resources import access
from seatrial.resources.context import ACCOUNT, Context, foundation, make
from seatrial.resources.graph import Ref, Resource, Root, joined
from seatrial.resources.route import groups

NOUN = "alarms"
TOPIC = Ref("aws_sns_topic", "alarms", "arn")
MINUTES_5, MINUTES_1 = 300, 60
GB = 1_000_000_000


@dataclass(frozen=True)
class Watched:
    """One metric and when it is bad: ``bad`` periods of ``of`` beyond the threshold."""

    noun: str
    name: str
    namespace: str
    metric: str
    dimensions: dict[str, Any]
    statistic: str
    threshold: float
    words: str
    root: Root = "release"
    period: int = MINUTES_5
    bad: int = 3
    of: int = 3
    below: bool = False


def build(context: Context) -> Iterator[Resource]:
    """Yield the topic with its subscriptions, and an alarm for everything that is watched."""
    alarms = context.app.alarms
    if alarms is None:
        return
    yield from _topic(context, alarms)
    for watched in _watched(context, alarms):
        yield _alarm(context, watched)


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


def _alarm(context: Context, watched: Watched) -> Resource:
    address = f"{watched.noun.partition('.')[2]}_{watched.name}"
    return make(
        watched.root,
        watched.noun,
        "aws_cloudwatch_metric_alarm",
        address,
        alarm_name=context.name("alarm", address.replace("_", "-")),
        alarm_description=watched.words,
        namespace=watched.namespace,
        metric_name=watched.metric,
        dimensions=watched.dimensions,
        statistic=watched.statistic,
        period=watched.period,
        evaluation_periods=watched.of,
        datapoints_to_alarm=watched.bad,
        threshold=watched.threshold,
        comparison_operator="LessThanThreshold"
        if watched.below
        else "GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[TOPIC],
        ok_actions=[TOPIC],
    )


def _watched(context: Context, alarms: Alarms) -> Iterator[Watched]:
    for name in sorted(context.app.services):
        yield from _service(context, alarms, name)
    for name in sorted(context.app.databases):
        yield from _database(context, alarms, name)
    for name in sorted(context.app.caches):
        yield from _cache(name)
    for name in sorted(context.app.queues):
        yield from _queue(name)


def _service(context: Context, alarms: Alarms, name: str) -> Iterator[Watched]:
    noun = f"services.{name}"
    dimensions = {
        "ClusterName": Ref("aws_ecs_cluster", "main", "name"),
        "ServiceName": Ref("aws_ecs_service", name, "name"),
    }
    for metric, most in (("CPU", alarms.cpu), ("Memory", alarms.memory)):
        words = f"{name}: {metric} at {most} % or more for 15 minutes"
        whole = f"{metric}Utilization"
        yield Watched(noun, metric.lower(), "AWS/ECS", whole, dimensions, "Average", most, words)
    for balancer, group in groups(context, name).items():
        target = {
            "TargetGroup": Ref("aws_lb_target_group", group, "arn_suffix"),
            "LoadBalancer": Ref("aws_lb", balancer, "arn_suffix"),
        }
        suffix = "" if group == name else "_internal"
        yield Watched(
            noun,
            f"errors{suffix}",
            "AWS/ApplicationELB",
            "HTTPCode_Target_5XX_Count",
            target,
            "Sum",
            alarms.errors,
            f"{name}: {alarms.errors} answers 5xx or more in five minutes",
            bad=1,
            of=1,
        )
        yield Watched(
            noun,
            f"unhealthy{suffix}",
            "AWS/ApplicationELB",
            "UnHealthyHostCount",
            target,
            "Maximum",
            1,
            f"{name}: a task fails its health check for five minutes",
            period=MINUTES_1,
            bad=5,
            of=5,
        )


def _database(context: Context, alarms: Alarms, name: str) -> Iterator[Watched]:
    size = context.app.databases[name].storage
    free = size * GB * alarms.storage // 100
    rows: tuple[tuple[str, str, float, bool, str], ...] = (
        ("cpu", "CPUUtilization", alarms.cpu, False, f"CPU at {alarms.cpu} % or more"),
        ("storage", "FreeStorageSpace", free, True, f"less than {alarms.storage} % of disk free"),
        ("memory", "FreeableMemory", 64_000_000, True, "less than 64 MB of memory free"),
    )
    dimensions = {"DBInstanceIdentifier": Ref("aws_db_instance", name, "identifier")}
    for short, metric, threshold, below, words in rows:
        yield Watched(
            f"databases.{name}",
            short,
            "AWS/RDS",
            metric,
            dimensions,
            "Average",
            threshold,
            f"{name}: {words} for 15 minutes",
            "foundation",
            below=below,
        )


def _cache(name: str) -> Iterator[Watched]:
    """The first node's: it takes every write."""
    group = Ref("aws_elasticache_replication_group", name)
    dimensions = {"CacheClusterId": joined(group, "-001")}
    for short, metric, threshold, words in (
        ("memory", "DatabaseMemoryUsagePercentage", 85, "memory at 85 % or more"),
        ("cpu", "EngineCPUUtilization", 85, "its one CPU at 85 % or more"),
    ):
        yield Watched(
            f"caches.{name}",
            short,
            "AWS/ElastiCache",
            metric,
            dimensions,
            "Average",
            threshold,
            f"{name}: {words} for 15 minutes",
            "foundation",
        )


def _queue(name: str) -> Iterator[Watched]:
    yield Watched(
        f"queues.{name}",
        "dead",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": Ref("aws_sqs_queue", f"{name}_dead", "name")},
        "Maximum",
        1,
        f"{name}: a message failed as often as it may and lies in the dead-letter queue",
        "foundation",
        bad=1,
        of=1,
    )
