"""A domain: its zone and its health check; certificates and records are free."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.edge import REQUESTS
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource


def _zone(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "zone", 1, "route53.zone")
    yield case.line(resource, "queries", case.of(REQUESTS) / 10, "route53.query.m")


def _health(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "health check", 1, "route53.health.aws")
    yield case.line(resource, "health check: HTTPS", 1, "route53.health.https")


COSTS = Costs(
    section="domain",
    rules={"aws_route53_zone": _zone, "aws_route53_health_check": _health},
    free=frozenset({"aws_acm_certificate", "aws_acm_certificate_validation", "aws_route53_record"}),
)
