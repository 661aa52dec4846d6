"""A queue: what is sent, received and deleted."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

FREE_MESSAGES = 1  # million requests of SQS a month and account (its pricing page)
REQUESTS_A_MESSAGE = 3  # sent, received, deleted (SQS pricing page counts each call)
MESSAGES = Assumption("messages", 0.1, "million messages, each queue")


def _queue(case: Case, resource: Resource) -> Iterator[Line]:
    if resource.name.endswith("_dead"):
        return
    kind = "fifo" if resource.body.get("fifo_queue") else "standard"
    queues = sum(
        1
        for r in case.graph.resources
        if r.type == "aws_sqs_queue" and not r.name.endswith("_dead")
    )
    beyond = max(case.of(MESSAGES) * REQUESTS_A_MESSAGE - FREE_MESSAGES / queues, 0)
    yield case.line(resource, "messages", beyond, f"sqs.{kind}.m")


COSTS = Costs(
    section="queues",
    rules={"aws_sqs_queue": _queue},
    free=frozenset({"aws_sqs_queue_policy"}),
    assumptions=(MESSAGES,),
)
