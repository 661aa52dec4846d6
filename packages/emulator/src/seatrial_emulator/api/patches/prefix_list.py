"""AWS has a managed prefix list of CloudFront's origin-facing addresses in every region (CloudFront
developer guide, "Locations and IP address ranges of CloudFront edge servers").

moto 5.2.5 has it in its default lists only for some regions. Test:
tests/rehearsal/test_golden_apply.py (the apply fails without it).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend as Backend

from seatrial_emulator.api.patches.patch import wrap

NAME = "com.amazonaws.global.cloudfront.origin-facing"


def apply() -> None:
    """Make sure that CloudFront's list exists."""
    wrap(Backend, "describe_managed_prefix_lists", _describe)


def _describe(
    describe: Callable[..., Any], self: Any, prefix_list_ids: Any = None, filters: Any = None
) -> Any:
    if not any(p.prefix_list_name == NAME for p in self.managed_prefix_lists.values()):
        created = self.create_managed_prefix_list(
            address_family="IPv4",
            entry=[{"Cidr": "130.176.0.0/17", "Description": "edge"}],
            prefix_list_name=NAME,
            max_entries="55",
            owner_id="AWS",
        )
        created.state = "create-complete"
    return describe(self, prefix_list_ids, filters)
