"""The graph of an app: what exists, who may do what, who reaches whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.resources.catalog import graph
from seatrial.resources.context import Context
from seatrial.resources.graph import Graph, Json, Ref, Resource, union
from seatrial.resources.route import priorities

HEAD = "app: shop\nregion: us-east-1\n"
FULL = (
    HEAD
    + """
services:
  api: {build: ./api, command: run, port: 8000, public: /api, uses: [db, models: read, key]}
  front: {build: ./api, command: run, port: 8080, public: /, uses: [api]}
  worker: {build: ./api, command: run, uses: [models]}
databases: {db: {}}
buckets: {models: {}}
secrets: {key: {generate: 32}}
"""
)


def statements(made: Graph, role: str) -> list[dict[str, Any]]:
    """Return every statement of a role."""
    found = []
    for resource in made.resources:
        body = resource.body
        if resource.type == "aws_iam_role_policy" and body["role"] == Ref(
            "aws_iam_role", role, "name"
        ):
            assert isinstance(body["policy"], Json)
            found += body["policy"].value["Statement"]
    return found


@pytest.mark.G32
def test_grants_come_only_from_uses(app):
    """A task role has exactly the actions of its uses, on exactly those resources."""
    made = graph(app(FULL))
    actions = {a for s in statements(made, "api_task") for a in s["Action"]}
    assert {
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:GetBucketLocation",
    } == actions
    assert statements(made, "front_task") == []
    assert "s3:PutObject" in {a for s in statements(made, "worker_task") for a in s["Action"]}


def test_no_statement_names_every_resource(app):
    """`*` stands only where AWS has nothing narrower: the registry's token."""
    made = graph(app(FULL))
    for resource in made.resources:
        if resource.type != "aws_iam_role_policy":
            continue
        for statement in resource.body["policy"].value["Statement"]:
            assert "*" not in statement["Action"]
            if statement["Resource"] == ["*"]:
                assert statement["Action"] == "ecr:GetAuthorizationToken"


@pytest.mark.G8
def test_database_is_reached_only_by_its_users(app):
    """Only services that use the database have a rule to its group, on its port."""
    made = graph(app(FULL))
    sources = {
        r.body["referenced_security_group_id"].name
        for r in made.resources
        if r.type == "aws_vpc_security_group_ingress_rule"
        and r.body["security_group_id"] == Ref("aws_security_group", "db")
    }
    assert {"api"} == sources


def test_service_is_called_through_the_balancer(app):
    """A used service gets a private listener, whose port its user may reach."""
    made = graph(app(FULL))
    listener = made.by_address[("aws_lb_listener", "api_private")]
    rule = made.by_address[("aws_vpc_security_group_egress_rule", "front_to_balancer_for_api")]
    assert listener.body["port"] == rule.body["from_port"] >= 10001


def test_longer_path_comes_first(app):
    """`/api` is asked before `/`, and every priority is used once."""
    found = priorities(Context(app(FULL)))
    assert found[("", "/api")] < found[("", "/")]
    assert len(set(found.values())) == len(found)


def test_union_keeps_what_serves(app):
    """Expanding keeps a removed service's roles, rules and grants, and takes the wanted bodies."""
    before = graph(app(FULL))
    after = graph(
        app(
            FULL.replace("uses: [models]", "uses: [models: read]").replace(
                "  front: {build: ./api, command: run, port: 8080, public: /, uses: [api]}\n", ""
            )
        )
    )
    both = union(before, after)
    assert ("aws_iam_role", "front_task") in both.by_address
    assert ("aws_iam_role_policy", "worker_task_models_full") in both.by_address
    assert ("aws_iam_role_policy", "worker_task_models_read") in both.by_address
    assert both.root("release") == after.root("release")


@pytest.mark.parametrize(
    "resources",
    [
        [("a", {"x": Ref("t", "missing")})],
        [("a", {}), ("a", {})],
        [("a", {"x": Ref("t", "b")}), ("b", {"x": Ref("t", "a")})],
    ],
)
def test_graph_refuses_wrong_pointers(resources):
    """A dangling, doubled or circular resource cannot be made."""
    with pytest.raises(ValueError, match=r"missing|two resources|circle"):
        Graph(
            "a",
            "dev",
            "us-east-1",
            (),
            tuple(Resource("t", n, "foundation", "x", b) for n, b in resources),
        )


@pytest.mark.G7
def test_outbound_is_a_choice(app):
    """Development is public, production has a NAT per zone, endpoints reach AWS only."""

    def types(text: str, environment: str = "dev") -> list[str]:
        return [r.type for r in graph(app(text, environment)).resources]

    assert "aws_nat_gateway" not in types(FULL)
    assert types(FULL + "environments: {p: {}}", "p").count("aws_nat_gateway") == 2
    one = FULL + "environments: {p: {network: {nat: one}}}"
    assert types(one, "p").count("aws_nat_gateway") == 1
    ends = FULL + "network: {outbound: endpoints}"
    assert types(ends).count("aws_vpc_endpoint") == 5


def test_public_balancer_and_private_calls_have_two_groups(app):
    """With a public balancer, a service that is public and called has a target group for each."""
    made = graph(app(FULL + "edge: {kind: balancer, insecure: true}"))
    groups = [r.name for r in made.resources if r.type == "aws_lb_target_group"]
    assert sorted(groups) == ["api", "api_internal", "front"]
    assert ("aws_cloudfront_distribution", "main") not in made.by_address


def test_no_secret_value_has_a_place_in_the_graph(app):
    """Only containers of secrets exist: no version, no managed password."""
    text = json.dumps([str(r.body) for r in graph(app(FULL)).resources])
    types = {r.type for r in graph(app(FULL)).resources}
    assert "aws_secretsmanager_secret_version" not in types
    assert "manage_master_user_password" not in text
