"""The network: free but for what goes from zone to zone."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

ZONES = Assumption("zones", 0, "GB between zones, each way")


def _network(case: Case, resource: Resource) -> Iterator[Line]:
    """What goes to another zone is paid where it leaves and where it arrives."""
    yield case.line(resource, "between zones", 2 * case.of(ZONES), "transfer.interaz.gb")


COSTS = Costs(
    rules={"aws_vpc": _network},
    free=frozenset(
        {
            "aws_default_security_group",
            "aws_internet_gateway",
            "aws_route",
            "aws_route_table",
            "aws_route_table_association",
            "aws_security_group",
            "aws_subnet",
            "aws_vpc_security_group_egress_rule",
            "aws_vpc_security_group_ingress_rule",
        }
    ),
    assumptions=(ZONES,),
)
