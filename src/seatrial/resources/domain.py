"""The domain: its zone, certificates that renew themselves, and the names that lead to the app.

The certificate of a distribution lives in us-east-1, wherever the app runs (CloudFront developer
guide, "Requirements for using SSL/TLS certificates with CloudFront").
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from seatrial.model.domain import KIND, Domain
from seatrial.resources.context import Context, everywhere, foundation
from seatrial.resources.graph import Expr, Ref, Resource
from seatrial.resources.kind import ResourceKind

NOUN = "domain"
CERTIFICATE = Ref("aws_acm_certificate_validation", "main", "certificate_arn")
ZONE = Ref("aws_route53_zone", "main", "zone_id")
CDN_ZONE = "Z2FDTNDATAQYW2"  # of every distribution (Route 53 API reference, "AliasTarget")


def names(context: Context) -> tuple[str, ...]:
    """Return every host that the certificate names: the domain's first."""
    domain = context.app.domain
    if domain is None:
        return ()
    hosts = {s.public.host for s in context.app.services.values() if s.public and s.public.host}
    more = hosts | ({f"www.{domain.name}"} if domain.www else set())
    return (domain.name, *sorted(more - {domain.name}))


def at_site(context: Context) -> tuple[str, ...]:
    """Return the hosts that lead to the one site: the domain and its www."""
    domain = context.app.domain
    if domain is None or context.app.address_site is None:
        return ()
    return tuple(n for n in names(context) if n in (domain.name, f"www.{domain.name}"))


def at_apex(context: Context, site: str) -> bool:
    """Return whether a site's host is its zone's own: then HSTS with subdomains would bind every
    other host of the zone, whoever runs it, for two years (RFC 6797, 6.1.2).
    """
    domain = context.app.domain
    return domain is not None and site == context.app.address_site and domain.name == domain.zone_of


def at_services(context: Context) -> tuple[str, ...]:
    """Return the hosts that lead to the services."""
    return tuple(n for n in names(context) if n not in at_site(context))


def build(context: Context) -> Iterator[Resource]:
    """Yield the zone, the certificate with its proof, the names and the health check."""
    domain = context.app.domain
    if domain is None:
        return
    yield _zone(domain)
    yield from _certificate(context)
    for host in names(context):
        for kind in ("A", "AAAA") if context.app.edge.kind == "cdn" else ("A",):
            yield _alias(context, host, kind)
    if domain.health_check:
        yield _health(context, domain)


def _zone(domain: Domain) -> Resource:
    if domain.zone == "create":
        return foundation(NOUN, "aws_route53_zone", "main", name=domain.zone_of)
    body = {"name": domain.zone_of, "private_zone": False}
    return Resource("aws_route53_zone", "main", "foundation", NOUN, body, data=True)


def _certificate(context: Context) -> Iterator[Resource]:
    make = partial(everywhere, context) if context.app.edge.kind == "cdn" else foundation
    hosts = names(context)
    yield make(
        NOUN,
        "aws_acm_certificate",
        "main",
        domain_name=hosts[0],
        subject_alternative_names=list(hosts[1:]) or None,
        validation_method="DNS",
        lifecycle=[{"create_before_destroy": True}],
    )
    records = []
    for host in hosts:
        address = f"proof_{_word(host)}"
        records.append(Ref("aws_route53_record", address, "fqdn"))
        yield foundation(
            NOUN,
            "aws_route53_record",
            address,
            Ref("aws_acm_certificate", "main"),
            zone_id=ZONE,
            allow_overwrite=True,
            ttl=300,
            name=_proof(host, "resource_record_name"),
            type=_proof(host, "resource_record_type"),
            records=[_proof(host, "resource_record_value")],
        )
    yield make(
        NOUN,
        "aws_acm_certificate_validation",
        "main",
        certificate_arn=Ref("aws_acm_certificate", "main", "arn"),
        validation_record_fqdns=records,
    )


def _word(host: str) -> str:
    """Return a host as part of a Terraform address; hosts have letters, digits, `-` and `.`."""
    return host.replace(".", "_")


def _proof(host: str, part: str) -> Expr:
    """Return what ACM wants to find in the zone for a host; the model lets no quote into one."""
    options = "aws_acm_certificate.main.domain_validation_options"
    return Expr(f'one([for o in {options} : o.{part} if o.domain_name == "{host}"])')


def _alias(context: Context, host: str, kind: str) -> Resource:
    site = context.app.address_site if host in at_site(context) else None
    if context.app.edge.kind == "cdn":
        target = Ref("aws_cloudfront_distribution", site or "main", "domain_name")
        alias: dict[str, Any] = {"name": target, "zone_id": CDN_ZONE}
    else:
        balancer = Ref("aws_lb", "main", "dns_name")
        alias = {"name": balancer, "zone_id": Ref("aws_lb", "main", "zone_id")}
    return foundation(
        NOUN,
        "aws_route53_record",
        f"{_word(host)}_{kind.lower()}",
        zone_id=ZONE,
        name=host,
        type=kind,
        alias=[{**alias, "evaluate_target_health": False}],
    )


def _health(context: Context, domain: Domain) -> Resource:
    paths = [
        s.health.path
        for _, s in sorted(context.app.services.items())
        if s.public and "/" in s.public.path
    ]
    path = "/" if context.app.address_site or not paths else paths[0]
    return foundation(
        NOUN,
        "aws_route53_health_check",
        "main",
        type="HTTPS",
        fqdn=domain.name,
        port=443,
        resource_path=path,
        request_interval=30,
        failure_threshold=3,
        tags={"Name": context.prefix},
    )


RESOURCES = ResourceKind(of=KIND, build=build)
