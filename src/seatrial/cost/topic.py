"""A topic: what is published, and what of it goes to mail and to addresses; queues are free."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

# A month and account (SNS pricing page): million publishes, thousand mails, thousand posts.
FREE_PUBLISHED, FREE_MAILS, FREE_POSTS = 1, 1, 100
PUBLISHED = Assumption("published", 0.01, "million messages, each topic")


def _topic(case: Case, resource: Resource) -> Iterator[Line]:
    topics = sum(1 for r in case.graph.resources if r.type == resource.type)
    beyond = max(case.of(PUBLISHED) - FREE_PUBLISHED / topics, 0)
    yield case.line(resource, "published", beyond, "sns.publish.m")


def _subscription(case: Case, resource: Resource) -> Iterator[Line]:
    """All of a topic's subscriptions by one protocol are one line, added by the first."""
    protocol = resource.body["protocol"]
    mine = [
        r
        for r in case.graph.resources
        if (r.type, r.noun) == (resource.type, resource.noun) and r.body["protocol"] == protocol
    ]
    if mine[0] is not resource:
        return
    thousands = case.of(PUBLISHED) * 1000 * len(mine)
    if protocol == "email":
        beyond = max(thousands - FREE_MAILS, 0) / 100
        yield case.line(resource, "mails", beyond, "sns.email.100k")
    if protocol == "https":
        beyond = max(thousands - FREE_POSTS, 0) / 1000
        yield case.line(resource, "posts to addresses", beyond, "sns.https.m")


COSTS = Costs(
    section="topics",
    rules={"aws_sns_topic": _topic, "aws_sns_topic_subscription": _subscription},
    free=frozenset({"aws_sns_topic_policy"}),
    assumptions=(PUBLISHED,),
)
