"""Topics: who publishes, who receives, what is refused, what they cost."""

from __future__ import annotations

import pytest

from graphs import API, HEAD, Make, actions, one, refused, variables
from seatrial.cost.case import Traffic
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Ref

TOPICS = (
    "queues: {orders: {}, mail: fifo}\ntopics: {events: {email: [a@example.com], queues: [%s]}}\n"
)


def test_a_topic_is_published_to_and_lets_itself_alone_into_its_queue(app: Make):
    """Its user may publish and knows its ARN; the queue's policy names the topic as the sender."""
    made = graph(app(HEAD + API % "events" + TOPICS % "orders"))
    assert variables(made, "api")["EVENTS_ARN"] == Ref("aws_sns_topic", "events", "arn")
    assert actions(made, "api_task_events_publish") == {"sns:Publish"}
    topic = one(made, "aws_sns_topic", "events").body
    assert topic == {"name": "shop-dev-events", "kms_master_key_id": "alias/aws/sns"}
    _, sender = one(made, "aws_sqs_queue_policy", "orders").body["policy"].value["Statement"]
    assert sender["Principal"] == {"Service": "sns.amazonaws.com"}
    source = sender["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert source == Ref("aws_sns_topic", "events", "arn")
    dead = one(made, "aws_sqs_queue_policy", "orders_dead").body["policy"].value["Statement"]
    assert [row["Sid"] for row in dead] == ["TlsOnly"]
    assert one(made, "aws_sns_topic_subscription", "events_to_orders").body["raw_message_delivery"]
    assert one(made, "aws_sns_topic_subscription", "events_email_0").body["protocol"] == "email"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TOPICS % "nothing", "appfile-use"),
        (TOPICS % "mail", "appfile-use"),
        ("topics: {alarms: {}}", "appfile-name-reserved"),
    ],
)
def test_a_topic_that_cannot_be_is_refused(app: Make, text: str, code: str):
    """A queue that is not there or keeps its order, and the name of the alarms' topic."""
    assert refused(app, HEAD + text) == [code]


def test_a_topic_costs_what_leaves_the_account(app: Make):
    """Publishes and mails beyond the free ones; what goes to a queue costs nothing."""
    found = cost.estimate(app(HEAD + TOPICS % "orders"), Traffic(published=2))
    paid = {line.item: line.monthly for line in found.lines if line.noun == "topics.events"}
    assert paid == {"published": 0.5, "mails": 39.98}


@pytest.mark.G7
def test_without_another_way_out_topics_and_queues_have_endpoints(app: Make):
    """`outbound: endpoints` reaches what the app has nouns of."""
    made = graph(
        app(HEAD + "network: {outbound: endpoints}\n" + API % "events" + TOPICS % "orders")
    )
    found = {r.name for r in made.resources if r.type == "aws_vpc_endpoint"}
    assert {"s3", "sqs", "sns"} <= found
