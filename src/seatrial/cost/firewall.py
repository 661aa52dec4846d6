"""The firewall: its web ACL, its rules, and the requests that it looks at."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.edge import REQUESTS
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource


def _firewall(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "web ACL", 1, "waf.acl")
    yield case.line(resource, "rules", len(resource.body["rule"]), "waf.rule")
    yield case.line(resource, "requests looked at", case.of(REQUESTS), "waf.m")


COSTS = Costs(
    section="firewall",
    rules={"aws_wafv2_web_acl": _firewall},
    free=frozenset({"aws_wafv2_web_acl_association"}),
)
