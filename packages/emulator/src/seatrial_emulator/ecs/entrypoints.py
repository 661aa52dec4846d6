"""What stands at each address: distributions with their origins, or a public balancer's listener.

``app`` is the app's address: the site's where there is exactly one, else the services'. Beside it
stand the services (``main``) where that is a site's, and sites where there are several.
"""

from __future__ import annotations

from typing import Any

from seatrial_emulator.api import records, security_groups
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs import routes
from seatrial_emulator.facts.managed import ORIGIN_REQUEST_POLICIES

DESCRIBING = {"AllViewerAndCloudFrontHeaders-2022-06"}  # with CloudFront's own headers
APP, MAIN = "app", "main"  # both are no noun's name
_SECURITY = {  # element of the policy, its value's element, the header
    "ContentSecurityPolicy": ("ContentSecurityPolicy", "content-security-policy"),
    "FrameOptions": ("FrameOption", "x-frame-options"),
    "ReferrerPolicy": ("ReferrerPolicy", "referrer-policy"),
}


def fronts(
    emulator: Emulator, rules: tuple[security_groups.Rule, ...]
) -> dict[str, dict[str, Any]]:
    """Return every front; ``closed`` where a security group lets nothing through."""
    balancers = emulator.backend("elbv2").load_balancers
    found: dict[str, dict[str, Any]] = {}
    for distribution in emulator.backend("cloudfront").distributions.values():
        origins = distribution.distribution_config.Origins["Items"]
        hosts = {str(origin.domain_name) for origin in origins}
        behind = [balancer for balancer in balancers.values() if balancer.dns_name in hosts]
        peer = security_groups.Peer(prefix=records.cloudfront_prefix(emulator))
        cdn = str(distribution.domain_name)
        listener: dict[str, Any] = {"kind": "closed"}
        if behind:
            listener = _listener(behind[0], rules, peer, cdn)
        files = next((o for o in origins if ".s3." in str(o.domain_name)), None)
        policies = _origin_policies(distribution.distribution_config)
        listener["described"] = bool(policies & DESCRIBING)
        if files is None and behind:
            found.setdefault(MAIN, listener)
        elif files is not None:
            noun = _noun(emulator, distribution)
            found[noun] = _site(emulator, distribution, files, listener)
    for balancer in balancers.values():
        if MAIN not in found and balancer.scheme != "internal":
            found[MAIN] = _listener(balancer, rules, security_groups.Peer(), "")
    names = _names(emulator)
    return _named({name: {**spec, "names": names} for name, spec in found.items()})


def _origin_policies(config: Any) -> set[str]:
    """Return the names of AWS's origin request policies that a distribution uses."""
    behaviours = [config.DefaultCacheBehavior, *(config.CacheBehaviors.get("Items") or [])]
    used = {str(getattr(b, "origin_request_policy_id", "")) for b in behaviours}
    return {name for policy, name in ORIGIN_REQUEST_POLICIES.items() if policy in used}


def _names(emulator: Emulator) -> list[str]:
    """Return the names that the app answers to: CloudFront's, the balancers', its domain's, and
    those of its rules.
    """
    found: set[str] = set()
    for distribution in emulator.backend("cloudfront").distributions.values():
        aliases = distribution.distribution_config.Aliases.get("Items") or []
        found |= {str(distribution.domain_name), *map(str, aliases)}
    for balancer in emulator.backend("elbv2").load_balancers.values():
        found.add(str(balancer.dns_name))
    for listener in routes.listeners(emulator).values():
        for rule in listener["rules"]:
            for field, values in rule["conditions"]:
                found |= set(values) - {"*"} if field == "host-header" else set()
    for zone in emulator.backend("route53").zones.values():
        found |= {zone.name.rstrip("."), f"*.{zone.name.rstrip('.')}"}
    return sorted(found)


def _named(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Let one of the fronts be the app's."""
    sites = [name for name in found if name != MAIN]
    own = sites[0] if len(sites) == 1 else MAIN
    rest = {name: spec for name, spec in found.items() if name != own}
    return rest | ({APP: found[own]} if own in found else {})


def _noun(emulator: Emulator, distribution: Any) -> str:
    """The site's noun ends the comment of its distribution: `<app>-<environment>-<noun>`."""
    listed = emulator.backend("cloudfront").list_tags_for_resource(distribution.arn)["Tags"]
    tags = {row["Key"]: row["Value"] for row in listed}
    prefix = f"{tags.get('seatrial:app', '')}-{tags.get('seatrial:environment', '')}-"
    return str(distribution.distribution_config.Comment).removeprefix(prefix)


def _listener(
    balancer: Any, rules: tuple[security_groups.Rule, ...], peer: security_groups.Peer, cdn: str
) -> dict[str, Any]:
    """Return the listener that routes hang on: the one that does not only lead elsewhere."""
    groups = frozenset(balancer.security_groups)
    for arn, listener in balancer.listeners.items():
        port = int(listener.port)
        if port in (80, 443) and not _leads_elsewhere(listener):
            if not security_groups.allows(rules, groups, port, peer, egress=False):
                return {"kind": "closed"}
            https = bool(cdn) or listener.protocol == "HTTPS"
            found: dict[str, Any] = {"kind": "balancer", "listener": str(arn), "https": https}
            return found | ({"cdn": cdn} if cdn else {})
    return {"kind": "closed"}


def _leads_elsewhere(listener: Any) -> bool:
    return bool(records.action_data(listener.default_actions[-1]).get("Type") == "redirect")


def _site(
    emulator: Emulator, distribution: Any, files: Any, listener: dict[str, Any]
) -> dict[str, Any]:
    config = distribution.distribution_config
    behaviours = config.CacheBehaviors.get("Items") or []
    default = config.DefaultCacheBehavior
    return {
        "kind": "site",
        "cdn": str(distribution.domain_name),
        "listener": listener.get("listener", ""),
        "described": listener.get("described", False),
        "patterns": [str(behaviour.path_pattern) for behaviour in behaviours],
        "distribution": str(distribution.id),
        "port": int(emulator.host.rpartition(":")[2] or 0),
        "token": emulator.gate.token,
        "folder": str(files.origin_path or ""),
        "root": str(config.DefaultRootObject or ""),
        "pages": _pages(emulator, default),
        "headers": _headers(emulator, str(default.response_headers_policy_id or "")),
    }


def _pages(emulator: Emulator, behaviour: Any) -> str:
    """Return what the function does to addresses, by what its code says; no code is run here."""
    rows = behaviour.function_associations.get("Items") or []
    rows = rows.get("FunctionAssociation", []) if isinstance(rows, dict) else rows
    rows = rows if isinstance(rows, list) else [rows]
    names = [str(row.get("FunctionARN", "")).rpartition("/")[2] for row in rows]
    functions = emulator.parts.stored.functions
    code = "".join(functions[n].code.decode() for n in names if n in functions)
    if "split('/').pop().includes('.')" in code:
        return "spa"
    return "pages" if "endsWith('/')" in code else ""


def _headers(emulator: Emulator, policy: str) -> dict[str, str]:
    configs = emulator.parts.stored.configs
    return policy_headers(configs.get(("/response-headers-policy", policy), {}))


def policy_headers(config: dict[str, Any]) -> dict[str, str]:
    """Return the headers that a response headers policy adds, by its configuration."""
    security = config.get("SecurityHeadersConfig") or {}
    found = {
        header: str(security[element][value])
        for element, (value, header) in _SECURITY.items()
        if (security.get(element) or {}).get(value)
    }
    if "ContentTypeOptions" in security:
        found["x-content-type-options"] = "nosniff"
    if seconds := (security.get("StrictTransportSecurity") or {}).get("AccessControlMaxAgeSec"):
        found["strict-transport-security"] = f"max-age={seconds}; includeSubDomains"
    return found
