"""The edge: the balancer, and CloudFront before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.network import VPC

NOUN = "edge"
LISTENER = Ref("aws_lb_listener", "main", "arn")
# AWS's managed CloudFront policies: CachingDisabled and AllViewer, so that the app sees the real
# host and WebSocket headers (CloudFront developer guide, "Use managed cache policies").
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-2c7f-47e4-b989-5492eafa07d3"


def _make(type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    return foundation(NOUN, type_, address, *after, **body)


def public_url(context: Context) -> Joined:
    """Return the address that users type."""
    if context.app.edge.kind == "cdn":
        return joined("https://", Ref("aws_cloudfront_distribution", "main", "domain_name"))
    return joined("http://", Ref("aws_lb", "main", "dns_name"))


def has_balancer(context: Context) -> bool:
    """Return whether anything of the app is reached through a balancer."""
    return bool(context.called) or any(s.public for s in context.app.services.values())


def has_public(context: Context) -> bool:
    """Return whether anything of the app is reached from the internet."""
    return any(s.public for s in context.app.services.values())


def build(context: Context) -> Iterator[Resource]:
    """Yield the balancer with its default answer, and CloudFront where it is the edge."""
    if not has_balancer(context):
        return
    cdn = context.app.edge.kind == "cdn"
    if cdn or has_public(context):
        yield from _balancer(context, "main", internal=cdn)
        yield _make(
            "aws_lb_listener",
            "main",
            load_balancer_arn=Ref("aws_lb", "main", "arn"),
            port=80,
            protocol="HTTP",
            default_action=[_not_found()],
        )
    if not cdn and context.called:
        yield from _balancer(context, "internal", internal=True)
    if cdn:
        yield from _cdn(context)
    elif has_public(context):
        yield _ingress(
            "balancer_from_internet", cidr_ipv4="0.0.0.0/0", description="anybody, over plain HTTP"
        )


def _not_found() -> dict[str, Any]:
    answer = {"content_type": "text/plain", "message_body": "Not found", "status_code": "404"}
    return {"type": "fixed-response", "fixed_response": [answer]}


def group_of(balancer: str) -> str:
    """Return the security group's name of a balancer."""
    return "balancer" if balancer == "main" else "balancer_internal"


def _balancer(context: Context, name: str, *, internal: bool) -> Iterator[Resource]:
    idle = max([60, *(s.public.idle for s in context.app.services.values() if s.public)])
    noun = "" if name == "main" else name
    yield _make(
        "aws_security_group",
        group_of(name),
        vpc_id=VPC,
        name=context.name("security group", group_of(name).replace("_", "-")),
        description="the load balancer",
    )
    yield _make(
        "aws_lb",
        name,
        name=context.name("balancer", noun),
        internal=internal,
        load_balancer_type="application",
        idle_timeout=idle,
        security_groups=[Ref("aws_security_group", group_of(name))],
        subnets=[
            Ref("aws_subnet", f"{'private' if internal else 'public'}_{zone}") for zone in ZONES
        ],
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        enable_deletion_protection=Expr("!var.teardown") if context.production else False,
    )


def _ingress(name: str, **source: Any) -> Resource:
    return _make(
        "aws_vpc_security_group_ingress_rule",
        name,
        ip_protocol="tcp",
        from_port=80,
        to_port=80,
        security_group_id=Ref("aws_security_group", "balancer"),
        **source,
    )


def _cdn(context: Context) -> Iterator[Resource]:
    yield Resource(
        "aws_ec2_managed_prefix_list",
        "cloudfront",
        "foundation",
        NOUN,
        {"name": "com.amazonaws.global.cloudfront.origin-facing"},
        data=True,
    )
    yield _ingress(
        "balancer_from_cdn",
        description="CloudFront",
        prefix_list_id=Ref("aws_ec2_managed_prefix_list", "cloudfront"),
    )
    endpoint = {
        "name": context.global_name("role", "edge"),
        "arn": Ref("aws_lb", "main", "arn"),
        "http_port": 80,
        "https_port": 443,
        "origin_protocol_policy": "http-only",
        "origin_ssl_protocols": [{"items": ["TLSv1.2"], "quantity": 1}],
    }
    yield _make(
        "aws_cloudfront_vpc_origin",
        "main",
        Ref("aws_internet_gateway", "main"),
        Ref("aws_lb_listener", "main"),
        vpc_origin_endpoint_config=[endpoint],
    )
    yield _distribution(context)


def _distribution(context: Context) -> Resource:
    origin = {
        "origin_id": "balancer",
        "domain_name": Ref("aws_lb", "main", "dns_name"),
        "vpc_origin_config": [
            {
                "vpc_origin_id": Ref("aws_cloudfront_vpc_origin", "main"),
                "origin_keepalive_timeout": 5,
                "origin_read_timeout": 60,
            }
        ],
    }
    behaviour = {
        "target_origin_id": "balancer",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": CACHING_DISABLED,
        "origin_request_policy_id": ALL_VIEWER,
    }
    return _make(
        "aws_cloudfront_distribution",
        "main",
        enabled=True,
        comment=context.prefix,
        http_version="http2and3",
        price_class="PriceClass_100",
        is_ipv6_enabled=True,
        origin=[origin],
        default_cache_behavior=[behaviour],
        restrictions=[{"geo_restriction": [{"restriction_type": "none"}]}],
        viewer_certificate=[{"cloudfront_default_certificate": True}],
    )
