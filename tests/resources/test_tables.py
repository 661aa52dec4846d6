"""Tables: keys, indexes, protections, grants, price."""

from __future__ import annotations

import pytest

from graphs import API, HEAD, Make, actions, one, refused, variables
from seatrial.cost.case import Traffic
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Expr, Ref, joined
from seatrial.resources.risks import risks

TABLE = "tables: {notes: {key: user, sort: {at: number}, indexes: {by-mail: mail}, ttl: expires}}\n"


def test_a_table_has_its_keys_its_indexes_and_its_protections(app: Make):
    """Each key's attribute stands once with its type; production protects it from deletion."""
    made = graph(app(HEAD + "profile: production\n" + TABLE))
    body = one(made, "aws_dynamodb_table", "notes").body
    assert (body["hash_key"], body["range_key"]) == ("user", "at")
    assert body["attribute"] == [
        {"name": "at", "type": "N"}, {"name": "mail", "type": "S"}, {"name": "user", "type": "S"},
    ]  # fmt: skip
    assert body["ttl"] == [{"attribute_name": "expires", "enabled": True}]
    assert body["point_in_time_recovery"] == [{"enabled": True}]
    assert body["deletion_protection_enabled"] == Expr("!var.teardown")
    assert [text for text in risks(made, production=True) if "table" in text] == []
    bare = graph(app(HEAD + "tables: {notes: {key: id, recovery: false}}"))
    (risk,) = risks(bare, production=False)
    assert risk == "tables.notes: the table cannot be restored to an earlier moment"


@pytest.mark.parametrize(
    ("access", "allowed", "refused_"),
    [
        ("read", "dynamodb:Query", "dynamodb:PutItem"),
        ("write", "dynamodb:PutItem", "dynamodb:Scan"),
        ("full", "dynamodb:DeleteItem", "dynamodb:DeleteTable"),
    ],
)
def test_a_tables_users_reach_that_table_alone(app: Make, access: str, allowed: str, refused_: str):
    """Each access names its actions, on the table and its indexes; the name is in a variable."""
    made = graph(app(HEAD + API % f"notes: {access}" + TABLE))
    assert variables(made, "api")["NOTES_TABLE"] == Ref("aws_dynamodb_table", "notes", "name")
    name = f"api_task_notes_{access}"
    assert allowed in actions(made, name)
    assert refused_ not in actions(made, name)
    statements = one(made, "aws_iam_role_policy", name).body["policy"].value["Statement"]
    arn = Ref("aws_dynamodb_table", "notes", "arn")
    places = [row["Resource"] for row in statements]
    assert places == [[arn], [joined(arn, "/index/*")]][: len(places)]
    assert one(made, "aws_vpc_endpoint", "dynamodb").body["vpc_endpoint_type"] == "Gateway"


@pytest.mark.parametrize(
    "text",
    ["{key: id, sort: id}", "{key: id, sort: {at: number}, indexes: {by-time: at}}"],
)
def test_a_table_whose_keys_contradict_is_refused(app: Make, text: str):
    """One attribute as both keys, or with two types."""
    assert refused(app, HEAD + f"tables: {{notes: {text}}}") == ["appfile-choice"]


def test_a_table_costs_by_its_requests_and_what_it_keeps(app: Make):
    """An index is written as often as the table; 25 GB are free, recovery never is."""
    use = Traffic(table_writes=1, table_reads=8, table_size=20)
    found = cost.estimate(app(HEAD + TABLE), use)
    paid = {line.item: line.monthly for line in found.lines}
    assert paid == {
        "writes": 1.25, "reads": 1.0, "items": 3.75, "point-in-time recovery": 8.0,
    }  # fmt: skip
