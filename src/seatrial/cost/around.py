"""What stands around services and data: DNS, firewall, users, alarms, logs, caches and queues."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Rule
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource

FREE_MESSAGES = 1  # million requests of SQS a month and account (its pricing page)
FREE_USERS = 10_000  # monthly active users, tier Essentials (Cognito pricing page)
REQUESTS_A_MESSAGE = 3  # sent, received, deleted (SQS pricing page counts each call)


def _cache(case: Case, resource: Resource) -> Iterator[Line]:
    body = resource.body
    nodes, size = int(body["num_cache_clusters"]), str(body["node_type"])
    item = f"{size}, {body['engine']}" + (f", {nodes} nodes" if nodes > 1 else "")
    yield case.line(resource, item, HOURS * nodes, f"elasticache.{body['engine']}.{size}")


def _queue(case: Case, resource: Resource) -> Iterator[Line]:
    if resource.name.endswith("_dead"):
        return
    kind = "fifo" if resource.body.get("fifo_queue") else "standard"
    queues = sum(
        1
        for r in case.graph.resources
        if r.type == "aws_sqs_queue" and not r.name.endswith("_dead")
    )
    beyond = max(case.traffic.messages * REQUESTS_A_MESSAGE - FREE_MESSAGES / queues, 0)
    yield case.line(resource, "messages", beyond, f"sqs.{kind}.m")


def _users(case: Case, resource: Resource) -> Iterator[Line]:
    beyond = max(case.traffic.users * 1000 - FREE_USERS, 0)
    yield case.line(resource, "active users beyond 10,000", beyond, "cognito.essentials.mau")


def _firewall(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "web ACL", 1, "waf.acl")
    yield case.line(resource, "rules", len(resource.body["rule"]), "waf.rule")
    yield case.line(resource, "requests looked at", case.traffic.requests, "waf.m")


def _zone(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "zone", 1, "route53.zone")
    yield case.line(resource, "queries", case.traffic.requests / 10, "route53.query.m")


def _health(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "health check", 1, "route53.health.aws")
    yield case.line(resource, "health check: HTTPS", 1, "route53.health.https")


def _alarm(case: Case, resource: Resource) -> Iterator[Line]:
    """All of a noun's alarms are one line, told by the first."""
    mine = [r for r in case.graph.resources if r.type == resource.type and r.noun == resource.noun]
    if mine[0] is resource:
        yield case.line(resource, "alarms", len(mine), "alarm.standard")


def _dashboard(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "dashboard", 1, "dashboard")


def _flows(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "refused connections", case.traffic.flows, "logs.vended.s3.gb")


RULES: dict[str, Rule] = {
    "aws_elasticache_replication_group": _cache,
    "aws_sqs_queue": _queue,
    "aws_cognito_user_pool": _users,
    "aws_wafv2_web_acl": _firewall,
    "aws_route53_zone": _zone,
    "aws_route53_health_check": _health,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_flow_log": _flows,
}
