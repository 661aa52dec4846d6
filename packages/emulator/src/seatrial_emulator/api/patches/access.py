"""IAM evaluates a statement's resource and trust by service (IAM user guide, "Policy evaluation
logic").

moto reads ``*`` as a regular expression without escaping the rest, and cannot read a
trust policy that names a service; it checks some signatures and not others, so that ``api.gate``
does it; and it asks for ``s3:HeadBucket``, which is no action: HeadBucket needs ``s3:ListBucket``
(S3 API reference). Test: tests/emulator/test_patches.py::test_grant_by_arn.
"""

from __future__ import annotations

import re
from typing import Any

from moto.iam import access_control
from moto.s3 import responses as s3_responses


def apply() -> None:
    """Match patterns as IAM does, and read trust by service."""
    s3_responses.ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
    access_control.IAMPolicyStatement._match = staticmethod(match)
    access_control.IAMRequestBase.check_signature = _was_checked
    original = access_control.IAMPolicyStatement._check_principal

    def check_principal(self: Any, principal: str) -> Any:
        expected = self._statement.get("Principal")
        if isinstance(expected, dict) and "AWS" not in expected:
            return False
        return original(self, principal)

    access_control.IAMPolicyStatement._check_principal = check_principal


def _was_checked(self: Any) -> None:
    """Check nothing: no request comes here whose signature does not hold."""


def match(pattern: str, text: str) -> re.Match[str] | None:
    """Match as IAM does: ``*`` is any text, ``?`` one character, the rest is literal."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL | re.IGNORECASE)
