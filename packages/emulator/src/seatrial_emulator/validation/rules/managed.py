"""Identifiers that AWS manages: CloudFront's policies, WAF's rule groups, ELB's TLS policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial_emulator.facts import managed
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

# The error of each (CloudFront API reference, CreateDistribution, "Errors").
_POLICIES = (
    ("CachePolicyId", managed.CACHE_POLICIES, "NoSuchCachePolicy", "cache policy"),
    (
        "OriginRequestPolicyId",
        managed.ORIGIN_REQUEST_POLICIES,
        "NoSuchOriginRequestPolicy",
        "origin request policy",
    ),
    (
        "ResponseHeadersPolicyId",
        managed.RESPONSE_HEADERS_POLICIES,
        "NoSuchResponseHeadersPolicy",
        "response headers policy",
    ),
)


@looks_at("cloudfront", "CreateDistribution", "UpdateDistribution", "CreateDistributionWithTags")
def distribution_policies(call: Call, account: Account) -> Refusal | None:
    """Refuse a behaviour whose policy is neither AWS's nor the account's."""
    own = {name for _, name in account.parts.stored.configs}
    for behaviour in _behaviours(call.parameters):
        for field, known, code, what in _POLICIES:
            wanted = behaviour.get(field)
            if wanted and wanted not in known and wanted not in own:
                return Refusal(code, f"The specified {what} does not exist.", "404 Not Found")
    return None


def _behaviours(parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    outer = parameters.get("DistributionConfigWithTags") or parameters
    config = outer.get("DistributionConfig") or {}
    yield config.get("DefaultCacheBehavior") or {}
    yield from (config.get("CacheBehaviors") or {}).get("Items") or ()


@looks_at("wafv2", "CreateWebACL", "UpdateWebACL", "CreateRuleGroup", "UpdateRuleGroup")
def rule_groups(call: Call, _: Account) -> Refusal | None:
    """Refuse a managed rule group that AWS does not have."""
    for name in _groups(call.parameters.get("Rules") or []):
        if name not in managed.RULE_GROUPS:
            return Refusal(
                "WAFInvalidParameterException",
                "Error reason: The managed rule group name isn't valid., field: "
                f"MANAGED_RULE_SET, parameter: {name}",
            )
    return None


def _groups(node: Any) -> Iterator[str]:
    """Yield the names of AWS's own rule groups, at any depth of a statement."""
    if isinstance(node, dict):
        group = node.get("ManagedRuleGroupStatement") or {}
        if group.get("VendorName") == "AWS":
            yield group.get("Name", "")
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from _groups(inner)


@looks_at("elbv2", "CreateListener", "ModifyListener")
def tls_policies(call: Call, _: Account) -> Refusal | None:
    """Refuse a security policy that ELB does not have."""
    wanted = call.parameters.get("SslPolicy")
    if wanted and wanted not in managed.TLS_POLICIES:
        return Refusal("SSLPolicyNotFound", f"SSL policy '{wanted}' not found")
    return None
