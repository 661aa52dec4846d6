"""Reads moto's records: security groups, routes, roles. Callers hold the emulator's lock."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from seatrial_emulator.api import iam_policies
from seatrial_emulator.api.security_groups import Rule
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.state import forget_missing

_HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,63}")
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
        group=group,
        egress=egress,
        protocol=str(row.ip_protocol),
        low=int(row.from_port or 0),
        high=int(row.to_port or 65535),
        peer_group=str(row.source_group.get("GroupId") or ""),
        peer_network=str(row.ip_range.get("CidrIp") or ""),
        peer_prefix=str(row.prefix_list_id or ""),
        hosts=_hosts(str(row.ip_range.get("Description") or "")),
    )


def _hosts(description: str) -> tuple[str, ...]:
    """Return whom a rule is for, as its description says: ``TCP 587 out to smtp.example.com``."""
    _, named, hosts = description.partition(" out to ")
    found = hosts.split(", ") if named else []
    return tuple(host for host in found if _HOST.fullmatch(host))


def cloudfront_prefix(emulator: Emulator) -> str:
    """Return the id of CloudFront's managed prefix list."""
    for prefix in emulator.backend("ec2").managed_prefix_lists.values():
        if prefix.prefix_list_name.endswith("cloudfront.origin-facing"):
            return str(prefix.id)
    return "none"


def has_route_to_aws(emulator: Emulator, subnet: str, *, public_address: bool) -> bool:
    """Return whether a task in this subnet has a route to AWS's services.

    Through an internet gateway with a public address, a NAT gateway, or interface endpoints.
    """
    if internet(emulator, subnet, public_address=public_address):
        return True
    ec2 = emulator.backend("ec2")
    names = {
        endpoint.service_name.rsplit(".", 1)[-1]
        for endpoint in ec2.vpc_end_points.values()
        if endpoint.vpc_endpoint_type == "Interface" and subnet in (endpoint.subnet_ids or [])
    }
    return {"dkr", "logs", "secretsmanager"} <= names


def internet(emulator: Emulator, subnet: str, *, public_address: bool) -> bool:
    """Return whether a task in this subnet has a route to the internet, and not to AWS alone."""
    table = _table(emulator.backend("ec2"), subnet)
    return any(
        str(route.destination_cidr_block) == "0.0.0.0/0"
        and (route.nat_gateway is not None or (public_address and route.gateway is not None))
        for route in (table.routes if table else ())
    )


def _table(ec2: Any, subnet: str) -> Any:
    for table in ec2.route_tables.values():
        if subnet in table._associations.values():
            return table
    return None


def action_data(action: Any) -> dict[str, Any]:
    """Return an action of a listener or rule as the API shows it."""
    data: dict[str, Any] = action if isinstance(action, dict) else action.data
    return data


def allowed(emulator: Emulator, role_arn: str, action: str, resource: str) -> bool:
    """Return whether a role's policies allow an action on a resource."""
    role = emulator.backend("iam").get_role_by_arn(role_arn)
    documents = [json.loads(text) for text in iam_policies.texts_of(role)]
    request = iam_policies.Request(action=action, resource=resource)
    return iam_policies.evaluate(documents, request) == "Allow"


def trusts(emulator: Emulator, role_arn: str, service: str) -> bool:
    """Return whether a role exists and lets an AWS service assume it, for this account."""
    roles = {role.arn: role for role in emulator.backend("iam").roles.values()}
    if role_arn not in roles:
        return False
    request = iam_policies.Request(
        action="sts:AssumeRole",
        principal=iam_policies.Principal("Service", service),
        context={"aws:SourceAccount": emulator.account},
    )
    document = json.loads(roles[role_arn].assume_role_policy_document)
    return iam_policies.evaluate([document], request) == "Allow"


def forget_deleted(emulator: Emulator) -> None:
    """Remove the state of every record that was deleted, so that nothing outlives its record."""
    state, backend = emulator.state, emulator.backend
    ecs, rds, ec2 = backend("ecs"), backend("rds"), backend("ec2")
    forget_missing(state.tasks, {arn for tasks in ecs.tasks.values() for arn in tasks})
    forget_missing(state.services, {service.arn for service in ecs.services.values()})
    forget_missing(state.target_groups, set(backend("elbv2").target_groups))
    forget_missing(state.databases, {row.dbi_resource_id for row in rds.databases.values()})
    forget_missing(state.snapshots, {row.arn for row in rds.database_snapshots.values()})
    caches = backend("elasticache").replication_groups.values()
    forget_missing(state.replication_groups, {group.arn for group in caches})
    scalable = backend("application-autoscaling").targets.values()
    forget_missing(state.tags, {row.arn for rows in scalable for row in rows.values()})
    place = f"arn:aws:ec2:{emulator.region}:{emulator.account}:security-group-rule"
    listed = [group for groups in ec2.groups.values() for group in groups.values()]
    live = {f"{place}/{r.id}" for g in listed for r in (*g.ingress_rules, *g.egress_rules)}
    forget_missing(state.security_group_rules, live)


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
