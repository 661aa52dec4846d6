"""What AWS says of caches, queues and distributions, in its own words, by Terraform's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code

Attributes = Mapping[str, Any]
State = tuple[str, bool]  # in words, and whether it serves
MISSING: State = ("missing", False)
_GONE = (
    "ReplicationGroupNotFoundFault",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "NoSuchDistribution",
)
# A cache answers in these states (ElastiCache API reference, ReplicationGroup, Status).
CACHE_SERVES = ("available", "modifying", "snapshotting")


@dataclass(frozen=True)
class Look:
    """How the state of one type is read; ``what`` is its word."""

    what: str
    ask: Callable[[Session, Attributes], State]

    def read(self, session: Session, attributes: Attributes) -> State:
        """Return the state; what is gone is ``missing``."""
        with aws_errors(f"to look at a {self.what}"):
            try:
                return self.ask(session, attributes)
            except ClientError as error:
                if code(error) in _GONE:
                    return MISSING
                raise


def _cache(session: Session, attributes: Attributes) -> State:
    client, name = session.client("elasticache"), str(attributes["id"])
    found = client.describe_replication_groups(ReplicationGroupId=name)
    status = str(found["ReplicationGroups"][0]["Status"])
    return status, status in CACHE_SERVES


def _queue(session: Session, attributes: Attributes) -> State:
    found = session.client("sqs").get_queue_attributes(
        QueueUrl=str(attributes["url"]),
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    waiting = found["ApproximateNumberOfMessages"]
    return f"{waiting} waiting, {found['ApproximateNumberOfMessagesNotVisible']} in flight", True


def _distribution(session: Session, attributes: Attributes) -> State:
    client, name = session.client("cloudfront"), str(attributes["id"])
    found = client.get_distribution(Id=name)["Distribution"]
    return f"{found['Status']}, {found['DomainName']}", True


LOOKS = {
    "aws_cloudfront_distribution": Look("distribution", _distribution),
    "aws_elasticache_replication_group": Look("cache", _cache),
    "aws_sqs_queue": Look("queue", _queue),
}
