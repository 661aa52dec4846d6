"""ElastiCache: node types that a region offers."""

from __future__ import annotations

from seatrial_emulator.facts import offered
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at


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
