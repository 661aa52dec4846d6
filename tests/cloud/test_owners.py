"""Whose a thing is that has no tags, or whose tags cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from canned import answers, refused
from seatrial.cloud import owners
from seatrial.cloud.listing import Scope
from seatrial.cloud.session import Session
from seatrial.target import Target

SCOPE = Scope("shop", "live", "us-east-1", "123456789012")


@pytest.fixture
def aws() -> Session:
    """Return a session whose calls are answered by the test."""
    return Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)


@pytest.mark.parametrize(
    ("group", "own"),
    [
        ("/shop/live/api", True),
        ("aws-waf-logs-shop-live-x", True),
        ("/aws/ecs/containerinsights/shop-live/performance", True),
        ("/aws/rds/instance/shop-live-db/postgresql", True),
        ("/aws/rds/instance/shop-liver/postgresql", False),
        ("/shop/other/api", False),
    ],
)
def test_a_log_group_belongs_to_who_its_name_or_its_tags_say(aws: Session, group: str, own: bool):
    """AWS makes groups of its own without tags."""
    answers(aws, "logs", ListTagsForResource={"tags": {}})
    row = {"logGroupName": group, "arn": f"arn:aws:logs:us-east-1:1:log-group:{group}:*"}
    assert owners.log_group(aws, SCOPE, row) is own
    assert owners.family(aws, SCOPE, {"arn": "a/shop-live-api:3"})
    assert not owners.family(aws, SCOPE, {"arn": "a/shop-liver:3"})


def test_a_bucket_that_refuses_its_tags_matters_only_under_our_name(aws: Session):
    """Other people's buckets may refuse; where one of ours does, nothing is known of it."""
    answers(aws, "s3", GetBucketTagging=refused("AccessDenied"))
    assert not owners.bucket(aws, SCOPE, {"Name": "of-others"})
    with pytest.raises(Exception, match="AccessDenied"):
        owners.bucket(aws, SCOPE, {"Name": "shop-live-files"})
