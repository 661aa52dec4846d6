"""The network: one VPC over two zones, its egress, and a default group that lets nothing pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import ResourceKind

NOUN = "network"
VPC = Ref("aws_vpc", "main")
# Endpoints a task needs to start without a route to the internet (ECS developer guide, "Amazon
# ECS interface VPC endpoints"): interfaces, and a gateway to S3, where the images lie.
ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "secretsmanager")

# Zones that no VPC origin of CloudFront reaches into: CloudFront developer guide, "Supported AWS
# Regions for VPC origins" (read 2026). Seoul's was on that list in June 2025 and is left out still:
# its region has three others (aws-samples/amazon-bedrock-samples#606). An id means the same zone in
# every account, a letter does not (EC2 user guide, "Availability Zone IDs").
WITHOUT_ORIGINS = {
    "us-east-1": ("use1-az3",),
    "us-west-1": ("usw1-az2",),
    "ca-central-1": ("cac1-az3",),
    "ap-northeast-1": ("apne1-az3",),
    "ap-northeast-2": ("apne2-az1",),
}


def _make(type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    return foundation(NOUN, type_, address, *after, **body)


def subnets(context: Context) -> list[Ref]:
    """Return the subnets that tasks run in."""
    kind = "public" if context.app.outbound == "public" else "private"
    return [Ref("aws_subnet", f"{kind}_{zone}") for zone in ZONES]


def build(context: Context) -> Iterator[Resource]:
    """Yield the network of an app."""
    name = {"Name": context.prefix}
    yield Resource("aws_caller_identity", "current", "foundation", NOUN, {}, data=True)
    if not context.has_network:
        return
    yield _make(
        "aws_vpc",
        "main",
        cidr_block="10.0.0.0/16",
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=name,
    )
    yield _make("aws_default_security_group", "main", vpc_id=VPC)
    yield _make("aws_internet_gateway", "main", vpc_id=VPC, tags=name)
    yield from _subnets(context)
    yield from _outbound(context)


def _zones(context: Context) -> Resource:
    """Return the zones that this account has here: letters differ by account, and some are shut."""
    body: dict[str, Any] = {
        "state": "available",
        "filter": [{"name": "zone-type", "values": ["availability-zone"]}],
    }
    if excluded := WITHOUT_ORIGINS.get(context.app.region):
        body["exclude_zone_ids"] = list(excluded)
    return Resource("aws_availability_zones", "main", "foundation", NOUN, body, data=True)


def _subnets(context: Context) -> Iterator[Resource]:
    yield _zones(context)
    gateway = Ref("aws_internet_gateway", "main")
    yield _table(context, "public")
    yield _make(
        "aws_route",
        "public",
        route_table_id=Ref("aws_route_table", "public"),
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway,
    )
    for index, zone in enumerate(ZONES):
        for kind, offset in (("public", 0), ("private", 128)):
            table = "public" if kind == "public" else f"private_{zone}"
            if kind == "private":
                yield _table(context, table)
            yield _make(
                "aws_subnet",
                f"{kind}_{zone}",
                vpc_id=VPC,
                cidr_block=f"10.0.{offset + index * 16}.0/20",
                availability_zone=Ref("aws_availability_zones", "main", f"names[{index}]"),
                map_public_ip_on_launch=False,
                # A zone that AWS adds or closes must not move subnets that are there.
                lifecycle=[{"ignore_changes": ["availability_zone"]}],
                tags=_named(context, f"{kind}_{zone}"),
            )
            yield _make(
                "aws_route_table_association",
                f"{kind}_{zone}",
                subnet_id=Ref("aws_subnet", f"{kind}_{zone}"),
                route_table_id=Ref("aws_route_table", table),
            )


def _named(context: Context, name: str) -> dict[str, str]:
    """Return the tag by which people, and a run after a crash, know what has no name."""
    return {"Name": f"{context.prefix}-{name.replace('_', '-')}"}


def _table(context: Context, name: str) -> Resource:
    return _make("aws_route_table", name, vpc_id=VPC, tags=_named(context, name))


def _tables() -> list[Ref]:
    return [Ref("aws_route_table", n) for n in ("public", *(f"private_{z}" for z in ZONES))]


def _present(context: Context) -> list[ResourceKind]:
    """Return the kinds of nouns that the app has."""
    return [kind for kind in context.kinds if kind.names(context.app)]


def _outbound(context: Context) -> Iterator[Resource]:
    for service in dict.fromkeys(("s3", *(g for kind in _present(context) for g in kind.gateways))):
        yield _make(
            "aws_vpc_endpoint",
            service,
            vpc_id=VPC,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{context.app.region}.{service}",
            route_table_ids=_tables(),
            tags=_named(context, service),
        )
    if context.app.outbound == "nat":
        yield from _nat(context, ZONES if context.app.network.nat == "zone" else ZONES[:1])
    if context.app.outbound == "endpoints":
        yield from _endpoints(context)


def _nat(context: Context, zones: tuple[str, ...]) -> Iterator[Resource]:
    for zone in zones:
        name = _named(context, f"nat_{zone}")
        yield _make("aws_eip", f"nat_{zone}", domain="vpc", tags=name)
        yield _make(
            "aws_nat_gateway",
            f"nat_{zone}",
            Ref("aws_internet_gateway", "main"),
            allocation_id=Ref("aws_eip", f"nat_{zone}"),
            subnet_id=Ref("aws_subnet", f"public_{zone}"),
            tags=name,
        )
    for zone in ZONES:
        gateway = zone if zone in zones else zones[0]
        yield _make(
            "aws_route",
            f"private_{zone}",
            route_table_id=Ref("aws_route_table", f"private_{zone}"),
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=Ref("aws_nat_gateway", f"nat_{gateway}"),
        )


def _endpoints(context: Context) -> Iterator[Resource]:
    group = Ref("aws_security_group", "endpoints")
    yield _make(
        "aws_security_group",
        "endpoints",
        vpc_id=VPC,
        name=context.name("security group", "endpoints"),
        description="AWS services that tasks call",
    )
    for service in sorted(context.app.services):
        yield _make(
            "aws_vpc_security_group_ingress_rule",
            f"endpoints_from_{service}",
            security_group_id=group,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            referenced_security_group_id=Ref("aws_security_group", service),
            description=f"{service} calls AWS",
        )
    others = (
        endpoint
        for kind in _present(context)
        for endpoint in (*kind.endpoints, *kind.more_endpoints(context.app))
    )
    for endpoint in dict.fromkeys((*ENDPOINTS, *others)):
        yield _make(
            "aws_vpc_endpoint",
            endpoint.replace(".", "_"),
            vpc_id=VPC,
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            service_name=f"com.amazonaws.{context.app.region}.{endpoint}",
            subnet_ids=[Ref("aws_subnet", f"private_{zone}") for zone in ZONES],
            security_group_ids=[group],
            tags=_named(context, endpoint.replace(".", "_")),
        )
