"""Lineage: who was made from what, and what it all weighs. Pure, over what the database gave."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MB = 1_000_000  # bytes; the contract counts in MB


@dataclass(frozen=True)
class Node:
    """A registered artifact, or something outside that one was made from."""

    id: str
    name: str
    source: str
    type: str
    registered: bool
    size: int = 0


@dataclass(frozen=True)
class Edge:
    """``parent`` is upstream of ``child``."""

    parent: str
    child: str
    relationship: str


@dataclass
class Graph:
    """Everything upstream of one artifact, and itself."""

    root: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the contract's ArtifactLineageGraph.

        It requires of each node a property ``node`` that it never defines; it is the node's id
        here, so that a strict reader is content.
        """
        return {
            "nodes": [
                {
                    "node": node.id,
                    "artifact_id": node.id,
                    "name": node.name,
                    "source": node.source,
                    "metadata": {"type": node.type, "registered": node.registered},
                }
                for node in self.nodes.values()
            ],
            "edges": [
                {
                    "from_node_artifact_id": edge.parent,
                    "to_node_artifact_id": edge.child,
                    "relationship": edge.relationship,
                }
                for edge in self.edges
            ],
        }


def external_id(type_: str, reference: str) -> str:
    """Return the id of something that is not registered; the same for the same thing."""
    return "external-" + hashlib.sha256(f"{type_}:{reference}".encode()).hexdigest()[:16]


def costs(graph: Graph, *, dependencies: bool) -> dict[str, dict[str, float]]:
    """Return the contract's ArtifactCost in MB (10**6 bytes) of the registered artifacts.

    Without dependencies: the artifact's own size. With them: each artifact's own size, and the sum
    over it and all that is upstream of it, each counted once.
    """
    if not dependencies:
        return {graph.root: {"total_cost": _mb(graph.nodes[graph.root].size)}}
    upstream: dict[str, set[str]] = {}
    for edge in graph.edges:
        upstream.setdefault(edge.child, set()).add(edge.parent)
    return {
        node.id: {
            "standalone_cost": _mb(node.size),
            "total_cost": _mb(sum(graph.nodes[n].size for n in reach(node.id, upstream))),
        }
        for node in graph.nodes.values()
        if node.registered
    }


def reach(start: str, upstream: Mapping[str, set[str]]) -> set[str]:
    """Return a node and all that is upstream of it; cycles end."""
    seen, pending = {start}, [start]
    while pending:
        for parent in upstream.get(pending.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return seen


def _mb(size: int) -> float:
    return size / MB
