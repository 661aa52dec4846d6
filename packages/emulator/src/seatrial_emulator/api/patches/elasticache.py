"""ElastiCache shows the clusters that a replication group is made of, is ``creating`` until its
engine answers, and forgets what was deleted (API reference, DescribeCacheClusters,
DeleteReplicationGroup, DeleteCacheSubnetGroup).

moto has no member clusters, shows deleted groups as ``deleting`` for ever and cannot delete subnet
groups. Test: tests/end_to_end/test_apply.py (a cache is applied, planned empty, destroyed).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult
from moto.elasticache import models
from moto.elasticache.responses import ElastiCacheResponse

from seatrial_emulator.api.patches.patch import add, replace, wrap
from seatrial_emulator.api.state import ReplicationGroupState, store_of

Backend = models.ElastiCacheBackend


def apply() -> None:
    """Show members, forget what is deleted, and leave the status to the engine."""
    wrap(models.ReplicationGroup, "__init__", _init_group)
    add(models.ReplicationGroup, "status", property(_status, _set_status))
    wrap(Backend, "describe_cache_clusters", _describe_clusters)
    replace(Backend, "delete_replication_group", _delete_group)
    add(ElastiCacheResponse, "delete_cache_subnet_group", _delete_subnets)


def _init_group(init: Callable[..., None], self: Any, *given: Any, **fields: Any) -> None:
    init(self, *given, **fields)
    store_of(self.arn).replication_groups[self.arn] = ReplicationGroupState()
    count = int(fields.get("num_cache_clusters") or 1)
    self.member_clusters = [f"{self.replication_group_id}-{i:03d}" for i in range(1, count + 1)]


def _describe_clusters(
    describe: Callable[..., Any], self: Any, cache_cluster_id: str | None = None
) -> list[Any]:
    member = _member(self, cache_cluster_id or "")
    found: list[Any] = [member] if member else describe(self, cache_cluster_id)
    return found


def _delete_group(self: Any, replication_group_id: str, *_: Any, **__: Any) -> Any:
    if replication_group_id not in self.replication_groups:
        raise models.ReplicationGroupNotFound(replication_group_id)
    group = self.replication_groups.pop(replication_group_id)
    store_of(group.arn).replication_group(group.arn).status = "deleting"
    return group


def _status(self: Any) -> Any:
    return store_of(self.arn).replication_group(self.arn).status or vars(self)["status"]


def _set_status(self: Any, value: Any) -> None:
    vars(self)["status"] = value


def _delete_subnets(self: Any) -> Any:
    name = self._get_param("CacheSubnetGroupName")
    self.elasticache_backend.cache_subnet_groups.pop(name, None)
    return EmptyResult()


def _member(backend: Any, name: str) -> dict[str, Any] | None:
    """Return a member as DescribeCacheClusters shows it."""
    group = backend.replication_groups.get(name.rpartition("-")[0])
    if group is None or name not in group.member_clusters:
        return None
    version = str(group.engine_version or "7.1")
    groups = [{"SecurityGroupId": g, "Status": "active"} for g in group.security_group_ids or ()]
    return {
        "CacheClusterId": name,
        "CacheClusterStatus": group.status,
        "ReplicationGroupId": group.replication_group_id,
        "Engine": group.engine,
        "EngineVersion": version if version.count(".") > 1 else f"{version}.0",
        "CacheNodeType": group.cache_node_type,
        "NumCacheNodes": 1,
        "AtRestEncryptionEnabled": bool(group.at_rest_encryption_enabled),
        "TransitEncryptionEnabled": bool(group.transit_encryption_enabled),
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "SecurityGroups": groups,
        "AutoMinorVersionUpgrade": True,
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        "SnapshotWindow": "03:00-04:00",
        "CacheParameterGroup": {"CacheParameterGroupName": f"default.{group.engine}"},
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": name, "Port": group.port}}],
    }
