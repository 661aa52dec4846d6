"""A bucket: what is kept in it, and how often it is asked."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

OBJECTS = Assumption("objects", 10, "GB, each bucket")
WRITES = Assumption("writes", 10, "thousand writes, each bucket")
READS = Assumption("reads", 100, "thousand reads, each bucket")


def _bucket(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "objects", case.of(OBJECTS), "s3.standard.gb")
    yield case.line(resource, "writes", case.of(WRITES), "s3.put.1k")
    yield case.line(resource, "reads", case.of(READS), "s3.get.1k")


COSTS = Costs(
    section="buckets",
    rules={"aws_s3_bucket": _bucket},
    free=frozenset(
        {
            "aws_s3_bucket_lifecycle_configuration",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy",
            "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_server_side_encryption_configuration",
            "aws_s3_bucket_versioning",
        }
    ),
    assumptions=(
        OBJECTS,
        WRITES,
        READS,
    ),
)
