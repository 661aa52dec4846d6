"""A cache: private, encrypted on the disk and on the wire, reached by its users alone.

It has no password: the provider would keep one in the state. Security groups by reference and TLS
stand for it (docs/security.md, CKV_AWS_31).
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.cache import Cache
from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.network import VPC

PORT = 6379


def host(noun: str) -> Ref:
    """Return the address of a cache's first node."""
    return Ref("aws_elasticache_replication_group", noun, "primary_endpoint_address")


def url(noun: str) -> Joined:
    """Return the address with its protocol: Redis over TLS."""
    return joined("rediss://", host(noun), f":{PORT}/0")


def build(context: Context) -> Iterator[Resource]:
    """Yield every cache with its network."""
    if not context.app.caches:
        return
    yield foundation(
        "caches",
        "aws_elasticache_subnet_group",
        "main",
        name=context.name("cache group"),
        subnet_ids=[Ref("aws_subnet", f"private_{zone}") for zone in ZONES],
    )
    for noun, cache in sorted(context.app.caches.items()):
        yield foundation(
            f"caches.{noun}",
            "aws_security_group",
            noun,
            vpc_id=VPC,
            name=context.name("security group", noun),
            description=f"the cache {noun}",
        )
        yield _group(context, noun, cache)


def _group(context: Context, noun: str, cache: Cache) -> Resource:
    identifier = context.name("cache", noun)
    return foundation(
        f"caches.{noun}",
        "aws_elasticache_replication_group",
        noun,
        replication_group_id=identifier,
        description=f"the cache {noun}",
        engine=cache.engine,
        engine_version=cache.version,
        node_type=cache.class_,
        num_cache_clusters=1 + cache.replicas,
        automatic_failover_enabled=cache.replicas > 0,
        multi_az_enabled=cache.replicas > 0,
        port=PORT,
        subnet_group_name=Ref("aws_elasticache_subnet_group", "main", "name"),
        security_group_ids=[Ref("aws_security_group", noun)],
        at_rest_encryption_enabled=True,
        transit_encryption_enabled=True,
        snapshot_retention_limit=cache.backups,
        final_snapshot_identifier=joined(f"{identifier}-", Expr("var.final_snapshot"))
        if cache.backups
        else None,
        auto_minor_version_upgrade=True,
        apply_immediately=not context.production,
    )
