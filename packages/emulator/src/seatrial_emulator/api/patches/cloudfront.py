"""CloudFront keeps an origin's VPC origin and access control, its functions and response headers
(API reference, Origin, CacheBehavior).

moto loses these fields and fills in values of the older cache settings.
Test: tests/end_to_end/test_apply.py (its second plan would not be empty).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudfront import models

from seatrial_emulator.api.patches.patch import wrap

Init = Callable[..., None]


def apply() -> None:
    """Keep what moto loses of a distribution."""
    wrap(models.Origin, "__init__", _init_origin)
    wrap(models.DefaultCacheBehaviour, "__init__", _init_behaviour)
    wrap(models.ViewerCertificate, "__init__", _init_certificate)


def _init_origin(init: Init, self: Any, given: dict[str, Any]) -> None:
    init(self, given)
    self.origin_access_control_id = given.get("OriginAccessControlId") or ""
    if given.get("VpcOriginConfig"):
        self.vpc_origin_config = given["VpcOriginConfig"]


def _init_behaviour(init: Init, self: Any, given: dict[str, Any]) -> None:
    init(self, given)
    if self.cache_policy_id:
        self.forwarded_values = None
    if given.get("OriginRequestPolicyId"):
        self.origin_request_policy_id = given["OriginRequestPolicyId"]
    if given.get("FunctionAssociations"):
        self.function_associations = given["FunctionAssociations"]


def _init_certificate(init: Init, self: Any, given: dict[str, Any]) -> None:
    init(self, given)
    if given.get("CloudFrontDefaultCertificate") in (True, "true"):
        self.ssl_support_method = None
    if given.get("ACMCertificateArn"):
        self.cloud_front_default_certificate = False
