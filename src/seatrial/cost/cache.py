"""A cache: its nodes."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs, Question
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.model.app import App
from seatrial.resources.graph import Resource


def _cache(case: Case, resource: Resource) -> Iterator[Line]:
    body = resource.body
    nodes, size = int(body["num_cache_clusters"]), str(body["node_type"])
    item = f"{size}, {body['engine']}" + (f", {nodes} nodes" if nodes > 1 else "")
    yield case.line(resource, item, HOURS * nodes, f"elasticache.{body['engine']}.{size}")


def _questions(app: App) -> Iterator[Question]:
    for cache in app.caches.values():
        attributes = (("cacheEngine", cache.engine.title()), ("instanceType", cache.class_))
        key = f"elasticache.{cache.engine}.{cache.class_}"
        yield Question(key, "AmazonElastiCache", attributes)


COSTS = Costs(
    section="caches",
    rules={"aws_elasticache_replication_group": _cache},
    free=frozenset({"aws_elasticache_subnet_group"}),
    questions=_questions,
)
