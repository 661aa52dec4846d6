"""Queues."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session


def _queue(session: Session, body: Body, mine: Tags) -> str | None:
    sqs = session.client("sqs")
    url = sqs.get_queue_url(QueueName=body["name"])["QueueUrl"]
    found = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return str(url) if mine.items() <= found.items() else None


FINDERS: dict[str, Finder] = {
    "aws_sqs_queue": _queue,
}
