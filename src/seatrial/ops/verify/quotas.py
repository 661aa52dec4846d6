"""Does the account have room? (doctor catalogue, D33; reliability, 40.)"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cloud import quotas
from seatrial.ops.verify.finding import Case, Finding
from seatrial.resources.catalog import graph
from seatrial.resources.context import Context

# What an environment makes of what a quota counts, by Terraform's resource type.
COUNTED = {
    "VPCs": "aws_vpc",
    "load balancers": "aws_lb",
    "public addresses": "aws_eip",
}


def check(case: Case) -> Iterator[Finding]:
    """Compare what a first deploy makes with what is left of the account's quotas."""
    if quotas.exists(case.session, Context(case.app).name("service")):
        return  # what is there was counted when it was made
    made = graph(case.app).by_address
    for what, type_ in COUNTED.items():
        needed = sum(found == type_ for found, _ in made)
        room = quotas.room(case.session, what) if needed else None
        if room is not None and needed > room:
            yield Finding(
                code="verify-quota",
                severity="error",
                title=f"the account's quota does not allow {needed} more {what}",
                evidence=f"{max(room, 0)} are left in {case.session.target.region}",
                cause="AWS limits the number of each resource per account and region.",
                fix="Delete unused ones, or request an increase in Service Quotas.",
            )
