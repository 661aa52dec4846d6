"""A site: a private bucket that only its distribution reads, and routes to the services.

Its files are put there by a deploy (``ops.sites``), not by Terraform.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.site import KIND, Site
from seatrial.resources import bucket, domain, edge, redirect
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Ref, Resource, joined
from seatrial.resources.kind import EDGE, Arrow, Node, ResourceKind

# AWS's managed cache policy CachingOptimized (CloudFront developer guide, "Use managed cache
# policies"): it obeys Cache-Control, which the deploy sets on every file.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def build(context: Context) -> Iterator[Resource]:
    """Yield every site."""
    for noun, site in sorted(context.app.sites.items()):
        yield from _one(context, noun, site)


def _one(context: Context, noun: str, site: Site) -> Iterator[Resource]:
    owner = f"sites.{noun}"
    hosts = domain.at_site(context) if noun == context.app.address_site else ()
    pages = "spa" if site.spa else "pages"
    yield from bucket.private(context, _bucket(owner, noun))
    yield foundation(
        owner,
        "aws_cloudfront_origin_access_control",
        noun,
        name=context.global_name("function", noun),
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
    )
    yield _headers(context, owner, noun, site)
    yield from redirect.functions(context, owner, noun, hosts, pages)
    yield _distribution(context, noun, site, hosts)


def _bucket(owner: str, noun: str) -> bucket.Private:
    """A site is made from source: its bucket may go while it holds files."""
    return bucket.Private(owner, noun, noun, statements=(_read(noun),), lasting=False)


def _read(noun: str) -> dict[str, object]:
    """Let one distribution, and nobody else, read the files."""
    arn = Ref("aws_s3_bucket", noun, "arn")
    source = {"aws:SourceArn": Ref("aws_cloudfront_distribution", noun, "arn")}
    return {
        "Sid": "Distribution",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["s3:GetObject", "s3:ListBucket"],  # without it a missing file is a 403
        "Resource": [arn, joined(arn, "/*")],
        "Condition": {"StringEquals": source},
    }


def _headers(context: Context, owner: str, noun: str, site: Site) -> Resource:
    return foundation(
        owner,
        "aws_cloudfront_response_headers_policy",
        noun,
        name=context.global_name("policy", noun),
        security_headers_config=[
            {
                "strict_transport_security": [
                    {
                        "access_control_max_age_sec": 63_072_000,
                        "include_subdomains": not domain.at_apex(context, noun),
                        "preload": False,
                        "override": True,
                    }
                ],
                "content_type_options": [{"override": True}],
                "frame_options": [{"frame_option": "DENY", "override": True}],
                "referrer_policy": [
                    {"referrer_policy": "strict-origin-when-cross-origin", "override": True}
                ],
                "content_security_policy": [
                    {"content_security_policy": site.policy, "override": True}
                ],
            }
        ],
    )


def _distribution(context: Context, noun: str, site: Site, hosts: tuple[str, ...]) -> Resource:
    files = {
        "origin_id": "files",
        "domain_name": Ref("aws_s3_bucket", noun, "bucket_regional_domain_name"),
        "origin_path": "/site",  # beside it lie the files of other releases
        "origin_access_control_id": Ref("aws_cloudfront_origin_access_control", noun),
    }
    behaviour = {
        "target_origin_id": "files",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD", "OPTIONS"],
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": CACHING_OPTIMIZED,
        "response_headers_policy_id": Ref("aws_cloudfront_response_headers_policy", noun),
        "function_association": redirect.associations(
            context, noun, hosts, "spa" if site.spa else "pages"
        ),
    }
    routes = [{"path_pattern": pattern, **edge.to_balancer()} for pattern in site.routes]
    return edge.distribution(
        context,
        f"sites.{noun}",
        noun,
        hosts,
        default_root_object="index.html",
        origin=[files, edge.balancer_origin()] if routes else [files],
        default_cache_behavior=[behaviour],
        ordered_cache_behavior=routes or None,
    )


def _nodes(app: App) -> Iterator[Node]:
    guard = ", firewall" if app.firewall else ""
    for name in sorted(app.sites):
        yield Node(name, "edge", EDGE, name, f"site: CloudFront, S3{guard}")


def _arrows(app: App) -> Iterator[Arrow]:
    for name, site in sorted(app.sites.items()):
        yield "/internet", name
        if site.routes:
            yield name, "/edge"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda context, noun, _: edge.site_url(context, noun),
    nodes=_nodes,
    arrows=_arrows,
)
