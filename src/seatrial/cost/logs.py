"""Logs in a bucket: requests that the balancer took, connections that the network refused."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

FLOWS = Assumption("flows", 1, "GB of access logs, and of refused connections")


def _bucket(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "files kept", case.of(FLOWS), "s3.standard.gb")


def _flows(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "refused connections", case.of(FLOWS), "logs.vended.s3.gb")


COSTS = Costs(
    section="logs",
    rules={"aws_s3_bucket": _bucket, "aws_flow_log": _flows},
    assumptions=(FLOWS,),
)
