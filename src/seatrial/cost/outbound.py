"""Egress from the network: NAT gateways with their addresses, and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource

NAT = Assumption("nat", 10, "GB through NAT gateways")


def _gateway(case: Case, resource: Resource) -> Iterator[Line]:
    gateways = sum(1 for r in case.graph.resources if r.type == "aws_nat_gateway")
    yield case.line(resource, "NAT gateway", HOURS, "nat.hour")
    yield case.line(resource, "NAT gateway: data", case.of(NAT) / gateways, "nat.gb")


def _address(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "public IPv4 of the NAT gateway", HOURS, "ipv4.hour")


def _endpoint(case: Case, resource: Resource) -> Iterator[Line]:
    if resource.body["vpc_endpoint_type"] == "Interface":
        zones = len(resource.body["subnet_ids"])
        service = str(resource.body["service_name"]).rsplit(".", 1)[-1]
        yield case.line(resource, f"endpoint {service}", HOURS * zones, "vpce.interface.hour")


COSTS = Costs(
    rules={"aws_nat_gateway": _gateway, "aws_eip": _address, "aws_vpc_endpoint": _endpoint},
    assumptions=(NAT,),
)
