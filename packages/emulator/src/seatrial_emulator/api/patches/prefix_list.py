"""AWS has a managed prefix list of CloudFront's origin-facing addresses in every region (CloudFront
developer guide, "Locations and IP address ranges of CloudFront edge servers").

moto 5.2.5 has it in its default lists only for some regions, and without its size. Test:
tests/rehearsal/test_golden_apply.py (the apply fails without it).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend as Backend

from seatrial_emulator.api.patches.patch import wrap

NAME = "com.amazonaws.global.cloudfront.origin-facing"
MAX_ENTRIES = 55  # what it counts against the rules of a security group


def apply() -> None:
    """Make sure that CloudFront's list exists, with its size."""
    wrap(Backend, "describe_managed_prefix_lists", _describe)


def _describe(
    describe: Callable[..., Any], self: Any, prefix_list_ids: Any = None, filters: Any = None
) -> Any:
    listed = [p for p in self.managed_prefix_lists.values() if p.prefix_list_name == NAME]
    for prefix_list in listed or [_create(self)]:
        prefix_list.max_entries = MAX_ENTRIES
    return describe(self, prefix_list_ids, filters)


def _create(backend: Any) -> Any:
    created = backend.create_managed_prefix_list(
        address_family="IPv4",
        entry=[{"Cidr": "130.176.0.0/17", "Description": "edge"}],
        prefix_list_name=NAME,
        max_entries=str(MAX_ENTRIES),
        owner_id="AWS",
    )
    created.state = "create-complete"
    return created
