"""A topic: encrypted, published to over TLS only, with a subscription for each who hears of it.

The key is AWS's own for SNS: whoever may publish in this account may use it through SNS, so no
grant names it (SNS developer guide, "Securing data with server-side encryption").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.service import Service, Use
from seatrial.model.topic import KIND, Topic
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import DATA, Alarm, Arrow, Grant, Graphs, Node, ResourceKind, graphs

LIMIT = 256  # characters (SNS API reference, CreateTopic)
KEY = "alias/aws/sns"


def build(context: Context) -> Iterator[Resource]:
    """Yield every topic with its policy and its subscriptions."""
    for noun, topic in sorted(context.app.topics.items()):
        owner, arn = f"topics.{noun}", Ref("aws_sns_topic", noun, "arn")
        name = context.fitted(LIMIT, noun)
        yield foundation(owner, "aws_sns_topic", noun, name=name, kms_master_key_id=KEY)
        policy = access.policy(access.tls_only("sns:Publish", arn))
        yield foundation(owner, "aws_sns_topic_policy", noun, arn=arn, policy=policy)
        for address, body in _subscriptions(noun, topic):
            yield foundation(
                owner, "aws_sns_topic_subscription", address, *_after(body), topic_arn=arn, **body
            )


def _subscriptions(noun: str, topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, endpoint in enumerate(topic.email):
        yield f"{noun}_email_{index}", {"protocol": "email", "endpoint": endpoint}
    for index, endpoint in enumerate(topic.webhook):
        confirmed = {"protocol": "https", "endpoint": endpoint, "endpoint_auto_confirms": True}
        yield f"{noun}_webhook_{index}", confirmed
    for queue in topic.queues:
        arn = Ref("aws_sqs_queue", queue, "arn")
        yield (
            f"{noun}_to_{queue}",
            {"protocol": "sqs", "endpoint": arn, "raw_message_delivery": True},
        )


def _after(body: dict[str, Any]) -> Iterator[Ref]:
    """A queue must let SNS in before the first message comes."""
    if body["protocol"] == "sqs":
        yield Ref("aws_sqs_queue_policy", body["endpoint"].name)


def _admits(context: Context, section: str, noun: str) -> Iterator[dict[str, Any]]:
    """Yield what lets a topic, and no other, send to a queue (SNS developer guide, "Subscribing
    an Amazon SQS queue").
    """
    for name, topic in sorted(context.app.topics.items()):
        if section == "queues" and noun in topic.queues:
            yield {
                "Sid": f"Topic{name.replace('-', '').title()}",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": Ref("aws_sqs_queue", noun, "arn"),
                "Condition": {"ArnEquals": {"aws:SourceArn": Ref("aws_sns_topic", name, "arn")}},
            }


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    arn = Ref("aws_sns_topic", use.name, "arn")
    yield Grant("task", f"{use.name}_publish", (access.allow(("sns:Publish",), arn, sid="Topic"),))


def _alarms(_context: Context, _alarms: Alarms, name: str) -> Iterator[Alarm]:
    yield Alarm(
        noun=f"topics.{name}",
        name="failed",
        namespace="AWS/SNS",
        metric="NumberOfNotificationsFailed",
        dimensions={"TopicName": Ref("aws_sns_topic", name, "name")},
        statistic="Sum",
        threshold=1,
        words=f"{name}: a message did not reach a subscriber",
        root="foundation",
        bad=1,
        of=1,
    )


def _graphs(_: Context, name: str) -> Graphs:
    delivered, failed = "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"
    at = ["TopicName", Ref("aws_sns_topic", name, "name")]
    return graphs(name, "AWS/SNS", at, ("NumberOfMessagesPublished", delivered, failed))


def _nodes(app: App) -> Iterator[Node]:
    for name, topic in sorted(app.topics.items()):
        others = len(topic.email) + len(topic.webhook)
        about = f"topic, {others} outside" if others else "topic"
        yield Node(name, "data", DATA, name, about)


def _arrows(app: App) -> Iterator[Arrow]:
    for name, topic in sorted(app.topics.items()):
        yield from ((name, queue) for queue in topic.queues)


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda _, noun, attribute: Ref("aws_sns_topic", noun, attribute),
    grants=_grants,
    admits=_admits,
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    arrows=_arrows,
    serves={"aws_sns_topic": "the topic"},
    endpoints=("sns",),
)
