"""A bucket policy's Deny with a condition applies only where the condition holds (S3 user guide,
"Bucket policies").

moto ignores conditions: the usual "deny what is not TLS" denies everything. The rehearsal has no
TLS to AWS APIs, so conditional denies are left out, and the report says so.
Test: tests/emulator/test_s3.py::test_tls_only_bucket_can_be_used.
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import models


def apply() -> None:
    """Leave conditional denies out; let versioned buckets with delete markers be emptied."""
    original = models.FakeBucket.get_permission

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        saved = self.policy
        document = json.loads(saved.decode() if isinstance(saved, bytes) else saved)
        listed = document["Statement"]
        statements = listed if isinstance(listed, list) else [listed]
        kept = [s for s in statements if not (s["Effect"] == "Deny" and s.get("Condition"))]
        if not kept:
            return PermissionResult.NEUTRAL
        try:
            self.policy = json.dumps({**document, "Statement": kept}).encode()
            return original(self, action, resource)
        finally:
            self.policy = saved

    models.FakeBucket.get_permission = get_permission
    models.FakeDeleteMarker.dispose = lambda self, garbage=False: None
