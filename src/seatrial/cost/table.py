"""A table: its requests, what it holds, and what is kept to restore it."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

FREE_GB = 25  # a month and account (DynamoDB pricing page)
WRITES = Assumption("table_writes", 0.1, "million writes of 1 KB, each table")
READS = Assumption("table_reads", 0.5, "million reads of 4 KB, each table")
SIZE = Assumption("table_size", 1, "GB, each table")


def _table(case: Case, resource: Resource) -> Iterator[Line]:
    tables = sum(1 for r in case.graph.resources if r.type == resource.type)
    copies = 1 + len(resource.body.get("global_secondary_index") or ())
    size = case.of(SIZE) * copies
    yield case.line(resource, "writes", case.of(WRITES) * copies, "dynamodb.write.m")
    yield case.line(resource, "reads", case.of(READS), "dynamodb.read.m")
    yield case.line(resource, "items", max(size - FREE_GB / tables, 0), "dynamodb.gb")
    if resource.body["point_in_time_recovery"][0]["enabled"] is True:
        yield case.line(resource, "point-in-time recovery", size, "dynamodb.pitr.gb")


COSTS = Costs(
    section="tables",
    rules={"aws_dynamodb_table": _table},
    assumptions=(WRITES, READS, SIZE),
)
