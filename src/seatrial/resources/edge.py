"""The edge: the balancer, and CloudFront before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources import domain, firewall, logs, redirect
from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.network import VPC

NOUN = "edge"
# A group of its own: CloudFront's prefix list counts as 55 of the 60 rules that one may have (VPC
# user guide, "AWS-managed prefix list weight"), and each private call is a rule of the balancer's.
FROM_CDN = "balancer_cdn"
LISTENER = Ref("aws_lb_listener", "main", "arn")
# AWS says up to 15 minutes, which is also the provider's own limit: one that is cut off by it would
# be deleted and made again (CloudFront developer guide, "Create a VPC origin").
ORIGIN_MINUTES = "30m"
# AWS's managed CloudFront policies: CachingDisabled, and AllViewerAndCloudFrontHeaders-2022-06, so
# that the app sees the real host, WebSocket headers, and by CloudFront-Forwarded-Proto that it is
# at HTTPS: the balancer is reached by HTTP and says so (CloudFront developer guide, "Use managed
# cache policies", "Use managed origin request policies").
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# AWS's managed SecurityHeadersPolicy: HSTS, nosniff, SAMEORIGIN; what the app sends itself stays,
# but for nosniff (CloudFront developer guide, "Use managed response headers policies").
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
# TLS 1.3 and 1.2 alone (ELB user guide, "Security policies"); FSBP ELB.17.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
ALL_VIEWER = "33f36d7e-f396-46d9-90e0-52428a34d9dc"


def _make(type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    return foundation(NOUN, type_, address, *after, **body)


def own_url(context: Context) -> Joined:
    """Return the address of the services: the domain's where they have it, else AWS's name."""
    if hosts := domain.at_services(context):
        return joined(f"https://{hosts[0]}")
    if context.app.edge.kind == "cdn":
        return joined("https://", Ref("aws_cloudfront_distribution", "main", "domain_name"))
    return joined("http://", Ref("aws_lb", "main", "dns_name"))


def site_url(context: Context, noun: str) -> Joined:
    """Return the address of a site."""
    if noun == context.app.address_site and (hosts := domain.at_site(context)):
        return joined(f"https://{hosts[0]}")
    return joined("https://", Ref("aws_cloudfront_distribution", noun, "domain_name"))


def public_url(context: Context) -> Joined:
    """Return the address that users type: the site's where there is exactly one."""
    site = context.app.address_site
    return site_url(context, site) if site else own_url(context)


def has_balancer(context: Context) -> bool:
    """Return whether anything of the app is reached through a balancer."""
    return bool(context.called) or any(s.public for s in context.app.services.values())


def has_public(context: Context) -> bool:
    """Return whether a service is reached from the internet."""
    return any(s.public for s in context.app.services.values())


def has_address(context: Context) -> bool:
    """Return whether the app has an address: a public service or exactly one site."""
    return has_public(context) or context.app.address_site is not None


def build(context: Context) -> Iterator[Resource]:
    """Yield the balancer with its default answer, and CloudFront where it is the edge."""
    if not has_balancer(context):
        return
    cdn = context.app.edge.kind == "cdn"
    if cdn or has_public(context):
        yield from _balancer(context, "main", internal=cdn)
        yield from _listeners(context)
    if not cdn and context.called:
        yield from _balancer(context, "internal", internal=True)
    if cdn:
        yield from _cdn(context)
    elif has_public(context):
        yield _ingress(
            "balancer_from_internet", cidr_ipv4="0.0.0.0/0", description="anybody, over plain HTTP"
        )
        if has_tls(context):
            yield _ingress(
                "balancer_from_internet_tls",
                443,
                cidr_ipv4="0.0.0.0/0",
                description="anybody, over HTTPS",
            )


def has_tls(context: Context) -> bool:
    """Return whether the balancer itself speaks HTTPS: it is public and has a domain."""
    return context.app.edge.kind == "balancer" and context.app.domain is not None


def _listeners(context: Context) -> Iterator[Resource]:
    """Yield the listener that routes hang on, and before HTTPS one that leads there."""
    common = {"load_balancer_arn": Ref("aws_lb", "main", "arn")}
    if not has_tls(context):
        yield _make(
            "aws_lb_listener",
            "main",
            port=80,
            protocol="HTTP",
            default_action=[_not_found()],
            **common,
        )
        return
    yield _make(
        "aws_lb_listener",
        "main",
        port=443,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=domain.CERTIFICATE,
        default_action=[_not_found()],
        **common,
    )
    yield _make(
        "aws_lb_listener",
        "redirect",
        port=80,
        protocol="HTTP",
        default_action=[_redirect()],
        **common,
    )
    wanted = context.app.domain
    if wanted and wanted.www:
        yield _make(
            "aws_lb_listener_rule",
            "www",
            listener_arn=LISTENER,
            priority=1,
            condition=[{"host_header": [{"values": [f"www.{wanted.name}"]}]}],
            action=[_redirect(host=wanted.name)],
        )


def _redirect(**where: str) -> dict[str, Any]:
    to = {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301", **where}
    return {"type": "redirect", "redirect": [to]}


def _not_found() -> dict[str, Any]:
    answer = {"content_type": "text/plain", "message_body": "Not found", "status_code": "404"}
    return {"type": "fixed-response", "fixed_response": [answer]}


def group_of(balancer: str) -> str:
    """Return the security group's name of a balancer."""
    return "balancer" if balancer == "main" else "balancer_internal"


def _groups(context: Context, balancer: str) -> tuple[str, ...]:
    """Return the names of a balancer's security groups."""
    mine = group_of(balancer)
    return (mine, FROM_CDN) if context.app.edge.kind == "cdn" and balancer == "main" else (mine,)


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
        security_groups=[Ref("aws_security_group", group) for group in _groups(context, name)],
        subnets=[
            Ref("aws_subnet", f"{'private' if internal else 'public'}_{zone}") for zone in ZONES
        ],
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        enable_deletion_protection=Expr("!var.teardown") if context.production else False,
        access_logs=logs.access(context),
    )


def _ingress(name: str, port: int = 80, /, *, at: str = "balancer", **source: Any) -> Resource:
    return _make(
        "aws_vpc_security_group_ingress_rule",
        name,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        security_group_id=Ref("aws_security_group", at),
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
    yield _make(
        "aws_security_group",
        FROM_CDN,
        vpc_id=VPC,
        name=context.name("security group", FROM_CDN.replace("_", "-")),
        description="what CloudFront reaches the load balancer through",
    )
    yield _ingress(
        "balancer_from_cdn",
        at=FROM_CDN,
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
        timeouts=dict.fromkeys(("create", "update", "delete"), ORIGIN_MINUTES),
    )
    yield from redirect.functions(context, NOUN, "main", domain.at_services(context))
    yield _services(context)


def balancer_origin() -> dict[str, Any]:
    """Return the internal balancer as an origin."""
    return {
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


def to_balancer() -> dict[str, Any]:
    """Return how requests are handed to the balancer: all of each, and nothing is cached."""
    return {
        "target_origin_id": "balancer",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": CACHING_DISABLED,
        "origin_request_policy_id": ALL_VIEWER,
        "response_headers_policy_id": SECURITY_HEADERS,
    }


def distribution(
    context: Context, noun: str, address: str, hosts: tuple[str, ...], **body: Any
) -> Resource:
    """Return a distribution that answers at these hosts, or at CloudFront's own name."""
    certificate: dict[str, Any] = {"cloudfront_default_certificate": True}
    if hosts:
        certificate = {
            "acm_certificate_arn": domain.CERTIFICATE,
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2021",
        }
    return foundation(
        noun,
        "aws_cloudfront_distribution",
        address,
        enabled=True,
        comment=context.prefix if address == "main" else f"{context.prefix}-{address}",
        http_version="http2and3",
        price_class="PriceClass_100",
        is_ipv6_enabled=True,
        aliases=list(hosts) or None,
        web_acl_id=firewall.ACL if context.app.firewall else None,
        restrictions=[{"geo_restriction": [{"restriction_type": "none"}]}],
        viewer_certificate=[certificate],
        **body,
    )


def _services(context: Context) -> Resource:
    """Return the distribution before the services."""
    behaviour = to_balancer()
    if functions := redirect.associations(context, "main", domain.at_services(context)):
        behaviour["function_association"] = functions
    return distribution(
        context,
        NOUN,
        "main",
        domain.at_services(context),
        origin=[balancer_origin()],
        default_cache_behavior=[behaviour],
    )
