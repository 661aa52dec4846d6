"""What has no name but its tag, and the routes and rules between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session

_ENDING = ("deleting", "deleted")  # what is being deleted is listed for a while


def _ec2(operation: str, rows: str, identity: str) -> Finder:
    """Return a finder for what has no name but its tag ``Name``."""

    def finder(session: Session, body: Body, mine: Tags) -> str | None:
        wanted = {**mine, **body.get("tags", {})}
        if "Name" not in wanted:
            return None
        filters: list[Any] = [
            {"Name": f"tag:{key}", "Values": [value]} for key, value in wanted.items()
        ]
        found = getattr(session.client("ec2"), operation)(Filters=filters)[rows]
        alive = [row for row in found if str(row.get("State", "")).lower() not in _ENDING]
        return str(alive[0][identity]) if alive else None

    return finder


def _group(session: Session, body: Body, mine: Tags) -> str | None:
    filters: list[Any] = [{"Name": f"tag:{key}", "Values": [value]} for key, value in mine.items()]
    filters.append({"Name": "group-name", "Values": [body["name"]]})
    found = session.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(found[0]["GroupId"]) if found else None


def _rule(*, egress: bool) -> Finder:
    """Return a finder for a rule of a security group: the same ports to or from the same."""

    def finder(session: Session, body: Body, _: Tags) -> str | None:
        filters: list[Any] = [{"Name": "group-id", "Values": [body["security_group_id"]]}]
        ec2 = session.client("ec2")
        for row in ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]:
            if row["IsEgress"] is egress and _alike(row, body):
                return str(row["SecurityGroupRuleId"])
        return None

    return finder


def _alike(row: Mapping[str, Any], body: Body) -> bool:
    def port(name: str, key: str) -> bool:
        return str(row.get(name, -1)) == str(body.get(key, -1))

    return (
        row["IpProtocol"] == str(body["ip_protocol"])
        and port("FromPort", "from_port")
        and port("ToPort", "to_port")
        and row.get("CidrIpv4") == body.get("cidr_ipv4")
        and _listed(row) == _listed(body)
        and row.get("ReferencedGroupInfo", {}).get("GroupId")
        == body.get("referenced_security_group_id")
    )


def _listed(row: Mapping[str, Any]) -> bool:
    """A rule names one prefix list at most, and which one may not be resolved yet."""
    return "PrefixListId" in row or "prefix_list_id" in row


def _route(session: Session, body: Body, _: Tags) -> str | None:
    table, to = body["route_table_id"], body["destination_cidr_block"]
    rows = session.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    there = any(route.get("DestinationCidrBlock") == to for route in rows[0]["Routes"])
    return f"{table}_{to}" if there else None


def _association(session: Session, body: Body, _: Tags) -> str | None:
    table, subnet = body["route_table_id"], body["subnet_id"]
    rows = session.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    there = any(row.get("SubnetId") == subnet for row in rows[0]["Associations"])
    return f"{subnet}/{table}" if there else None


FINDERS: dict[str, Finder] = {
    "aws_vpc": _ec2("describe_vpcs", "Vpcs", "VpcId"),
    "aws_internet_gateway": _ec2(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "aws_subnet": _ec2("describe_subnets", "Subnets", "SubnetId"),
    "aws_route_table": _ec2("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws_eip": _ec2("describe_addresses", "Addresses", "AllocationId"),
    "aws_nat_gateway": _ec2("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "aws_vpc_endpoint": _ec2("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "aws_route": _route,
    "aws_route_table_association": _association,
    "aws_security_group": _group,
    "aws_vpc_security_group_ingress_rule": _rule(egress=False),
    "aws_vpc_security_group_egress_rule": _rule(egress=True),
}
