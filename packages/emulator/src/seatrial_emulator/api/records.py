"""The emulator's records, read: groups, routes, balancers. The only place that knows moto's shape
of them; callers hold the emulator's lock.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from seatrial_emulator.api.patches.access import match
from seatrial_emulator.api.security_groups import Rule
from seatrial_emulator.api.server import Emulator

_TIME = "%Y-%m-%dT%H:%M:%SZ"


def rules(emulator: Emulator) -> tuple[Rule, ...]:
    """Return every security-group rule."""
    found = []
    for groups in emulator.backend("ec2").groups.values():
        for group in groups.values():
            for egress, listed in ((False, group.ingress_rules), (True, group.egress_rules)):
                found += [_rule(group.id, row, egress=egress) for row in listed]
    return tuple(found)


def _rule(group: str, row: Any, *, egress: bool) -> Rule:
    return Rule(
        group,
        egress,
        str(row.ip_protocol),
        int(row.from_port or 0),
        int(row.to_port or 65535),
        str(row.source_group.get("GroupId") or ""),
        str(row.ip_range.get("CidrIp") or ""),
        str(row.prefix_list_id or ""),
    )


def cloudfront_prefix(emulator: Emulator) -> str:
    """Return the id of CloudFront's managed prefix list."""
    for prefix in emulator.backend("ec2").managed_prefix_lists.values():
        if prefix.prefix_list_name.endswith("cloudfront.origin-facing"):
            return str(prefix.id)
    return "none"


def way_out(emulator: Emulator, subnet: str, *, public_address: bool) -> bool:
    """Return whether a task in this subnet has a way to AWS's services.

    Through an internet gateway with a public address, a NAT gateway, or interface endpoints.
    """
    ec2 = emulator.backend("ec2")
    table = _table(ec2, subnet)
    for route in table.routes if table else ():
        if str(route.destination_cidr_block) != "0.0.0.0/0":
            continue
        if route.nat_gateway is not None or (public_address and route.gateway is not None):
            return True
    names = {
        endpoint.service_name.rsplit(".", 1)[-1]
        for endpoint in ec2.vpc_end_points.values()
        if endpoint.vpc_endpoint_type == "Interface" and subnet in (endpoint.subnet_ids or [])
    }
    return {"dkr", "logs", "secretsmanager"} <= names


def _table(ec2: Any, subnet: str) -> Any:
    for table in ec2.route_tables.values():
        if subnet in table._associations.values():
            return table
    return None


def allowed(emulator: Emulator, role_arn: str, action: str, resource: str) -> bool:
    """Return whether a role's policies allow an action on a resource."""
    effect = False
    for document in _documents(emulator, role_arn):
        listed = document["Statement"]
        for statement in listed if isinstance(listed, list) else [listed]:
            if not _concerns(statement, action, resource):
                continue
            if statement["Effect"] == "Deny":
                return False
            effect = True
    return effect


def _documents(emulator: Emulator, role_arn: str) -> list[dict[str, Any]]:
    role = emulator.backend("iam").get_role_by_arn(role_arn)
    found = [json.loads(text) for text in role.policies.values()]
    found += [json.loads(policy.document) for policy in role.managed_policies.values()]
    return found


def _concerns(statement: dict[str, Any], action: str, resource: str) -> bool:
    def listed(key: str) -> list[str]:
        value = statement.get(key, [])
        return [value] if isinstance(value, str) else value

    return any(match(p, action) for p in listed("Action")) and any(
        match(p, resource) for p in listed("Resource")
    )


def trusts(emulator: Emulator, role_arn: str, service: str) -> bool:
    """Return whether a role exists and lets an AWS service take it, for this account."""
    try:
        role = emulator.backend("iam").get_role_by_arn(role_arn)
    except Exception:
        return False
    for statement in json.loads(role.assume_role_policy_document)["Statement"]:
        principals = statement.get("Principal", {}).get("Service", [])
        principals = [principals] if isinstance(principals, str) else principals
        condition = statement.get("Condition", {}).get("StringEquals", {})
        account = condition.get("aws:SourceAccount", emulator.account)
        if statement["Effect"] == "Allow" and service in principals and account == emulator.account:
            return True
    return False


def renewed(emulator: Emulator, body: dict[str, str], session: str) -> dict[str, str]:
    """Return a role's credentials, or new ones where they end within an hour."""
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime(_TIME)
    if body["Expiration"] > soon:
        return body
    return credentials(emulator, body["RoleArn"], session)


def credentials(emulator: Emulator, role_arn: str, session: str) -> dict[str, str]:
    """Return credentials of a role, in the shape of the container credentials endpoint."""
    sts = emulator.backend("sts")
    role = sts.assume_role(
        region_name=emulator.region,
        role_session_name=session,
        role_arn=role_arn,
        policy="",
        duration=21_600,
        external_id="",
    )
    return {
        "RoleArn": role_arn,
        "AccessKeyId": role.access_key_id,
        "Token": role.session_token,
        "SecretAccessKey": role.secret_access_key,
        "Expiration": role.expiration.strftime(_TIME),
    }
