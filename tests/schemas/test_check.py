"""The generated documents against AWS's schemas: what is wrong is found before anything runs, and
what AWS accepts is not refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import scan
from botocore.session import get_session

from apps import EVERY_NOUN, ON_A_BALANCER, ON_BEDROCK
from helpers import seatrial
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph
from seatrial.resources.overrides import merged
from seatrial.schemas import check
from seatrial.schemas.facts import FACTS
from seatrial.schemas.mapping import MAPPINGS, WITHOUT

REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1", "us-west-2")

# A resource of an app with every noun, and one literal in it that AWS does not take.
WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("aws_acm_certificate.main", {"validation_method": "MAIL"}),
    ("aws_appautoscaling_target.api", {"scalable_dimension": "ecs:service:Count"}),
    ("aws_appautoscaling_target.api", {"service_namespace": "fargate"}),
    ("aws_budgets_budget.main", {"notification": [{"threshold_type": "PERCENT"}]}),
    ("aws_budgets_budget.main", {"time_unit": "WEEKLY"}),
    ("aws_budgets_budget.main", {"budget_type": "MONEY"}),
    ("aws_chatbot_slack_channel_configuration.alarms", {"slack_team_id": "team!"}),
    ("aws_cloudfront_distribution.main", {"http_version": "http4"}),
    ("aws_cloudfront_distribution.main", {"price_class": "PriceClass_300"}),
    ("aws_cloudfront_distribution.main", {"viewer_certificate": {"ssl_support_method": "all"}}),
    (
        "aws_cloudfront_distribution.main",
        {"default_cache_behavior": {"viewer_protocol_policy": "https"}},
    ),
    ("aws_cloudfront_origin_access_control.web", {"signing_behavior": "sometimes"}),
    ("aws_cloudfront_origin_access_control.web", {"origin_access_control_origin_type": "disk"}),
    (
        "aws_cloudfront_response_headers_policy.web",
        {"security_headers_config": {"frame_options": {"frame_option": "ALLOW"}}},
    ),
    ("aws_cloudwatch_log_group.api", {"retention_in_days": 31}),
    ("aws_cloudwatch_metric_alarm.api_cpu", {"period": 45}),
    ("aws_cloudwatch_metric_alarm.api_cpu", {"comparison_operator": "Greater"}),
    ("aws_cloudwatch_metric_alarm.api_cpu", {"statistic": "Mean"}),
    ("aws_cognito_user_pool.users", {"mfa_configuration": "REQUIRED"}),
    ("aws_cognito_user_pool.users", {"password_policy": {"minimum_length": 5}}),
    ("aws_cognito_user_pool_client.users", {"explicit_auth_flows": ["ALLOW_ALL"]}),
    ("aws_cognito_user_pool_client.users", {"refresh_token_validity": 400_000_000}),
    ("aws_cognito_user_pool_domain.users", {"domain": "-sign-in-"}),
    ("aws_db_instance.db", {"instance_class": "db.t9.micro"}),
    ("aws_db_instance.db", {"engine_version": "8.9"}),
    ("aws_db_instance.db", {"engine": "mysql8"}),
    ("aws_db_instance.db", {"backup_retention_period": 36}),
    ("aws_db_instance.db", {"identifier": "shop-dev--db"}),
    ("aws_db_instance.db", {"storage_type": "gp9"}),
    ("aws_db_instance.db", {"monitoring_interval": 7}),
    ("aws_db_instance.db", {"port": 80}),
    ("aws_db_instance.db", {"backup_window": "25:00-26:00"}),
    ("aws_db_instance.db", {"maintenance_window": "Foo:00:00-Foo:01:00"}),
    ("aws_db_instance.db", {"ca_cert_identifier": "rds-ca-2015"}),
    ("aws_dynamodb_table.sessions", {"billing_mode": "ON_DEMAND"}),
    ("aws_dynamodb_table.sessions", {"attribute": [{"name": "user", "type": "TEXT"}]}),
    ("aws_ecr_repository.api", {"name": "Shop/API"}),
    ("aws_ecr_repository.api", {"image_tag_mutability": "NEVER"}),
    ("aws_ecs_cluster.main", {"setting": [{"name": "insights", "value": "on"}]}),
    ("aws_ecs_service.api", {"scheduling_strategy": "ALWAYS"}),
    ("aws_ecs_service.api", {"propagate_tags": "YES"}),
    ("aws_ecs_service.api", {"scheduling_strategy": "DAEMON"}),
    ("aws_ecs_service.api", {"platform_version": "2.0"}),
    ("aws_ecs_task_definition.api", {"ephemeral_storage": {"size_in_gib": 300}}),
    ("aws_lb.main", {"name": "internal-shop"}),
    ("aws_security_group.api", {"name": "sg-shop"}),
    ("aws_elasticache_replication_group.cache", {"replication_group_id": "shop--cache"}),
    ("aws_ecs_task_definition.api", {"network_mode": "bridged"}),
    ("aws_ecs_task_definition.api", {"cpu": "256", "memory": "4096"}),
    ("aws_ecs_task_definition.api", {"cpu": "300"}),
    ("aws_elasticache_replication_group.cache", {"node_type": "cache.t9.micro"}),
    ("aws_elasticache_replication_group.cache", {"engine_version": "9.9"}),
    ("aws_elasticache_replication_group.cache", {"engine": "memcachedb"}),
    ("aws_flow_log.main", {"traffic_type": "SOME"}),
    ("aws_flow_log.main", {"max_aggregation_interval": 45}),
    ("aws_iam_role.api_task", {"name": "a role with spaces"}),
    ("aws_iam_role.api_task", {"max_session_duration": 60}),
    ("aws_lb_listener.main", {"protocol": "SPDY"}),
    ("aws_lb_listener_rule.api_0", {"action": [{"type": "send"}]}),
    ("aws_lb_target_group.api", {"health_check": {"interval": 1}}),
    ("aws_lb_target_group.api", {"target_type": "container"}),
    ("aws_lb_target_group.api", {"port": 70000}),
    ("aws_lb_target_group.api", {"protocol": "HTTP3"}),
    ("aws_route53_health_check.main", {"failure_threshold": 11}),
    ("aws_route53_health_check.main", {"request_interval": 15}),
    ("aws_route53_record.app_example_com_a", {"type": "ALIAS"}),
    ("aws_s3_bucket_ownership_controls.files", {"rule": {"object_ownership": "Owner"}}),
    ("aws_s3_bucket_versioning.files", {"versioning_configuration": {"status": "On"}}),
    (
        "aws_s3_bucket_server_side_encryption_configuration.files",
        {"rule": {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES512"}}},
    ),
    ("aws_sns_topic_subscription.email_0", {"protocol": "mail"}),
    ("aws_sqs_queue.orders", {"fifo_queue": True}),  # a name without .fifo
    ("aws_sqs_queue.orders", {"visibility_timeout_seconds": 43_201}),
    ("aws_sqs_queue.orders", {"deduplication_scope": "all"}),
    ("aws_subnet.private_a", {"cidr_block": "10.0.0.0/33"}),
    ("aws_subnet.private_a", {"cidr_block": "10.0.0.0/29"}),
    ("aws_vpc.main", {"cidr_block": "10.0.0.0/8"}),
    ("aws_vpc.main", {"instance_tenancy": "shared"}),
    ("aws_vpc_endpoint.s3", {"vpc_endpoint_type": "Gate"}),
    ("aws_vpc_security_group_egress_rule.api_to_db", {"from_port": 70_000}),
    ("aws_wafv2_web_acl.main", {"scope": "GLOBAL"}),
    ("aws_wafv2_web_acl.main", {"name": "no spaces here"}),
)


def _graphs() -> Iterator[tuple[str, Graph]]:
    for name, _, made in scan.graphs():
        yield name, made


def _with(made: Graph, address: str, patch: dict[str, Any]) -> Graph:
    """Return a graph with one resource patched."""
    found = [
        replace(r, body=merged(r.body, patch)) if ".".join(r.address) == address else r
        for r in made.resources
    ]
    assert found != list(made.resources), address
    return replace(made, resources=tuple(found))


def test_every_generated_type_has_its_schema(app):
    """A new type without a mapping fails here; so does an argument that no property is like."""
    made = [made for _, made in _graphs()] + [graph(app(t)) for t in (EVERY_NOUN, ON_BEDROCK)]
    unknown, unmatched = set(), set()
    for resource in (r for each in made for r in each.resources if not r.data):
        if resource.type not in {**MAPPINGS, **WITHOUT}:
            unknown.add(resource.type)
        if found := check.translated(resource, "us-east-1"):
            unmatched |= {f"{resource.type}: {name}" for name in found.unmatched}
    assert unknown == set()
    assert unmatched == set()


@pytest.mark.parametrize("region", REGIONS)
def test_what_aws_accepts_is_not_refused(app, region):
    """Every example in every profile, and an app with every noun, in five regions."""
    for name, made in _graphs():
        assert check.problems(replace(made, region=region)) == [], name
    assert check.problems(graph(app(EVERY_NOUN.replace("us-east-1", region)))) == []


def test_what_a_public_balancer_has_is_not_refused(app):
    """Its listeners, its certificate, the firewall in the app's region."""
    assert check.problems(graph(app(ON_A_BALANCER))) == []


def test_what_is_on_bedrock_is_not_refused(app):
    """Every policy of a guardrail."""
    assert check.problems(graph(app(ON_BEDROCK))) == []


@pytest.mark.parametrize(("address", "patch"), WRONG, ids=lambda v: v if isinstance(v, str) else "")
def test_a_literal_that_aws_refuses_is_found(app, address, patch):
    """One wrong value is one problem or more, at the noun of its resource."""
    made = _with(graph(app(EVERY_NOUN)), address, patch)
    found = check.problems(made)
    noun = next(r.noun for r in made.resources if ".".join(r.address) == address)
    assert found
    assert {(p.code, p.key) for p in found} == {("terraform-literal", noun)}


def test_facts_from_botocores_models_are_theirs():
    """A row that names a model's shape has its values, all of them."""
    rows = [fact for fact in FACTS if fact.source.startswith("botocore ")]
    assert len(rows) > 5
    for fact in rows:
        service, _, shape = fact.source.removeprefix("botocore ").partition(".")
        model = get_session().get_service_model(service)
        assert set(fact.schema["enum"]) == set(model.shape_for(shape).enum), fact.source


def test_a_class_that_a_region_lacks_is_found(app):
    """Calgary has no db.t4g: what is right elsewhere is wrong there."""
    made = graph(app("app: shop\nregion: ca-west-1\ndatabases: {db: {class: db.t4g.micro}}\n"))
    assert any("db.t4g.micro" in p.message for p in check.problems(made))


def test_check_names_the_place_in_the_app_file(write):
    """`seatrial check` says which key's resource is wrong, in which line, and the value."""
    path = write(
        "app: shop\nregion: us-east-1\nqueues:\n  orders: {}\n"
        "terraform: {patches: {aws_sqs_queue.orders: {visibility_timeout_seconds: 99999}}}\n"
    )
    done = seatrial("check", "--json", folder=path.parent)
    (problem,) = json.loads(done.stdout)["problems"]
    assert done.returncode == 2
    assert (problem["code"], problem["line"], problem["key"]) == (
        "terraform-literal",
        4,
        "queues.orders",
    )
    assert "`visibility_timeout_seconds` is `99999`" in problem["message"]
