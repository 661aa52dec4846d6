"""A knowledge base: free itself; what Pinecone's plan costs at least, once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource


def _base(case: Case, resource: Resource) -> Iterator[Line]:
    """Embeddings are tokens of their model; an Aurora cluster is not this app's."""
    alike = (each for each in case.graph.resources if each.type == resource.type)
    if next(filter(_of_pinecone, alike), None) is resource:
        yield case.line(resource, "Pinecone's plan, at least", 1, "pinecone.standard.min")


def _of_pinecone(resource: Resource) -> bool:
    return bool(resource.body["storage_configuration"][0]["type"] == "PINECONE")


COSTS = Costs(
    section="knowledge",
    rules={"aws_bedrockagent_knowledge_base": _base},
    free=frozenset({"aws_bedrockagent_data_source"}),
)
