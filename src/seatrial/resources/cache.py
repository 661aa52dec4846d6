"""A cache: private, encrypted at rest and in transit, reached by its users alone.

It has no password: the provider would keep one in the state. Security groups by reference and TLS
stand for it (docs/security.md, CKV_AWS_31).
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.cache import KIND, Cache
from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.kind import DATA, Alarm, Graphs, Node, Reach, ResourceKind, Value, graphs
from seatrial.resources.network import VPC
from seatrial.resources.switches import is_off

PORT = 6379
LIMIT, SUBNETS_LIMIT = 40, 255  # characters (ElastiCache API reference)


def _attribute(_: Context, noun: str, attribute: str) -> Value:
    host = Ref("aws_elasticache_replication_group", noun, "primary_endpoint_address")
    found: dict[str, Value] = {"host": host, "port": str(PORT)}
    return found.get(attribute) or joined("rediss://", host, f":{PORT}/0")


def build(context: Context) -> Iterator[Resource]:
    """Yield every cache with its network."""
    if not context.app.caches:
        return
    yield foundation(
        "caches",
        "aws_elasticache_subnet_group",
        "main",
        name=context.fitted(SUBNETS_LIMIT),
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
    identifier = context.fitted(LIMIT, noun)
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


def _dimension(name: str) -> tuple[str, Joined]:
    """The first node's: it takes every write."""
    return "CacheClusterId", joined(Ref("aws_elasticache_replication_group", name), "-001")


def _alarms(_context: Context, _alarms: Alarms, name: str) -> Iterator[Alarm]:
    for short, metric, words in (
        ("memory", "DatabaseMemoryUsagePercentage", "memory at 85 % or more"),
        ("cpu", "EngineCPUUtilization", "its one CPU at 85 % or more"),
    ):
        yield Alarm(
            noun=f"caches.{name}",
            name=short,
            namespace="AWS/ElastiCache",
            metric=metric,
            dimensions=dict([_dimension(name)]),
            statistic="Average",
            threshold=85,
            words=f"{name}: {words} for 15 minutes",
            root="foundation",
        )


def _graphs(_: Context, name: str) -> Graphs:
    metrics = ("EngineCPUUtilization", "DatabaseMemoryUsagePercentage", "CacheHitRate")
    return graphs(name, "AWS/ElastiCache", list(_dimension(name)), metrics)


def _nodes(app: App) -> Iterator[Node]:
    for name, cache in sorted(app.caches.items()):
        copies = f", {cache.replicas} more" if cache.replicas else ""
        yield Node(name, "data", DATA, name, f"{cache.engine.title()} cache{copies}")


def _risks(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if is_off(resource.body.get("transit_encryption_enabled")):
        yield "the cache is reached without encryption"
    if production and is_off(resource.body.get("automatic_failover_enabled")):
        yield "a lost node takes the cache and what is in it (`replicas: 1`)"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    reach=lambda _, noun: Reach(noun, PORT),
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    risks={"aws_elasticache_replication_group": _risks},
    serves={"aws_elasticache_replication_group": "the cache"},
)
