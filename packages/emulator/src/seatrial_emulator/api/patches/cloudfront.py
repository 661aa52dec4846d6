"""CloudFront keeps an origin's VPC origin and access control, its functions and response headers
(API reference, Origin, CacheBehavior).

moto loses these fields and fills in values of the older cache settings.
Test: tests/end_to_end/test_apply.py (its second plan would not be empty).
"""

from __future__ import annotations

from typing import Any

from moto.cloudfront import models


def apply() -> None:
    """Keep what moto loses of a distribution."""
    origin, behaviour = models.Origin.__init__, models.DefaultCacheBehaviour.__init__
    certificate = models.ViewerCertificate.__init__

    def init_origin(self: Any, given: dict[str, Any]) -> None:
        origin(self, given)
        self.origin_access_control_id = given.get("OriginAccessControlId") or ""
        if given.get("VpcOriginConfig"):
            self.vpc_origin_config = given["VpcOriginConfig"]

    def init_behaviour(self: Any, given: dict[str, Any]) -> None:
        behaviour(self, given)
        if self.cache_policy_id:
            self.forwarded_values = None
        if given.get("OriginRequestPolicyId"):
            self.origin_request_policy_id = given["OriginRequestPolicyId"]
        if given.get("FunctionAssociations"):
            self.function_associations = given["FunctionAssociations"]

    def init_certificate(self: Any, given: dict[str, Any]) -> None:
        certificate(self, given)
        if given.get("CloudFrontDefaultCertificate") in (True, "true"):
            self.ssl_support_method = None
        if given.get("ACMCertificateArn"):
            self.cloud_front_default_certificate = False

    models.Origin.__init__ = init_origin
    models.DefaultCacheBehaviour.__init__ = init_behaviour
    models.ViewerCertificate.__init__ = init_certificate
