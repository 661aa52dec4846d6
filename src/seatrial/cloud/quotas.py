"""Service Quotas: how much of a kind an account may still have in a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.cloud.session import Session, aws_errors


@dataclass(frozen=True)
class _Kind:
    """A quota's place in Service Quotas, and the call that counts what there is."""

    service: str
    code: str
    client: str
    call: str
    rows: str


# Codes: AWS General Reference, "Service endpoints and quotas" of each service.
KINDS = {
    "VPCs": _Kind("vpc", "L-F678F1CE", "ec2", "describe_vpcs", "Vpcs"),
    "load balancers": _Kind(
        "elasticloadbalancing", "L-53DA6B97", "elbv2", "describe_load_balancers", "LoadBalancers"
    ),
    "public addresses": _Kind("ec2", "L-0263D0A3", "ec2", "describe_addresses", "Addresses"),
}


def room(session: Session, what: str) -> int:
    """Return how many more of a kind may be made; raises UserError where AWS does not say."""
    kind = KINDS[what]
    with aws_errors(f"to say how many {what} the account may have"):
        found: Mapping[str, Any] = session.client("service-quotas").get_service_quota(
            ServiceCode=kind.service, QuotaCode=kind.code
        )
        rows = getattr(session.client(kind.client), kind.call)()[kind.rows]
    return int(found["Quota"]["Value"]) - len(rows)


def exists(session: Session, cluster: str) -> bool:
    """Return whether an environment's cluster is there."""
    with aws_errors("to look for the cluster"):
        rows = session.client("ecs").describe_clusters(clusters=[cluster])["clusters"]
    return any(row["status"] == "ACTIVE" for row in rows)


# Codes of vCPU quotas, by capacity provider (AWS General Reference, "AWS Fargate endpoints and
# quotas"): 6 in a new account.
VCPUS = {"FARGATE": "L-3032A538", "FARGATE_SPOT": "L-36FBB829"}


def vcpus(session: Session, provider: str) -> float:
    """Return how many vCPUs all tasks of the account may have; raises UserError where unknown."""
    with aws_errors("to say how many vCPUs the account may have on Fargate"):
        found = session.client("service-quotas").get_service_quota(
            ServiceCode="fargate", QuotaCode=VCPUS[provider]
        )
    return float(found["Quota"]["Value"])
