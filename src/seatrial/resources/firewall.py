"""The firewall: a web ACL of AWS WAF on the app's distributions, or on its public balancer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from seatrial.model.firewall import KIND, Firewall
from seatrial.resources.context import Context, everywhere, foundation
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import ResourceKind

NOUN = "firewall"
LIMIT = 128  # characters of a web ACL's name
ACL = Ref("aws_wafv2_web_acl", "main", "arn")
# AWS's managed rule groups (AWS WAF developer guide, "AWS Managed Rules rule groups list").
GROUPS = {
    "reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous": "AWSManagedRulesAnonymousIpList",
    "common": "AWSManagedRulesCommonRuleSet",
    "bad-inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "sql": "AWSManagedRulesSQLiRuleSet",
}


def on_cdn(context: Context) -> bool:
    """Return whether distributions, not a public balancer, carry the firewall."""
    return context.app.edge.kind == "cdn" or bool(context.app.sites)


def build(context: Context) -> Iterator[Resource]:
    """Yield the web ACL, and its tie to a public balancer."""
    wanted = context.app.firewall
    if wanted is None:
        return
    make = partial(everywhere, context) if on_cdn(context) else foundation
    name = context.unique(LIMIT, NOUN)
    rules = [_group(i, group, wanted) for i, group in enumerate(wanted.rules)]
    yield make(
        NOUN,
        "aws_wafv2_web_acl",
        "main",
        name=name,
        scope="CLOUDFRONT" if on_cdn(context) else "REGIONAL",
        default_action=[{"allow": [{}]}],
        visibility_config=[_seen(name)],
        rule=[*rules, _rate(len(rules), wanted)],
    )
    if not on_cdn(context):
        yield foundation(
            NOUN,
            "aws_wafv2_web_acl_association",
            "main",
            resource_arn=Ref("aws_lb", "main", "arn"),
            web_acl_arn=ACL,
        )


def _seen(name: str) -> dict[str, Any]:
    return {
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": True,
        "metric_name": name,
    }


def _group(index: int, group: str, wanted: Firewall) -> dict[str, Any]:
    statement: dict[str, Any] = {"vendor_name": "AWS", "name": GROUPS[group]}
    if counted := _counted(group, wanted):
        statement["rule_action_override"] = [
            {"name": rule, "action_to_use": [{"count": [{}]}]} for rule in counted
        ]
    return {
        "name": group,
        "priority": index,
        "override_action": [{"count": [{}]} if wanted.count else {"none": [{}]}],
        "statement": [{"managed_rule_group_statement": [statement]}],
        "visibility_config": [_seen(group)],
    }


def _counted(group: str, wanted: Firewall) -> tuple[str, ...]:
    """Return the rules of a group that only count, and block nobody.

    Hosting providers are where webhooks and CI come from: all clouds but AWS itself (AWS WAF
    developer guide, "Anonymous IP list managed rule group", HostingProviderIPList).
    """
    if group == "anonymous":
        return ("HostingProviderIPList",)
    return ("SizeRestrictions_BODY",) if group == "common" and wanted.large_bodies else ()


def _rate(index: int, wanted: Firewall) -> dict[str, Any]:
    return {
        "name": "rate",
        "priority": index,
        "action": [{"count": [{}]} if wanted.count else {"block": [{}]}],
        "statement": [
            {"rate_based_statement": [{"limit": wanted.rate, "aggregate_key_type": "IP"}]}
        ],
        "visibility_config": [_seen("rate")],
    }


RESOURCES = ResourceKind(of=KIND, build=build)
