"""A queue and its dead-letter queue: encrypted, and fed over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.queue import Queue
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Json, Ref, Resource

DEAD_SECONDS = 14 * 86_400  # dead letters are kept as long as SQS keeps anything


def build(context: Context) -> Iterator[Resource]:
    """Yield every queue with its dead-letter queue."""
    for noun, queue in sorted(context.app.queues.items()):
        yield from _one(context, noun, queue)


def _one(context: Context, noun: str, queue: Queue) -> Iterator[Resource]:
    owner, dead = f"queues.{noun}", f"{noun}_dead"
    yield _queue(context, owner, dead, f"{noun}-dead", queue, DEAD_SECONDS)
    redrive = {
        "deadLetterTargetArn": Ref("aws_sqs_queue", dead, "arn"),
        "maxReceiveCount": queue.tries,
    }
    yield _queue(
        context,
        owner,
        noun,
        noun,
        queue,
        queue.keep * 86_400,
        visibility_timeout_seconds=queue.visibility,
        delay_seconds=queue.delay,
        redrive_policy=Json(redrive),
    )
    for name in (noun, dead):
        yield foundation(
            owner,
            "aws_sqs_queue_policy",
            name,
            queue_url=Ref("aws_sqs_queue", name),
            policy=access.policy(access.tls_only("sqs:*", Ref("aws_sqs_queue", name, "arn"))),
        )


def _queue(
    context: Context, owner: str, address: str, name: str, queue: Queue, seconds: int, **more: Any
) -> Resource:
    suffix = ".fifo" if queue.fifo else ""
    return foundation(
        owner,
        "aws_sqs_queue",
        address,
        name=context.name("queue", name) + suffix,
        fifo_queue=queue.fifo or None,
        content_based_deduplication=queue.fifo or None,
        message_retention_seconds=seconds,
        sqs_managed_sse_enabled=True,
        receive_wait_time_seconds=20,  # long polling: fewer empty answers, each of which costs
        **more,
    )
