"""Service Quotas answers for balancers, addresses and vCPUs too (AWS General Reference, "Elastic
Load Balancing endpoints and quotas", "Amazon EC2 endpoints and quotas": 50 and 5 by region; "AWS
Fargate endpoints and quotas": 6 vCPUs).

moto knows the VPC's quotas only.
Test: tests/end_to_end/test_deploy.py::test_verify_reports_what_would_fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

from seatrial_emulator.api.patches.patch import wrap

KNOWN = {
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 6),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 6),
}


def apply() -> None:
    """Answer with AWS's default values."""
    wrap(ServiceQuotasBackend, "get_service_quota", _get_quota)


def _get_quota(
    get_quota: Callable[..., dict[str, Any]], self: Any, service_code: str, quota_code: str
) -> dict[str, Any]:
    if (service_code, quota_code) not in KNOWN:
        return get_quota(self, service_code, quota_code)
    name, value = KNOWN[(service_code, quota_code)]
    return {
        "ServiceCode": service_code,
        "QuotaCode": quota_code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
