"""The edge: balancers, distributions, and what leaves through them to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource

FREE_EGRESS = 100  # GB a month and account to the internet (EC2 pricing, "Data transfer")
FREE_CDN = 1024, 10  # GB and million requests a month from CloudFront (its pricing, free tier)
LCU = Assumption("lcu", 0.1, "load balancer capacity units, on average")
EGRESS = Assumption("egress", 20, "GB to the internet")
REQUESTS = Assumption("requests", 1, "million requests")


def _balancer(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "load balancer", HOURS, "alb.hour")
    yield case.line(resource, "load balancer: capacity", HOURS * case.of(LCU), "alb.lcu")
    if not resource.body.get("internal"):
        addresses = len(resource.body["subnets"])
        yield case.line(resource, "public IPv4 of the balancer", HOURS * addresses, "ipv4.hour")
        beyond = max(case.of(EGRESS) - FREE_EGRESS, 0)
        yield case.line(resource, "to the internet", beyond, "egress.internet.gb")


def _cdn(case: Case, resource: Resource) -> Iterator[Line]:
    """The traffic is the app's whole, so each distribution has its part of it."""
    parts = sum(1 for r in case.graph.resources if r.type == resource.type)
    gigabytes = max(case.of(EGRESS) - FREE_CDN[0], 0) / parts
    requests = max(case.of(REQUESTS) - FREE_CDN[1], 0) / parts
    yield case.line(resource, "CloudFront: to the internet", gigabytes, "cloudfront.gb")
    yield case.line(resource, "CloudFront: requests", requests * 100, "cloudfront.https.10k")


COSTS = Costs(
    rules={"aws_lb": _balancer, "aws_cloudfront_distribution": _cdn},
    free=frozenset(
        {
            "aws_cloudfront_function",
            "aws_cloudfront_vpc_origin",
            "aws_lb_listener",
            "aws_lb_listener_rule",
            "aws_lb_target_group",
        }
    ),
    assumptions=(
        LCU,
        EGRESS,
        REQUESTS,
    ),
)
