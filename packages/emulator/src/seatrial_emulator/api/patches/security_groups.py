"""EC2 keeps a rule's description whatever its source is, and refuses to delete a group that an
interface, a database or another group's rule still uses: DependencyViolation (EC2 API reference,
AuthorizeSecurityGroupIngress, DeleteSecurityGroup).

moto keeps descriptions of address ranges only, and deletes the group.
Test: tests/emulator/test_patches.py::test_a_security_group_in_use_cannot_be_deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import security_groups as models
from moto.rds.models import rds_backends

from seatrial_emulator.api.patches.patch import replace, wrap
from seatrial_emulator.api.state import SecurityGroupRuleState, store_of


def apply() -> None:
    """Keep descriptions, and refuse to delete groups that are in use."""
    wrap(models.SecurityGroupRule, "__init__", _init_rule)
    replace(models.SecurityGroupRule, "description", property(_description))
    wrap(models.SecurityGroupBackend, "delete_security_group", _delete_group)


def _init_rule(init: Callable[..., None], self: Any, *given: Any, **fields: Any) -> None:
    init(self, *given, **fields)
    for peer in (*given, *fields.values()):
        if isinstance(peer, dict) and "PrefixListId" in peer:
            arn = _arn(self)
            state = SecurityGroupRuleState(peer.get("Description"))
            store_of(arn).security_group_rules[arn] = state


def _description(self: Any) -> str | None:
    arn = _arn(self)
    state = store_of(arn).security_group_rules.get(arn, SecurityGroupRuleState())
    own = self.ip_range.get("Description") or self.source_group.get("Description")
    return own or state.description


def _arn(rule: Any) -> str:
    backend = rule.ec2_backend
    place = f"{backend.region_name}:{backend.account_id}"
    return f"arn:aws:ec2:{place}:security-group-rule/{rule.id}"


def _delete_group(
    delete: Callable[..., Any], self: Any, name: Any = None, group_id: Any = None
) -> Any:
    # The default group goes with its VPC, and only then.
    group = self.get_security_group_from_id(group_id) if group_id else None
    if group is not None and group.name != "default" and _in_use(self, group_id):
        raise EC2ClientError("DependencyViolation", f"resource {group_id} has a dependent object")
    return delete(self, name=name, group_id=group_id)


def _in_use(backend: Any, group: str) -> bool:
    if any(g.id == group for eni in backend.enis.values() for g in eni.group_set):
        return True
    databases = rds_backends[backend.account_id][backend.region_name].databases.values()
    if any(group in (database.vpc_security_group_ids or []) for database in databases):
        return True
    return any(
        rule.source_group.get("GroupId") == group
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
