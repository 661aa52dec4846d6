"""A queue and its dead-letter queue: encrypted, and fed over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.queue import KIND, Queue
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Json, Ref, Resource
from seatrial.resources.kind import DATA, Alarm, Grant, Graphs, Node, ResourceKind, graphs

LIMIT = 75  # characters, the 5 of `.fifo` not counted (SQS API reference, CreateQueue)
ACTIONS = {
    "send": ("sqs:SendMessage",),
    "receive": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
}
DEAD_SECONDS = 14 * 86_400  # dead letters are kept as long as SQS keeps anything


def build(context: Context) -> Iterator[Resource]:
    """Yield every queue with its dead-letter queue."""
    for noun, queue in sorted(context.app.queues.items()):
        yield from _one(context, noun, queue)


def _one(context: Context, noun: str, queue: Queue) -> Iterator[Resource]:
    owner, dead = f"queues.{noun}", f"{noun}_dead"
    yield _queue(
        context, owner, address=dead, name=f"{noun}-dead", queue=queue, seconds=DEAD_SECONDS
    )
    redrive = {
        "deadLetterTargetArn": Ref("aws_sqs_queue", dead, "arn"),
        "maxReceiveCount": queue.tries,
    }
    yield _queue(
        context,
        owner,
        address=noun,
        name=noun,
        queue=queue,
        seconds=queue.keep * 86_400,
        visibility_timeout_seconds=queue.visibility,
        delay_seconds=queue.delay,
        redrive_policy=Json(redrive),
    )
    senders = [s for kind in context.kinds for s in kind.admits(context, "queues", noun)]
    yield _policy(owner, noun, *senders)
    yield _policy(owner, dead)


def _policy(owner: str, name: str, *senders: dict[str, Any]) -> Resource:
    tls = access.tls_only("sqs:*", Ref("aws_sqs_queue", name, "arn"))
    return foundation(
        owner,
        "aws_sqs_queue_policy",
        name,
        queue_url=Ref("aws_sqs_queue", name),
        policy=access.policy(tls, *senders),
    )


def _queue(
    context: Context, owner: str, address: str, name: str, queue: Queue, seconds: int, **more: Any
) -> Resource:
    suffix = ".fifo" if queue.fifo else ""
    return foundation(
        owner,
        "aws_sqs_queue",
        address,
        name=context.fitted(LIMIT, name) + suffix,
        fifo_queue=queue.fifo or None,
        content_based_deduplication=queue.fifo or None,
        message_retention_seconds=seconds,
        sqs_managed_sse_enabled=True,
        receive_wait_time_seconds=20,  # long polling: fewer empty answers, each of which costs
        **more,
    )


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    wanted = use.access or "full"
    both = ("send", "receive") if wanted == "full" else (wanted,)
    actions = tuple(action for one in both for action in ACTIONS[one])
    known = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")
    arn = Ref("aws_sqs_queue", use.name, "arn")
    statement = access.allow((*actions, *known), arn, sid="Queue")
    yield Grant("task", f"{use.name}_{wanted}", (statement,))


def _alarms(_context: Context, _alarms: Alarms, name: str) -> Iterator[Alarm]:
    yield Alarm(
        noun=f"queues.{name}",
        name="dead",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": Ref("aws_sqs_queue", f"{name}_dead", "name")},
        statistic="Maximum",
        threshold=1,
        words=f"{name}: a message failed as often as it may and lies in the dead-letter queue",
        root="foundation",
        bad=1,
        of=1,
    )


def _graphs(_: Context, name: str) -> Graphs:
    waiting, oldest = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
    at = ["QueueName", Ref("aws_sqs_queue", name, "name")]
    return graphs(name, "AWS/SQS", at, (waiting, oldest, "NumberOfMessagesDeleted"))


def _nodes(app: App) -> Iterator[Node]:
    for name, queue in sorted(app.queues.items()):
        yield Node(name, "data", DATA, name, "queue, in order" if queue.fifo else "queue")


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda _, noun, attribute: Ref("aws_sqs_queue", noun, attribute),
    grants=_grants,
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    endpoints=("sqs",),
    serves={"aws_sqs_queue": "the queue"},
)
