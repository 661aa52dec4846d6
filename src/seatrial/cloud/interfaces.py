"""Network interfaces that AWS makes in a VPC: it takes them away itself, some time later.

CloudFront's are there as long as a VPC origin, and a while longer (CloudFront developer guide,
"Restrict access with VPC origins"); neither subnets nor the VPC can go before them.
"""

from __future__ import annotations

from typing import Any

from seatrial.cloud.session import Session, aws_errors
from seatrial.cloud.waiting import until
from seatrial.resources import naming

PATIENCE = 1800  # seconds


def managed(session: Session, app: str, environment: str) -> list[str]:
    """Return the interfaces that AWS's services hold in an environment's VPC."""
    ec2, mine = session.client("ec2"), _filters(app, environment)
    found: list[str] = []
    with aws_errors("to look for network interfaces"):
        for vpc in ec2.describe_vpcs(Filters=mine)["Vpcs"]:
            filters: Any = [
                {"Name": "vpc-id", "Values": [vpc["VpcId"]]},
                {"Name": "requester-managed", "Values": ["true"]},
            ]
            pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
            found += [row["NetworkInterfaceId"] for p in pages for row in p["NetworkInterfaces"]]
    return found


def wait_released(session: Session, app: str, environment: str) -> bool:
    """Wait until AWS has taken its interfaces away; False where there was none, or one stays."""
    if not managed(session, app, environment):
        return False
    released = until(
        session,
        lambda: None if managed(session, app, environment) else True,
        15,
        PATIENCE / session.target.pace,
    )
    return released is not None


def _filters(app: str, environment: str) -> Any:
    tags = naming.tags(app, environment).items()
    return [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags]
