"""EC2 keeps a rule's description whatever its source is, and refuses to delete a group that an
interface, a database or another group's rule still uses: DependencyViolation (EC2 API reference,
AuthorizeSecurityGroupIngress, DeleteSecurityGroup).

moto keeps descriptions of address ranges only, and deletes the group.
Test: tests/emulator/test_patches.py::test_security_group_in_use_stays.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import security_groups as models
from moto.rds.models import rds_backends


def apply() -> None:
    """Keep descriptions, and refuse to delete groups that are in use."""
    delete, init = (
        models.SecurityGroupBackend.delete_security_group,
        models.SecurityGroupRule.__init__,
    )

    def init_rule(self: Any, *given: Any, **fields: Any) -> None:
        init(self, *given, **fields)
        sources = [value for value in (*given, *fields.values()) if isinstance(value, dict)]
        texts = [source["Description"] for source in sources if source.get("Description")]
        self.rehearsed_description = texts[0] if texts else None

    def delete_security_group(self: Any, name: Any = None, group_id: Any = None) -> Any:
        # The default group goes with its VPC, and only then.
        group = self.get_security_group_from_id(group_id) if group_id else None
        if group is not None and group.name != "default" and _in_use(self, group_id):
            raise EC2ClientError(
                "DependencyViolation", f"resource {group_id} has a dependent object"
            )
        return delete(self, name=name, group_id=group_id)

    models.SecurityGroupRule.__init__ = init_rule
    models.SecurityGroupRule.description = property(lambda self: self.rehearsed_description)
    models.SecurityGroupBackend.delete_security_group = delete_security_group


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
