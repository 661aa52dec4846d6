"""A site: its files; its distribution is the edge's."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

SITE = Assumption("site", 0.1, "GB of files, each site")


def _bucket(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "files kept", case.of(SITE), "s3.standard.gb")


COSTS = Costs(
    section="sites",
    rules={"aws_s3_bucket": _bucket},
    free=frozenset(
        {"aws_cloudfront_origin_access_control", "aws_cloudfront_response_headers_policy"}
    ),
    assumptions=(SITE,),
)
