"""A table: on demand, encrypted with DynamoDB's own key, restorable to the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.service import Service, Use
from seatrial.model.table import KIND, Index, Table
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Expr, Ref, Resource, joined
from seatrial.resources.kind import DATA, Alarm, Grant, Graphs, Node, ResourceKind, Tagged, graphs
from seatrial.resources.switches import is_off

LIMIT = 255  # characters (DynamoDB API reference, CreateTable)
TYPES = {"string": "S", "number": "N", "binary": "B"}
QUERIES = ("dynamodb:Query", "dynamodb:Scan")
READ = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
)
WRITE = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
ACTIONS = {
    # access: (on the table, on its indexes)
    "read": ((*READ, *QUERIES), QUERIES),
    "write": (WRITE, ()),
    "full": (tuple({*READ, *WRITE, *QUERIES}), QUERIES),
}


def build(context: Context) -> Iterator[Resource]:
    """Yield every table."""
    for noun, table in sorted(context.app.tables.items()):
        yield _table(context, noun, table)


def _table(context: Context, noun: str, table: Table) -> Resource:
    types = {key.name: TYPES[key.type] for key in table.keys}
    return foundation(
        f"tables.{noun}",
        "aws_dynamodb_table",
        noun,
        name=context.fitted(LIMIT, noun),
        billing_mode="PAY_PER_REQUEST",
        hash_key=table.key.name,
        range_key=table.sort.name if table.sort else None,
        attribute=[{"name": name, "type": type_} for name, type_ in sorted(types.items())],
        global_secondary_index=[_index(n, i) for n, i in sorted(table.indexes.items())] or None,
        ttl=[{"attribute_name": table.ttl, "enabled": True}] if table.ttl else None,
        point_in_time_recovery=[{"enabled": table.recovery}],
        deletion_protection_enabled=Expr("!var.teardown") if context.production else False,
    )


def _index(name: str, index: Index) -> dict[str, Any]:
    sort = {"range_key": index.sort.name} if index.sort else {}
    return {"name": name, "hash_key": index.key.name, "projection_type": "ALL", **sort}


def _attribute(_: Context, noun: str, attribute: str) -> Ref:
    return Ref("aws_dynamodb_table", noun, attribute)


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    wanted, arn = use.access or "full", Ref("aws_dynamodb_table", use.name, "arn")
    on_table, on_indexes = ACTIONS[wanted]
    statements = [access.allow(on_table, arn, sid="Table")]
    if on_indexes:
        statements.append(access.allow(on_indexes, joined(arn, "/index/*"), sid="Indexes"))
    yield Grant("task", f"{use.name}_{wanted}", tuple(statements))


def _alarms(_context: Context, _alarms: Alarms, name: str) -> Iterator[Alarm]:
    for short, metric in (("reads", "ReadThrottleEvents"), ("writes", "WriteThrottleEvents")):
        yield Alarm(
            noun=f"tables.{name}",
            name=short,
            namespace="AWS/DynamoDB",
            metric=metric,
            dimensions={"TableName": Ref("aws_dynamodb_table", name, "name")},
            statistic="Sum",
            threshold=1,
            words=f"{name}: {short} are throttled",
            root="foundation",
        )


def _graphs(_: Context, name: str) -> Graphs:
    consumed = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
    at = ["TableName", Ref("aws_dynamodb_table", name, "name")]
    return graphs(name, "AWS/DynamoDB", at, (*consumed, "WriteThrottleEvents"))


def _nodes(app: App) -> Iterator[Node]:
    for name, table in sorted(app.tables.items()):
        keys = [key.name for key in (table.key, table.sort) if key]
        yield Node(name, "data", DATA, name, f"table by {', '.join(keys)}")


def _risks(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    recovery = resource.body.get("point_in_time_recovery") or [{}]
    if is_off(recovery[0].get("enabled")):
        yield "the table cannot be restored to an earlier moment"
    if production and is_off(resource.body.get("deletion_protection_enabled")):
        yield "the table is not protected from deletion"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=_grants,
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    risks={"aws_dynamodb_table": _risks},
    holds={"aws_dynamodb_table": "the table"},
    tagged={"aws_dynamodb_table": Tagged("dynamodb:table")},
    gateways=("dynamodb",),
)
