"""ElastiCache: node types that a region offers."""

from __future__ import annotations

from seatrial_emulator.api.facts import offered
from seatrial_emulator.api.validation.call import Call
from seatrial_emulator.api.validation.refusal import Refusal
from seatrial_emulator.api.validation.rules.rule import Account, looks_at


@looks_at("elasticache", "CreateReplicationGroup", "CreateCacheCluster")
def node_type(call: Call, _: Account) -> Refusal | None:
    """Refuse a node type that the region does not have."""
    wanted = call.parameters.get("CacheNodeType")
    known = offered.cache_nodes(call.region)
    if wanted and known and wanted not in known:
        return Refusal(
            "InvalidParameterValue",
            f"Invalid Cache Node Type: {wanted} is not supported in {call.region}.",
        )
    return None
