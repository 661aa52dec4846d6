"""EC2: zones of a region, descriptions, and how many rules a security group may have."""

from __future__ import annotations

from typing import Any

from seatrial_emulator.facts import network
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

VALUE = "InvalidParameterValue"


@looks_at("ec2", "CreateSubnet")
def zone(call: Call, _: Account) -> Refusal | None:
    """Refuse a zone that the region does not have."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    wanted = call.parameters.get("AvailabilityZone")
    zones = [z.name for z in RegionsAndZonesBackend.zones.get(call.region, [])]
    if wanted and zones and wanted not in zones:
        return Refusal(
            VALUE,
            f"Value ({wanted}) for parameter availabilityZone is invalid. Subnets can currently "
            f"only be created in the following availability zones: {', '.join(sorted(zones))}.",
        )
    return None


@looks_at("ec2", "CreateSecurityGroup")
def description(call: Call, _: Account) -> Refusal | None:
    """Refuse characters that a group's description may not have."""
    text = str(call.parameters.get("Description") or "")
    if network.DESCRIPTION.fullmatch(text):
        return None
    why = "Character sets beyond ASCII are not supported."
    if text.isascii():
        why = "Valid descriptions are strings less than 256 characters from the following set: "
        why += "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
    return Refusal(VALUE, f"Value ({text}) for parameter GroupDescription is invalid. {why}")


@looks_at("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def rules(call: Call, account: Account) -> Refusal | None:
    """Refuse more rules than a group may have; a prefix list counts as its most entries."""
    ec2 = account.backend("ec2")
    group = ec2.get_security_group_from_id(call.parameters.get("GroupId"))
    if group is None:
        return None
    there = group.ingress_rules if "Ingress" in call.operation else group.egress_rules
    count = sum(_weight(ec2, str(row.prefix_list_id or "")) for row in there)
    for permission in call.parameters.get("IpPermissions") or ():
        lists = permission.get("PrefixListIds") or ()
        count += sum(_weight(ec2, str(row.get("PrefixListId") or "")) for row in lists)
        named = ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")
        count += sum(len(permission.get(name) or ()) for name in named)
    if count <= network.RULES:
        return None
    return Refusal(
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.",
    )


def _weight(ec2: Any, prefix_list: str) -> int:
    """Return how many rules a source counts as; moto's lists do not say how long they are."""
    found = ec2.managed_prefix_lists.get(prefix_list)
    name = str(found.prefix_list_name) if found else ""
    return next((n for end, n in network.WEIGHTS.items() if name.endswith(end)), 1)
