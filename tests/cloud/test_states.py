"""The states of caches, queues and distributions, in AWS's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from seatrial.cloud import states
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.ops import other_states
from seatrial.ops.release.roots import Roots
from seatrial.target import Target

CACHE, QUEUE, CDN = (
    "aws_elasticache_replication_group", "aws_sqs_queue", "aws_cloudfront_distribution"
)  # fmt: skip
ATTRIBUTES = {"id": "E1", "url": "https://sqs/1/q"}
WAITING = {"ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "1"}


@pytest.fixture
def aws() -> Session:
    """Return a session whose calls are answered by the test."""
    return Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)


@pytest.mark.parametrize(
    ("kind", "service", "operation", "answer", "expected"),
    [
        (CACHE, "elasticache", "DescribeReplicationGroups",
         {"ReplicationGroups": [{"Status": "snapshotting"}]}, ("snapshotting", True)),
        (CACHE, "elasticache", "DescribeReplicationGroups",
         {"ReplicationGroups": [{"Status": "create-failed"}]}, ("create-failed", False)),
        (CACHE, "elasticache", "DescribeReplicationGroups",
         refused("ReplicationGroupNotFoundFault"), states.MISSING),
        (QUEUE, "sqs", "GetQueueAttributes", {"Attributes": WAITING},
         ("3 waiting, 1 in flight", True)),
        (QUEUE, "sqs", "GetQueueAttributes", refused("AWS.SimpleQueueService.NonExistentQueue"),
         states.MISSING),
        (CDN, "cloudfront", "GetDistribution",
         {"Distribution": {"Status": "Deployed", "DomainName": "d1.cloudfront.net"}},
         ("Deployed, d1.cloudfront.net", True)),
    ],
)  # fmt: skip
def test_a_state_is_said_in_aws_words(
    aws: Session, kind: str, service: str, operation: str, answer: dict[str, Any], expected: Any
):
    """And whether it serves; what is gone is missing."""
    answers(aws, service, **{operation: answer})
    assert states.LOOKS[kind].read(aws, ATTRIBUTES) == expected


def test_a_refused_look_is_an_error(aws: Session):
    """It says nothing of the queue."""
    answers(aws, "sqs", GetQueueAttributes=refused("AccessDenied"))
    with pytest.raises(UserError, match="to look at a queue"):
        states.LOOKS[QUEUE].read(aws, ATTRIBUTES)


def test_each_thing_of_the_state_that_has_one_is_listed(
    aws: Session, monkeypatch: pytest.MonkeyPatch
):
    """By its noun; services and databases are read elsewhere."""
    rows = {(QUEUE, "mail_out"): ATTRIBUTES, ("aws_vpc", "main"): ATTRIBUTES}
    monkeypatch.setattr(Roots, "attributes", lambda _: rows)
    answers(aws, "sqs", GetQueueAttributes={"Attributes": WAITING})
    (found,) = other_states.other_states("shop", aws)
    assert found.sentence == "queue mail-out: 3 waiting, 1 in flight"
