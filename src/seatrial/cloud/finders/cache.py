"""Caches and their subnets."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _cache(session: Session, body: Body, mine: Tags) -> str | None:
    cache, name = session.client("elasticache"), body["replication_group_id"]
    row = cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    found = cache.list_tags_for_resource(ResourceName=row["ARN"])["TagList"]
    alive = row["Status"] != "deleting"
    return str(name) if alive and mine.items() <= tags(found).items() else None


def _cache_subnets(session: Session, body: Body, _: Tags) -> str | None:
    session.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=body["name"])
    return str(body["name"])


FINDERS: dict[str, Finder] = {
    "aws_elasticache_replication_group": _cache,
    "aws_elasticache_subnet_group": _cache_subnets,
}
